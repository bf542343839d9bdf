import { type Canvas, look } from './canvas.ts';
import { type Key } from './keys.ts';
import { type Field, fieldColumn, putLabel } from './screens.ts';

/** The fields of the screen that stands: where the cursor is, and what typing does to them. */
export class Form {
  readonly #fields: readonly Field[];
  readonly values: Record<string, string>;
  #focus = 0;
  #at: number;

  constructor(fields: readonly Field[], values: Record<string, string> = {}) {
    this.#fields = fields;
    this.values = Object.fromEntries(fields.map(({ name }) => [name, values[name] ?? '']));
    this.#at = this.#value.length;
  }

  get #field(): Field | undefined {
    return this.#fields[this.#focus];
  }

  get #value(): string {
    return this.values[this.#field?.name ?? ''] ?? '';
  }

  /** @returns false when the key does nothing in this form, which rings the bell */
  edit({ name, char }: Key): boolean {
    const field = this.#field;
    if (field === undefined) return false;
    const value = this.#value;
    const set = (text: string, at: number): true => {
      this.values[field.name] = text;
      this.#at = at;
      return true;
    };
    switch (name) {
      case 'char': {
        // One column a character is all this terminal program knows: Latin-1. A full field takes nothing more and does not say so on the screen.
        if (char > '\u00ff' || value.length >= field.length) return false;
        return set(value.slice(0, this.#at) + (field.upper === true ? char.toUpperCase() : char) + value.slice(this.#at), this.#at + 1);
      }
      case 'backspace':
        return this.#at > 0 && set(value.slice(0, this.#at - 1) + value.slice(this.#at), this.#at - 1);
      case 'delete':
        return this.#at < value.length && set(value.slice(0, this.#at) + value.slice(this.#at + 1), this.#at);
      case 'clear-field':
        return set('', 0);
      case 'left':
        return this.#at > 0 && set(value, this.#at - 1);
      case 'right':
        return this.#at < value.length && set(value, this.#at + 1);
      case 'home':
        return set(value, 0);
      case 'end':
        return set(value, value.length);
      case 'tab':
      case 'down':
        return this.#move(1);
      case 'back-tab':
      case 'up':
        return this.#move(-1);
      default:
        return false;
    }
  }

  #move(by: number): true {
    this.#focus = (this.#focus + by + this.#fields.length) % this.#fields.length;
    this.#at = this.#value.length;
    return true;
  }

  draw(page: Canvas): void {
    for (const field of this.#fields) {
      const value = field.hidden === true ? '' : (this.values[field.name] ?? '');
      putLabel(page, field.row, field.label).put(field.row, fieldColumn, value.padEnd(field.length), look.underline);
    }
    const field = this.#field;
    page.cursor =
      field === undefined
        ? { row: page.rows - 1, column: 0 }
        : { row: field.row, column: fieldColumn + (field.hidden === true ? 0 : Math.min(this.#at, field.length)) };
  }
}
