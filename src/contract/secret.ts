/**
 * A secret from the environment or a file. Prints, logs and serialises as `{{name}}`; only `reveal()` tells the value.
 * Transports replace it in traces with `hide()`.
 */
export class Secret {
  /** Where it comes from, for people: `env:SERVICENOW_PASSWORD`. */
  readonly name: string;
  readonly #value: string;

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
    const xml = this.#value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const forms = new Set([
      this.#value,
      Buffer.from(this.#value).toString('base64'),
      encodeURIComponent(this.#value),
      xml,
      xml.replaceAll('"', '&quot;'),
    ]);
    let hidden = text;
    for (const form of forms) hidden = hidden.replaceAll(form, `{{${this.name}}}`);
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
