import { createHash } from 'node:crypto';
import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type LaterVerdict, type Part } from '../../../contract/transport.ts';
import { type BadRecord, type Decoded, type DecodedRecord, type RecordCodec, isBad } from '../codecs/record-codec.ts';
import { type Place } from '../places/place.ts';
import { type Claim } from './claim.ts';
import { type ReplyPlan } from './reply.plan.ts';

/** Replies handed in side by side share a commit of the journal. */
const sideBySide = 64;
/** Bad records of one file that are shown; the rest is counted. */
const mostShown = 50;
const shownBytes = 4_096;

export interface ShownRecord {
  readonly number: number;
  /** Byte offset in the file. */
  readonly offset: number;
  readonly length: number;
  readonly why: string;
  /** The first bytes, Base64. */
  readonly bytes: string;
}

/** What became of a file. */
export interface ReadReport {
  /** Why it answers nobody, or why reading ended before its end; null when it was read. */
  refused: string | null;
  records: number;
  badRecords: number;
  readonly shown: ShownRecord[];
  readonly verdicts: Record<LaterVerdict, number>;
}

export interface ReaderSurroundings {
  readonly place: Place;
  readonly clock: Clock;
  readonly maxReplyBytes: number;
  replied(correlation: string, answer: Json, parts: readonly Part[], key: string): Promise<LaterVerdict>;
}

type Chunks = () => AsyncIterable<Uint8Array>;

/** The file, not the place, is at fault: reading on, or again, would not help. */
class Unreadable extends Error {}

/**
 * Reads a claimed file and hands its replies in, each under a key of claim and record, so that a file that is read again after a crash answers
 * nothing twice.
 */
export class ReplyReader {
  readonly #around: ReaderSurroundings;

  constructor(around: ReaderSurroundings) {
    this.#around = around;
  }

  /**
   * Resolves when every reply is durable. `stopping` is asked between two chunks.
   * @throws GatehouseError of the place or the journal, or STOPPING: the file is to be read again later
   */
  async read(plan: ReplyPlan, claim: Claim, signal: AbortSignal, stopping: () => boolean): Promise<ReadReport> {
    const report: ReadReport = { refused: null, records: 0, badRecords: 0, shown: [], verdicts: { answered: 0, evidence: 0, candidate: 0 } };
    try {
      const chunks = (): AsyncIterable<Uint8Array> => this.#chunks(claim, signal, stopping);
      if (plan.reply.by === 'record') await this.#each(plan, claim, report, chunks);
      else await this.#whole(plan, claim, report, chunks);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      report.refused = error.message;
    }
    return report;
  }

