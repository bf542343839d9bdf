const ESC = 0x1b;
/** A C1 control is two bytes of UTF-8; its first. */
const C1 = 0xc2;
const bell = 0x07;
const [cancel, substitute] = [0x18, 0x1a];

/** What insert, delete, scroll, erase and repeat end in: their number says how often. @see ECMA-48, section 8.3 */
const repeating = /[LMSTb@PXIZ}~A]$/;
/** The longest sequence that means something: a colour for each of its numbers. */
const longest = 4_096;

/**
 * Takes the sting out of sequences that say "a hundred million times": xterm does them as often as they say, so that thirteen bytes of a
 * host stop the process for minutes. More often than the screen has rows or columns is no different to see. Bytes in, bytes out; a
 * sequence that has come in part is held back until the rest is there.
 */
export class RepeatBounds {
  #held: Buffer = Buffer.alloc(0);
  /** Within the text of a title, a query and the like, where nothing is done. */
  #inString = false;
  /** Within a sequence that is too long to mean anything: left out up to its end. */
  #skipping = false;

  bound(bytes: Uint8Array, most: number): Uint8Array {
    if (this.#held.length === 0 && !this.#inString && !this.#skipping && !bytes.includes(ESC) && !bytes.includes(C1)) return bytes;
    const data = Buffer.concat([this.#held, bytes]);
    this.#held = Buffer.alloc(0);
    const parts: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < data.length) {
      if (this.#skipping) {
        const end = sequenceEnd(data, at);
        at = from = end ?? data.length;
        this.#skipping = end === null;
        continue;
      }
      if (this.#inString && isStringEnd(data, at)) this.#inString = false;
      const begins = introducer(data, at);
      if (begins === 'more') break;
      if (begins === 'string') this.#inString = true;
      if (begins === 'sequence') {
        this.#inString = false;
        const end = sequenceEnd(data, at + 2);
        if (end === null) break;
        const sequence = data.toString('latin1', at, end);
        if (repeating.test(sequence) && /\d{3}/.test(sequence)) {
          parts.push(data.subarray(from, at), Buffer.from(bounded(sequence, most), 'latin1'));
          from = end;
        }
        at = end;
        continue;
      }
      at += begins === null ? 1 : 2;
    }
    parts.push(data.subarray(from, at));
    if (data.length - at > longest) this.#skipping = true;
    else this.#held = Buffer.from(data.subarray(at));
    return Buffer.concat(parts);
  }
}

/** What begins here; `more` when that is not yet certain. */
function introducer(data: Buffer, at: number): 'sequence' | 'string' | 'more' | null {
  const [first, second] = [data[at], data[at + 1]];
  if (first !== ESC && first !== C1) return null;
  if (second === undefined) return 'more';
  const code = first === ESC ? second + 0x40 : second;
  if (code === 0x9b) return 'sequence';
  return code === 0x90 || code === 0x98 || code === 0x9d || code === 0x9e || code === 0x9f ? 'string' : null;
}

function isStringEnd(data: Buffer, at: number): boolean {
  const byte = data[at];
  return byte === bell || byte === cancel || byte === substitute || byte === ESC || (byte === C1 && data[at + 1] === 0x9c);
}

/** Behind the last byte of a sequence; null while it goes on. What breaks it off ends it too. */
function sequenceEnd(data: Buffer, from: number): number | null {
  for (let at = from; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    if (byte >= 0x40 && byte <= 0x7e) return at + 1;
    if (byte === ESC || byte === C1) return at;
    if (byte === cancel || byte === substitute) return at + 1;
  }
  return null;
}

const bounded = (sequence: string, most: number): string => sequence.replaceAll(/\d+/g, (digits) => String(Math.min(Number(digits), most)));
