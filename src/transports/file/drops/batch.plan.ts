import { type BatchMember, type Gathering } from '../../../contract/batch.ts';
import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type RecordEncoder } from '../codecs/record-codec.ts';
import { NameTemplate, type NameValues } from '../places/name-template.ts';
import { type BatchOptions } from './drop.ts';
import { type Content, type DropFile, type DropPlan } from './drop.plan.ts';

const mostEvents = 10_000;
const bytesByDefault = 10_000_000;
/** The file is made in memory: nothing goes to the place before all of it fits. */
const mostBytes = 100_000_000;
const hourMs = 3_600_000;
const longestGroup = 400;

/** A batch as a file, or the members that keep it from being one. */
export type BatchFile = { readonly file: DropFile } | { readonly refused: readonly { readonly call: number; readonly error: GatehouseError }[] };

/** One event of a batch. */
export interface Member {
  readonly gathering: Gathering;
  /** Its records, without header and trailer. */
  readonly bytes: Uint8Array;
  /** The file that it would be with no other event in it. */
  readonly alone: DropFile;
}

/** What a drop with `batch` does with the arguments of one event, and with those of all. Pure. */
export class BatchPlan {
  readonly #call: string;
  readonly #plan: DropPlan;
  readonly #by: NameTemplate | null;
  readonly #close: Gathering['close'];

  /** @throws GatehouseError LAYOUT_MISSING when the drop cannot be one of batches */
  constructor(call: string, plan: DropPlan, { close, by }: BatchOptions, replyBy: string | null) {
    const wrong = (why: string): GatehouseError => new GatehouseError('LAYOUT_MISSING', `the batches of the drop ${call} ${why}`);
    const { events, bytes, afterMs } = close;
    if (events === undefined && bytes === undefined && afterMs === undefined) throw wrong('never close: say one of events, bytes, afterMs');
    for (const limit of [events, bytes, afterMs])
      if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0))
        throw wrong(`have the limit ${limit}, which is no whole number above 0`);
    if (events !== undefined && events > mostEvents) throw wrong(`may hold ${events} events; ${mostEvents} are possible`);
    if (bytes !== undefined && bytes > mostBytes) throw wrong(`may hold ${bytes} bytes; ${mostBytes} are possible`);
    if (plan.drop.ifExists === 'number') throw wrong(`cannot number names that are taken: a batch is found again by its one name; use {sequence}`);
    if (replyBy !== null && replyBy !== 'record') throw wrong(`await a reply by '${replyBy}'; each event needs a record of its own: by 'record'`);
    this.#by = by === undefined ? null : new NameTemplate(by, plan.drop.zone);
    const foreign = plan.fields.find((field) => this.#by?.fields.includes(field) !== true);
    if (foreign !== undefined) throw wrong(`have '${foreign}' in a name or in control, which is not the same in all events: name it in by`);
    if (plan.drop.reply !== undefined && new NameTemplate(plan.drop.reply.correlation, plan.drop.zone).ofFile)
      throw wrong('have a correlation made of the file; it must be made of the event');
    this.#call = call;
    this.#plan = plan;
    this.#close = { events: events ?? mostEvents, bytes: bytes ?? bytesByDefault, afterMs: afterMs ?? hourMs };
  }

  /**
   * One event, held against its layout as if it were alone in the file, which has this number.
   * @throws GatehouseError CALL_REFUSED_ARGUMENTS
   */
  member(args: Json, atMs: number, sequence = 1): Member {
    const content = this.#contentOf(args);
    const values = { atMs, sequence, fields: content.fields };
    const group = this.#by?.textFor(values) ?? '';
    if (group.length > longestGroup) throw this.#refused(`its group has ${group.length} characters; ${longestGroup} are possible`);
    const encoder = this.#plan.encoderFor({}, values);
    const header = encoder.begin();
    const pieces = content.records.map(({ type, value }) => encoder.record(type, value));
    const trailer = encoder.end();
    const bytes = Buffer.concat(pieces);
    const alone = this.#plan.fileOf(Buffer.concat([header, bytes, trailer]), values);
    return { gathering: { group, bytes: bytes.byteLength, close: this.#close, correlation: this.#plan.correlation(values) }, bytes, alone };
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when header, trailer or name do not fit; the layout is at fault then */
  async file(members: AsyncIterable<BatchMember>, { atMs, sequence }: { atMs: number; sequence: number | null }): Promise<BatchFile> {
    const pieces: Uint8Array[] = [];
    const refused: { call: number; error: GatehouseError }[] = [];
    const valuesWith = (fields: Content['fields']): NameValues => ({ atMs, fields, ...(sequence === null ? {} : { sequence }) });
    let fields: Content['fields'] = {};
    let encoder: RecordEncoder | null = null;
    for await (const { call, args } of members) {
      let content: Content;
      try {
        content = this.#contentOf(args);
      } catch (error) {
        refused.push({ call, error: asGatehouseError(error) });
        continue;
      }
      if (encoder === null) {
        fields = content.fields;
        encoder = this.#plan.encoderFor({}, valuesWith(fields));
        pieces.push(encoder.begin());
      }
      try {
        for (const { type, value } of content.records) pieces.push(encoder.record(type, value));
      } catch (error) {
        refused.push({ call, error: asGatehouseError(error) });
      }
    }
    if (refused.length > 0) return { refused };
    if (encoder === null) throw new GatehouseError('CHANGED', `${this.#call}: the batch has no members any more`);
    pieces.push(encoder.end());
    return { file: this.#plan.fileOf(Buffer.concat(pieces), valuesWith(fields)) };
  }

  /** What names of the file take their fields from: those of its first member, which all have alike. */
  async fieldsOf(members: AsyncIterable<BatchMember>): Promise<Content['fields']> {
    for await (const { args } of members) return this.#contentOf(args).fields;
    return {};
  }

  #contentOf(args: Json): Content {
    const content = this.#plan.contentOf(args);
    if (Object.keys(content.control).length > 0) throw this.#refused('control is given by one event; in a batch it comes from the layout');
    if (content.records.length === 0) throw this.#refused('it has no record');
    return content;
  }

  #refused(why: string): GatehouseError {
    return new GatehouseError('CALL_REFUSED_ARGUMENTS', `${this.#call}: ${why}; nothing was sent`);
  }
}
