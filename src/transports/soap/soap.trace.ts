import { type Clock } from '../../contract/clock.ts';
import { type Secret } from '../../contract/secret.ts';
import { type Part } from '../../contract/transport.ts';

/** Puts what was sent and received into the trace, secrets replaced by their names. */
export class SoapTrace {
  readonly #secrets: readonly Secret[];
  readonly #clock: Clock;
  readonly #trace: (part: Part) => void;

  constructor(secrets: readonly Secret[], clock: Clock, trace: (part: Part) => void) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#trace = trace;
  }

  /** A part with further secrets taken out of it, that were not known when it was written. */
  static without(part: Part, secrets: readonly Secret[]): Part {
    return { ...part, bytes: secrets.reduce((rest: Uint8Array, secret) => secret.hideIn(rest), part.bytes) };
  }

  /** Of a log-in that failed nobody knows what in the answer opens a session: only a fault is kept. */
  static withoutAnswer(part: Part): Part {
    const text = Buffer.from(part.bytes).toString('latin1');
    if (part.kind !== 'received' || /<(?:[\w.-]+:)?Fault[\s>]/.test(text)) return part;
    return { ...part, bytes: Buffer.from(`${text.slice(0, text.indexOf('\r\n\r\n') + 4)}[the answer of a log-in that failed is not kept]`) };
  }

  static note(clock: Clock, text: string): Part {
    return { kind: 'note', atMs: clock.wallMs(), media: 'text/plain', bytes: Buffer.from(text) };
  }

  add(kind: Part['kind'], head: string, body: string | Uint8Array): void {
    const shown = head
      .replaceAll(credentials, (_all, name: string, scheme: string) => `${name}: ${scheme} {{${this.#name()}}}\r\n`)
      .replaceAll(cookies, (_all, set: string | undefined, sent: string | undefined) => `${set ?? sent ?? ''}{{cookie}}`);
    const hiddenHead = this.#hide(shown);
    const bytes =
      typeof body === 'string' ? Buffer.from(hiddenHead + this.#hideBody(body)) : Buffer.concat([Buffer.from(hiddenHead), this.#hideBytes(body)]);
    this.#trace({ kind, atMs: this.#clock.wallMs(), media: 'message/http', bytes });
  }

  /** Bytes stay as they are unless there is a secret in them. */
  #hideBytes(body: Uint8Array): Uint8Array {
    const hidden = this.#secrets.reduce((rest, secret) => secret.hideIn(rest), body);
    const text = Buffer.from(hidden.buffer, hidden.byteOffset, hidden.byteLength).toString('utf8');
    if (!text.includes('Password')) return hidden;
    const masked = text.replaceAll(wssePassword, `$1{{${this.#name()}}}$2`);
    return masked === text ? hidden : Buffer.from(masked);
  }

  /** Of a digest a weak password could be guessed: it is not shown either. */
  #hideBody(text: string): string {
    const hidden = this.#hide(text);
    return hidden.includes('Password') ? hidden.replaceAll(wssePassword, `$1{{${this.#name()}}}$2`) : hidden;
  }

  #hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets) hidden = secret.hide(hidden);
    return hidden;
  }

  #name(): string {
    return this.#secrets[0]?.name ?? 'secret';
  }
}

/** Whatever is shown of a user: scheme by its name, the rest never. */
const credentials = /((?:proxy-)?authorization|www-authenticate): (Basic|Bearer|NTLM|Negotiate) [^\r\n]+\r\n/gi;
/** A cookie is as good as the log-in that it came from. */
const cookies = /^(set-cookie: [^=;\r\n]*=)[^;\r\n]*|^(cookie: )[^\r\n]*/gim;
const wssePassword = /(<(?:[\w-]+:)?Password\b[^<>]*>)[^<]*(<\/)/g;
