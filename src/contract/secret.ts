/**
 * A secret from the environment or a file. Prints, logs and serialises as `{{name}}`; only `reveal()` tells the value.
 * Transports replace it in traces with `hide()`.
 */
export class Secret {
  /** Where it comes from, for people: `env:SERVICENOW_PASSWORD`. */
  readonly name: string;
  readonly #value: string;
  #forms: readonly string[] | null = null;

  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** The text with every occurrence of the secret, plain, Base64, URL-encoded or XML-escaped, replaced by its name. */
  hide(text: string): string {
    if (this.#value === '') return text;
    let hidden = text;
    this.#forms ??= formsOf(this.#value);
    for (const form of this.#forms) if (hidden.includes(form)) hidden = hidden.replaceAll(form, `{{${this.name}}}`);
    return hidden;
  }

  /** The same in bytes, be they UTF-8 or UTF-16: what has no secret in it stays as it is, whatever it is. */
  hideIn(bytes: Uint8Array): Uint8Array {
    if (this.#value === '') return bytes;
    this.#forms ??= formsOf(this.#value);
    let hidden = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const form of this.#forms)
      for (const encode of encodings) {
        const needle = encode(form);
        if (hidden.includes(needle)) hidden = replaced(hidden, needle, encode(`{{${this.name}}}`));
      }
    return hidden;
  }

  toString(): string {
    return `{{${this.name}}}`;
  }

  toJSON(): string {
    return `{{${this.name}}}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `{{${this.name}}}`;
  }
}

function formsOf(value: string): string[] {
  const xml = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [...new Set([value, Buffer.from(value).toString('base64'), encodeURIComponent(value), xml, xml.replaceAll('"', '&quot;')])];
}

const encodings: readonly ((text: string) => Buffer)[] = [
  (text) => Buffer.from(text),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.from(text, 'utf16le').swap16(),
];

function replaced(bytes: Buffer, needle: Buffer, by: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, from)) {
    parts.push(bytes.subarray(from, at), by);
    from = at + needle.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
