import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { correlationOf } from '../correlation.ts';
import { type DecodedRecord } from '../codecs/record-codec.ts';
import { NamePattern } from '../places/name-pattern.ts';
import { NameTemplate } from '../places/name-template.ts';
import { type ReplyFile } from './reply.ts';

const hole = '{correlation}';
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What is read of reply files of one kind: which names are theirs, and what they are replies to. Pure. */
export class ReplyPlan {
  /** Its name in the layout; the first part of its correlations. */
  readonly name: string;
  readonly reply: ReplyFile<unknown>;
  readonly pattern: NamePattern;
  readonly marker: NameTemplate | null;
  readonly #correlation: NameTemplate | null;
  readonly #around: { readonly before: string; readonly after: string } | null;

  /** @throws GatehouseError LAYOUT_MISSING when name, template or record types do not go together */
  constructor(name: string, reply: ReplyFile<unknown>) {
    const broken = (why: string): GatehouseError => new GatehouseError('LAYOUT_MISSING', `the reply file ${name}: ${why}`);
    if (!/^[A-Za-z][\w-]{0,60}$/.test(name)) throw broken('its name is a letter, then letters, digits, _ and -');
    this.name = name;
    this.reply = reply;
    const [before = '', after, ...more] = reply.name.split(hole);
    if ((reply.by === 'name') !== (after !== undefined && more.length === 0))
      throw broken(`'${reply.name}' has ${hole} ${reply.by === 'name' ? 'not once, and the name is to tell' : 'although the name tells nothing'}`);
    if (reply.by === 'name' && /[*?]/.test(before + (after ?? ''))) throw broken(`'${reply.name}' has a wild card beside ${hole}`);
    if (reply.by !== 'name' && reply.correlation === undefined) throw broken('it has no correlation');
    if (reply.by === 'field' && reply.of === undefined) throw broken('it does not say in which record its correlation is');
    this.#around = reply.by === 'name' ? { before, after: after ?? '' } : null;
    this.pattern = new NamePattern(this.#around === null ? reply.name : `${before}*${after ?? ''}`);
    this.#correlation = reply.by === 'name' || reply.correlation === undefined ? null : new NameTemplate(reply.correlation);
    this.marker = typeof reply.complete === 'object' && 'marker' in reply.complete ? new NameTemplate(reply.complete.marker) : null;
  }

  /** Whether records of this type answer, or are part of the answer. */
  answers(type: string): boolean {
    return Object.hasOwn(this.reply.records, type);
  }

  /** What a file of this name replies to; null when the name does not tell. */
  correlationOfName(name: Buffer): string | null {
    if (this.#around === null) return null;
    let text: string;
    try {
      text = utf8.decode(name);
    } catch {
      return null;
    }
    const { before, after } = this.#around;
    return correlationOf(this.name, text.slice(before.length, text.length - after.length));
  }

  /** What a record replies to; null when it does not tell. */
  correlationOfRecord({ value }: DecodedRecord): string | null {
    try {
      return this.#correlation === null ? null : correlationOf(this.name, this.#correlation.textFor({ atMs: 0, fields: value }));
    } catch (error) {
      if (error instanceof GatehouseError) return null;
      throw error;
    }
  }

  /** What is wrong with `answer` as an answer that such a file gives. */
  violations(answer: Json): readonly string[] {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
    const { file, ...rest } = answer;
    const named = typeof file === 'string' && file !== '' ? [] : ['file is the name of the reply file'];
    if (this.reply.by === 'record') return [...named, ...this.#recordViolations(rest, 'the answer')];
    const { records, ...more } = rest;
    const unknown = Object.keys(more).map((key) => `${key.slice(0, 40)} is no field of the answer`);
    if (!Array.isArray(records)) return [...named, ...unknown, 'records is a list'];
    return [...named, ...unknown, ...records.flatMap((record, index) => this.#recordViolations(record, `record ${index + 1}`))];
  }

  #recordViolations(given: Json, what: string): readonly string[] {
    const { record, value, ...more } = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
    const [unknown] = Object.keys(more);
    if (unknown !== undefined) return [`${what}: ${unknown.slice(0, 40)} is not known beside record and value`];
    if (typeof record !== 'string' || !this.answers(record)) return [`${what}: record is one of ${Object.keys(this.reply.records).join(', ')}`];
    return this.reply.codec.violations(record, value ?? null).map((why) => `${what}: ${why}`);
  }
}