  async #each(plan: ReplyPlan, claim: Claim, report: ReadReport, chunks: Chunks): Promise<void> {
    const strict = plan.reply.onBad !== 'record';
    const [first, second] = [createHash('sha256'), createHash('sha256')];
    if (strict) {
      for await (const records of this.#decoded(plan.reply.codec, chunks(), (chunk) => void first.update(chunk)))
        for (const record of records) if (isBad(record) || isMute(plan, record)) note(report, record, unnamed);
      refuseBad(report);
    }
    for await (const records of this.#decoded(plan.reply.codec, chunks(), (chunk) => void second.update(chunk))) {
      report.records += records.length;
      const answering: DecodedRecord[] = [];
      for (const record of records) {
        if (isBad(record) || isMute(plan, record)) {
          if (!strict) note(report, record, unnamed);
        } else if (plan.answers(record.type)) answering.push(record);
      }
      for (let at = 0; at < answering.length; at += sideBySide)
        await Promise.all(answering.slice(at, at + sideBySide).map((record) => this.#answer(plan, claim, record, report)));
    }
    if (strict && !first.digest().equals(second.digest()))
      throw new GatehouseError(
        'FILE_CHANGED',
        `${this.#around.place.name}: '${claim.shownName}' was written to while it was read; it is read again, see who still writes to it`,
      );
  }

  async #answer(plan: ReplyPlan, claim: Claim, record: DecodedRecord, report: ReadReport): Promise<void> {
    const answer: Json = { file: claim.shownName, record: record.type, value: { ...record.value } };
    const parts = [this.#received(record.bytes), this.#note({ file: claim.shownName, record: record.number, offset: record.offset })];
    report.verdicts[await this.#around.replied(plan.correlationOfRecord(record) ?? '', answer, parts, `${claim.token} ${record.number}`)] += 1;
  }

  async #whole(plan: ReplyPlan, claim: Claim, report: ReadReport, chunks: Chunks): Promise<void> {
    const { by, of, onBad } = plan.reply;
    const kept: { record: string; value: Json }[] = [];
    const bytes: Uint8Array[] = [];
    let correlation = plan.correlationOfName(claim.name);
    const keep = (chunk: Uint8Array): void => void bytes.push(chunk);
    for await (const records of this.#decoded(plan.reply.codec, chunks(), keep)) {
      report.records += records.length;
      for (const record of records) {
        if (isBad(record)) note(report, record, '');
        else {
          if (by === 'field' && record.type === of) correlation ??= plan.correlationOfRecord(record);
          if (plan.answers(record.type)) kept.push({ record: record.type, value: { ...record.value } });
        }
      }
    }
    if (onBad !== 'record') refuseBad(report);
    if (correlation === null)
      throw new Unreadable(by === 'name' ? 'its name does not tell what it replies to' : `no record ${of} tells what it replies to`);
    const parts = [this.#received(Buffer.concat(bytes)), this.#note({ file: claim.shownName, records: report.records })];
    report.verdicts[await this.#around.replied(correlation, { file: claim.shownName, records: kept }, parts, claim.token)] += 1;
  }

  /** The records of the file, as many at a time as a chunk has. @throws Unreadable when it cannot be divided into records */
  async *#decoded(codec: RecordCodec, chunks: AsyncIterable<Uint8Array>, keep?: (chunk: Uint8Array) => void): AsyncGenerator<readonly Decoded[]> {
    const decoder = codec.decoder();
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      if (keep !== undefined && size > this.#around.maxReplyBytes)
        throw new Unreadable(`it has more than ${this.#around.maxReplyBytes} bytes, the most that one answer may have (maxReplyBytes)`);
      keep?.(chunk);
      yield divided(() => decoder.push(chunk));
    }
    yield divided(() => decoder.end());
  }

  async *#chunks(claim: Claim, signal: AbortSignal, stopping: () => boolean): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#around.place.read(claim.path, signal)) {
        if (stopping()) throw new GatehouseError('STOPPING', `the gateway is stopping; '${claim.shownName}' is read again at the next start`);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof GatehouseError && error.code === 'FILE_DENIED') throw new Unreadable(error.message, { cause: error });
      throw error;
    }
  }

  #received(bytes: Uint8Array): Part {
    return { kind: 'received', atMs: this.#around.clock.wallMs(), media: 'application/octet-stream', bytes: Buffer.from(bytes) };
  }

  #note(what: object): Part {
    return { kind: 'note', atMs: this.#around.clock.wallMs(), media: 'application/json', bytes: Buffer.from(JSON.stringify(what)) };
  }
}

const unnamed = 'it does not tell what it replies to';

const isMute = (plan: ReplyPlan, record: DecodedRecord): boolean => plan.answers(record.type) && plan.correlationOfRecord(record) === null;

function divided(decode: () => Decoded[]): Decoded[] {
  try {
    return decode();
  } catch (error) {
    if (error instanceof GatehouseError) throw new Unreadable(error.message, { cause: error });
    throw error;
  }
}

function note(report: ReadReport, record: BadRecord | DecodedRecord, otherwise: string): void {
  report.badRecords += 1;
  if (report.shown.length >= mostShown) return;
  const { number, offset, length, bytes } = record;
  const why = isBad(record) ? record.error.message : otherwise;
  report.shown.push({ number, offset, length, why, bytes: Buffer.from(bytes.subarray(0, shownBytes)).toString('base64') });
}

function refuseBad({ badRecords, shown }: ReadReport): void {
  if (badRecords > 0) throw new Unreadable(`it has ${badRecords} bad record(s), the first: ${shown[0]?.why ?? ''}`);
}
