import { type SimpleType } from '../wsdl/schema.model.ts';
import { compareDecimals, countDigits, isDecimal } from './lexical.ts';
import { patternCheck } from './patterns.ts';
import { Unfit, countWords } from './unfit.ts';

/**
 * The facets of a type as one function over the lexical form; null when there are none. Only what is sent is checked: an answer with a value
 * that is new to the schema is an answer all the same. Ranges of dates are left to the system.
 */
export function facetCheck({ primitive, facets }: SimpleType): ((text: string) => void) | null {
  const checks: ((text: string) => void)[] = [];
  const {
    enumeration,
    minLength = 0,
    maxLength = Infinity,
    minInclusive,
    maxInclusive,
    minExclusive,
    maxExclusive,
    totalDigits,
    fractionDigits,
  } = facets;
  if (enumeration !== undefined) {
    const allowed = new Set(enumeration);
    checks.push((text) => {
      if (!allowed.has(text) && !(isNumber && enumeration.some((each) => isDecimal(each) && compareDecimals(each, text) === 0)))
        throw new Unfit(`is none of ${enumeration.slice(0, 8).join(', ')}${enumeration.length > 8 ? ` and ${enumeration.length - 8} more` : ''}`);
    });
  }
  if (minLength > 0 || maxLength < Infinity) {
    const lengthOf = primitive === 'base64' ? base64Bytes : primitive === 'hex' ? (text: string) => text.length / 2 : codePoints;
    const unit = primitive === 'base64' || primitive === 'hex' ? 'bytes' : 'characters';
    checks.push((text) => {
      const length = lengthOf(text);
      if (length < minLength || length > maxLength)
        throw new Unfit(`has ${length} ${unit}, and the schema wants ${countWords(minLength, maxLength)}`);
    });
  }
  const isNumber = primitive === 'decimal' || primitive === 'integer' || primitive === 'int';
  const bound = (limit: string | undefined, fits: (order: number) => boolean, words: string): void => {
    if (limit === undefined) return;
    if (isNumber)
      checks.push((text) => {
        if (!isDecimal(text) || !fits(compareDecimals(text, limit))) throw new Unfit(`is ${words} ${limit}`);
      });
    else if (primitive === 'double')
      checks.push((text) => {
        if (!fits(Math.sign(floating(text) - floating(limit)))) throw new Unfit(`is ${words} ${limit}`);
      });
  };
  bound(minInclusive, (order) => order >= 0, 'less than');
  bound(maxInclusive, (order) => order <= 0, 'more than');
  bound(minExclusive, (order) => order > 0, 'not more than');
  bound(maxExclusive, (order) => order < 0, 'not less than');
  if (isNumber && (totalDigits !== undefined || fractionDigits !== undefined))
    checks.push((text) => {
      if (!isDecimal(text)) throw new Unfit('is not a number');
      const { total, fraction } = countDigits(text);
      if (total > (totalDigits ?? Infinity)) throw new Unfit(`has ${total} digits, and the schema allows ${totalDigits}`);
      if (fraction > (fractionDigits ?? Infinity)) throw new Unfit(`has ${fraction} digits after the point, and the schema allows ${fractionDigits}`);
    });
  for (const pattern of facets.patterns ?? []) {
    const fits = patternCheck(pattern);
    if (fits === null) continue;
    checks.push((text) => {
      if (!fits(text)) throw new Unfit(`does not have the form ${pattern.slice(0, 60)}`);
    });
  }
  if (checks.length === 0) return null;
  const [only] = checks;
  if (checks.length === 1 && only !== undefined) return only;
  return (text) => {
    for (const check of checks) check(text);
  };
}

function codePoints(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) if ((text.charCodeAt(index) & 0xfc00) === 0xd800) length -= 1;
  return length;
}

const base64Bytes = (text: string): number => (text.length / 4) * 3 - (text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0);

const floating = (text: string): number => (text === 'INF' ? Infinity : text === '-INF' ? -Infinity : Number(text));
