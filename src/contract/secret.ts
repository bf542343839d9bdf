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
