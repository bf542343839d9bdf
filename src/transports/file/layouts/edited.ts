import { type Json } from '../../../contract/json.ts';
import { decimalOfDigits, digitsOf } from './decimal.ts';
import { type Conventions, type Leaf, readBlank, writeBlank } from './leaf.ts';
import { Misfit, shown } from './misfit.ts';
import { type FieldLayout, type FieldType, isJsonNumber } from './record-layout.ts';

type Edited = FieldType & { kind: 'edited' };

/** How a picture edits, found once. */
interface Editing {
  /** One a character of the field; CR and DB are taken off the end. */
  readonly symbols: string;
  readonly suffix: 'CR' | 'DB' | '';
  /** `$`, `+` or `-` where it floats: stands more than once. */
  readonly floating: string | null;
  /** Every digit may be suppressed: zero is all blank (or all asterisks). */
  readonly allSuppressed: boolean;
  readonly stars: boolean;
}

function editingOf(symbols: string): Editing {
  const suffix = symbols.endsWith('CR') ? 'CR' : symbols.endsWith('DB') ? 'DB' : '';
  const own = suffix === '' ? symbols : symbols.slice(0, -2);
  const floating = ['$', '+', '-'].find((symbol) => own.split(symbol).length > 2) ?? null;
  return {
    symbols: own,
    suffix,
    floating,
    allSuppressed: !own.includes('9') && (/[Z*]/.test(own) || floating !== null),
    stars: own.includes('*'),
  };
}

/** How many digits a picture shows. A floating symbol's first place shows none. */
export function editedDigits(symbols: string): { readonly digits: number; readonly scale: number } {
  const { symbols: own, floating } = editingOf(symbols);
  let digits = 0;
  let scale = 0;
  let behind = false;
  let first = true;
  for (const symbol of own) {
    if (symbol === '.' || symbol === 'V') behind = true;
    if (symbol === floating && first) {
      first = false;
      continue;
    }
    if (symbol !== floating && !'9Z*'.includes(symbol)) continue;
    digits += 1;
    if (behind) scale += 1;
  }
  return { digits, scale };
}

/** The text of a number. `digits` has one a digit place. */
function format(editing: Editing, type: Edited, digits: Uint8Array, negative: boolean): string {
  const { symbols, suffix, floating, allSuppressed, stars } = editing;
  const zero = digits.every((digit) => digit === 0);
  const sign = (symbol: string): string => (symbol === '$' ? type.currency : negative ? '-' : symbol === '+' ? '+' : ' ');
  if (zero && (type.blankWhenZero || (allSuppressed && !stars))) return ' '.repeat(type.symbols.replaceAll('V', '').length);
  const fill = stars ? '*' : ' ';
  if (zero && allSuppressed) return [...type.symbols.replaceAll('V', '')].map((symbol) => (symbol === '.' ? type.point : '*')).join('');
  const out: string[] = [];
  let at = 0;
  // Suppression begins with the first place that suppresses, and ends with the first digit to be seen or the point.
  let suppressing = false;
  let seen = false;
  const see = (): void => {
    if (seen) return;
    seen = true;
    if (suppressing && floating !== null) out[out.length - 1] = sign(floating);
    suppressing = false;
  };
  for (const symbol of symbols) {
    switch (symbol) {
      case 'V':
        see();
        break;
      case '.':
        see();
        out.push(type.point);
        break;
      case '9':
        see();
        out.push(String(digits[at]));
        at += 1;
        break;
      case 'Z':
      case '*': {
        const digit = digits[at] as number;
        at += 1;
        if (digit !== 0) see();
        if (!seen) suppressing = true;
        out.push(seen ? String(digit) : fill);
        break;
      }
      case ',':
      case '0':
      case 'B':
      case '/': {
        const itself = symbol === 'B' ? ' ' : symbol === ',' ? (type.point === '.' ? ',' : '.') : symbol;
        out.push(suppressing ? fill : itself);
        break;
      }
      default:
        if (symbol !== floating) {
          out.push(sign(symbol));
          break;
        }
        if (!suppressing && !seen) {
          suppressing = true;
          out.push(' ');
          break;
        }
        if (digits[at] !== 0) see();
        out.push(seen ? String(digits[at]) : ' ');
        at += 1;
    }
  }
  return out.join('') + (suffix === '' ? '' : negative ? suffix : '  ');
}

/** A number written for people: `ZZ,ZZ9.99-`. Reading accepts exactly what writing gives for some number. */
export function editedLeaf(field: FieldLayout, type: Edited, conventions: Conventions): Leaf {
  const { page } = conventions;
  const { length } = field;
  const editing = editingOf(type.symbols);
  const asNumber = isJsonNumber(type);
  const scratch = new Uint8Array(type.digits);
  const value = (digits: Uint8Array, negative: boolean): Json => {
    const text = decimalOfDigits(digits.join(''), negative, type.scale);
    return asNumber ? Number(text) : text;
  };
  const zeroValue = value(new Uint8Array(type.digits), false);

  /** The digits that stand in the places of the picture; blanks and asterisks are zeros. */
  const pick = (text: string): void => {
    let place = 0;
    let at = 0;
    let floated = false;
    for (const symbol of editing.symbols) {
      if (symbol === 'V') continue;
      const isFloat = symbol === editing.floating;
      if ('9Z*'.includes(symbol) || (isFloat && floated)) {
        const digit = text.charCodeAt(place) - 48;
        scratch[at] = digit >= 0 && digit <= 9 ? digit : 0;
        at += 1;
      }
      if (isFloat) floated = true;
      place += 1;
    }
  };

  return {
    read: (reading, at) => {
      const text = page.decode(reading.bytes, at, at + length);
      if (typeof text === 'number') throw new Misfit(field, `byte ${text + 1} is no character of code page ${page.name}`);
      pick(text);
      const negative = type.signed && (text.includes('-') || (editing.suffix !== '' && text.endsWith(editing.suffix)));
      if (format(editing, type, scratch, false) === text) return value(scratch, false);
      if (negative && format(editing, type, scratch, true) === text) {
        if (scratch.every((digit) => digit === 0)) reading.odd = true;
        return value(scratch, true);
      }
      if (/^ *$|^\0*$/.test(text)) return readBlank(field, conventions, reading, at, zeroValue);
      throw new Misfit(field, `${shown(text)} is not how this picture shows a number`);
    },
    write: (target, at, given) => {
      if (writeBlank(field, conventions, target, at, given)) return;
      const negative = digitsOf(field, type, given, scratch);
      const wrong = page.write(format(editing, type, scratch, negative), target, at);
      if (wrong >= 0) throw new Misfit(field, `the currency sign '${type.currency}' is not in code page ${page.name}`);
    },
  };
}
