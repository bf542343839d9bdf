/** Variants of each open choice that are tried. */
const tries = 40;
/** Longest repetition that is written out. */
const mostRepeated = 64;
/** Pieces that are written for one text: repetitions within repetitions multiply. */
const mostPieces = 4_000;

/** Texts that people expect where a pattern allows them. */
const usual = ['1', '1.00', '2026-11-20', '2026-11-20T12:00:00Z', 'EUR', 'DE', 'A-1', 'example', 'Example 1'];

/** A text that `pattern` matches and that has the right length; null when none is found. Bounded: patterns are code of the house, but not all are simple. */
export function matchingText(pattern: string, { min = 0, max = Infinity }: { min?: number; max?: number } = {}): string | null {
  const test = tester(pattern);
  const fits = (text: string): boolean => text.length >= min && text.length <= max && test(text);
  const found = usual.find(fits);
  if (found !== undefined) return found;
  for (let variant = 0; variant < tries; variant += 1) {
    const text = new Sampler(pattern, variant).text();
    if (fits(text)) return text;
  }
  return null;
}

function tester(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern, 'u');
    return (text) => expression.test(text);
  } catch {
    const expression = new RegExp(pattern);
    return (text) => expression.test(text);
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const everyday = `${letters}${letters.toLowerCase()}0123456789 -_.,:/@`;

/** Writes what a pattern describes, taking the `variant`-th of each choice. What looks around is passed over: the caller tests the result. */
class Sampler {
  readonly #pattern: string;
  readonly #variant: number;
  #at = 0;
  #pieces = 0;

  constructor(pattern: string, variant: number) {
    this.#pattern = pattern;
    this.#variant = variant;
  }

  text(): string {
    return this.#choice();
  }

  #choice(): string {
    const branches = [this.#sequence()];
    while (this.#take('|')) branches.push(this.#sequence());
    return branches[this.#variant % branches.length] ?? '';
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.#pattern.length && !this.#sees('|') && !this.#sees(')')) {
      const from = this.#at;
      const piece = this.#piece();
      const [times, counted] = this.#times();
      if (!counted) {
        text += piece;
        continue;
      }
      // Each repetition is read again, so that it may take another choice.
      const to = this.#at;
      for (let n = 0; n < times && this.#pieces < mostPieces; n += 1) {
        this.#at = from;
        text += this.#piece();
      }
      this.#at = to;
    }
    return text;
  }

  #piece(): string {
    this.#pieces += 1;
    if (this.#take('(')) return this.#group();
    if (this.#take('[')) return this.#oneOf(this.#members());
    if (this.#take('\\')) return this.#oneOf(this.#escaped());
    if (this.#take('^') || this.#take('$')) return '';
    if (this.#take('.')) return this.#oneOf(everyday);
    return this.#pattern[this.#at++] ?? '';
  }

  #group(): string {
    const looks = /^\?<?[=!]/.test(this.#pattern.slice(this.#at, this.#at + 3));
    const opening = /^\?(?::|<?[=!]|<[^>]*>)/.exec(this.#pattern.slice(this.#at, this.#at + 80));
    this.#at += opening?.[0].length ?? 0;
    const inside = this.#choice();
    this.#take(')');
    return looks ? '' : inside;
  }

  #times(): readonly [number, boolean] {
    const counted = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(this.#pattern.slice(this.#at, this.#at + 24));
    if (counted === null) return [1, false];
    this.#at += counted[0].length;
    const sign = counted[0][0];
    const least = sign === '+' ? 1 : sign === '{' ? Number(counted[1]) : 0;
    const most = sign === '?' ? 1 : sign === '{' && counted[2] === undefined ? least : Number(counted[3] ?? '') || mostRepeated;
    return [Math.min(most, mostRepeated, least + (this.#variant === 0 ? (least === 0 ? 1 : 0) : this.#variant)), true];
  }

  #members(): string {
    const negated = this.#take('^');
    let members = '';
    while (this.#at < this.#pattern.length && !this.#take(']')) {
      const first = this.#take('\\') ? this.#escaped() : (this.#pattern[this.#at++] ?? '');
      if (first.length === 1 && this.#sees('-') && this.#pattern[this.#at + 1] !== ']') {
        this.#at += 1;
        const last = this.#take('\\') ? this.#escaped() : (this.#pattern[this.#at++] ?? '');
        members += between(first, last);
      } else members += first;
    }
    return negated ? [...everyday].filter((character) => !members.includes(character)).join('') : members;
  }

  /** The characters that an escape stands for. */
  #escaped(): string {
    const sign = this.#pattern[this.#at++] ?? '';
    switch (sign) {
      case 'd':
        return '1234567890';
      case 'w':
        return `${letters}_0123456789`;
      case 's':
        return ' ';
      case 'D':
      case 'W':
      case 'S':
        return sign === 'W' ? '-.,' : letters;
      case 'b':
        return '';
      case 'p':
      case 'P': {
        const property = /^\{[^}]*\}/.exec(this.#pattern.slice(this.#at, this.#at + 40))?.[0] ?? '';
        this.#at += property.length;
        return [...everyday].filter((character) => new RegExp(`\\${sign}${property}`, 'u').test(character)).join('');
      }
      case 'n':
        return '\n';
      case 't':
        return '\t';
      default:
        return sign;
    }
  }

  #oneOf(characters: string): string {
    return characters[this.#variant % Math.max(1, characters.length)] ?? '';
  }

  #sees(sign: string): boolean {
    return this.#pattern[this.#at] === sign;
  }

  #take(sign: string): boolean {
    if (!this.#sees(sign)) return false;
    this.#at += 1;
    return true;
  }
}

function between(first: string, last: string): string {
  const [from, to] = [first.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0];
  return Array.from({ length: Math.min(128, Math.max(0, to - from + 1)) }, (_, n) => String.fromCodePoint(from + n)).join('');
}
