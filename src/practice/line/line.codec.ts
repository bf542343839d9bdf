import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';

/**
 * The protocol of the practice depot: text lines in UTF-8, a verb and fields `KEY=value`, every value percent-encoded, so that no payload
 * can end a line or begin a field.
 */
export interface Line {
  readonly verb: string;
  readonly fields: Readonly<Record<string, string>>;
}

const maxLineBytes = 8_192;

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS when a value cannot be carried */
export function encodeLine({ verb, fields }: Line): string {
  const words = Object.entries(fields).map(([key, value]) => {
    if (!value.isWellFormed()) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${verb} ${key}: half a surrogate pair is no text`);
    return `${key}=${encodeURIComponent(value)}`;
  });
  const line = [verb, ...words].join(' ');
  if (line.length > maxLineBytes)
    throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${verb} has ${line.length} bytes; a line has at most ${maxLineBytes}`);
  return line;
}

/** @throws GatehouseError NO_ANSWER when it is no line of the protocol */
export function decodeLine(text: string): Line {
  const [verb = '', ...words] = text.split(' ');
  if (!/^[A-Z]{1,16}$/.test(verb) || text.length > maxLineBytes)
    throw new GatehouseError('NO_ANSWER', `the depot sent a line of ${text.length} characters that begins with no verb`);
  const fields: [string, string][] = words.map((word) => {
    const match = /^([A-Za-z]{1,32})=([\x21-\x7e]*)$/.exec(word);
    if (match === null) throw new GatehouseError('NO_ANSWER', `${verb}: a field is no KEY=value`);
    try {
      return [match[1] as string, decodeURIComponent(match[2] as string)];
    } catch (error) {
      throw new GatehouseError('NO_ANSWER', `${verb} ${match[1]}: the value is not percent-encoded UTF-8`, { cause: error });
    }
  });
  return { verb, fields: Object.fromEntries(fields) };
}

/** What each call takes and answers. Data: the transport is told by it what to send, what to check, and what commits. */
export interface LineCall {
  readonly verb: string;
  readonly takes: readonly string[];
  readonly answers: Readonly<Record<string, 'text' | 'number' | 'flag'>>;
  /** Answered by `PREPARED token`; only the `COMMIT token` after it has an effect. */
  readonly twoPhase?: boolean;
  /** The field that is the correlation of a reply that comes later, and how long it is awaited, ms. */
  readonly later?: { readonly correlation: string; readonly withinMs: number };
}

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS naming the argument */
export function requestOf(name: string, call: LineCall, args: Json): Line {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${name} takes an object`);
  const unknown = Object.keys(args).find((key) => !call.takes.includes(key));
  if (unknown !== undefined) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${name} takes no argument '${unknown.slice(0, 32)}'`);
  const fields = call.takes.map((key): [string, string] => {
    const value = args[key];
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${name}: '${key}' is missing or neither text nor number`);
    return [key, String(value)];
  });
  return { verb: call.verb, fields: Object.fromEntries(fields) };
}

/** @throws GatehouseError NO_ANSWER when a field is missing or of another kind */
export function answerOf(name: string, call: LineCall, line: Line): Json {
  const answer: Record<string, Json> = {};
  for (const [key, kind] of Object.entries(call.answers)) {
    const text = line.fields[key];
    if (text === undefined) throw new GatehouseError('NO_ANSWER', `${name}: the answer has no ${key}`);
    if (kind === 'number' && !/^-?\d+$/.test(text)) throw new GatehouseError('NO_ANSWER', `${name}: ${key} in the answer is no number`);
    answer[key] = kind === 'number' ? Number(text) : kind === 'flag' ? text === 'yes' : text;
  }
  return answer;
}

export function violationsOf(call: LineCall | undefined, answer: Json): string[] {
  if (call === undefined) return ['there is no such call'];
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
  if ('refused' in answer)
    return typeof answer['refused'] === 'string' && typeof answer['reason'] === 'string' ? [] : ['a refusal has the texts refused and reason'];
  const kinds = { text: 'string', number: 'number', flag: 'boolean' } as const;
  const wrong = Object.entries(call.answers)
    .filter(([key, kind]) => typeof answer[key] !== kinds[kind])
    .map(([key, kind]) => `${key} must be a ${kind}`);
  return [
    ...wrong,
    ...Object.keys(answer)
      .filter((key) => !(key in call.answers))
      .map((key) => `${key.slice(0, 32)} is no field of the answer`),
  ];
}
