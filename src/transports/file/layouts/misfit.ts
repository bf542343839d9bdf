import { type FieldLayout } from './record-layout.ts';

/**
 * A value or bytes that do not fit a field. Thrown within the area only; whoever knows the record makes a GatehouseError of it. No Error: the
 * alternatives of a REDEFINES misfit by the million, and a stack costs more than the record.
 */
export class Misfit {
  readonly field: FieldLayout | null;
  readonly reason: string;

  constructor(field: FieldLayout | null, reason: string) {
    this.field = field;
    this.reason = reason;
  }

  /** `field lines[2].amount (S9(7)V99 COMP-3): 12345678 has more than 7 digits before the point` */
  sentence(path: readonly (string | number)[]): string {
    if (this.field === null) return this.reason;
    // Within a table or group its own name is the end of the path already.
    const last = path.at(-1);
    const inside = (typeof last === 'number' ? path.at(-2) : this.field.type.kind === 'group' ? last : undefined) === this.field.key;
    const steps = inside ? path : [...path, this.field.key];
    const name = steps.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
    return `field ${name}${this.field.picture === '' ? '' : ` (${this.field.picture})`}: ${this.reason}`;
  }
}

/** A value as a message may show it: at most 40 characters, none that moves a cursor. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string' ? value : typeof value === 'object' && value !== null ? (Array.isArray(value) ? 'a list' : 'an object') : String(value);
  const clipped = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const printable = clipped.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return typeof value === 'string' ? `'${printable}'` : printable;
}

/** Bytes as a message may show them. */
export function shownBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 20)).toString('hex');
  return bytes.length > 20 ? `${hex.slice(0, 38)}… (hexadecimal)` : `${hex} (hexadecimal)`;
}
