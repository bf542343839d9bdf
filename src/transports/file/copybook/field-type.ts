import { type FieldType } from '../layouts/record-layout.ts';
import { type Dialect } from './dialect.ts';
import { type Usage } from './entry.ts';
import { readPicture } from './picture.ts';
import { type Item } from './tree.ts';

/** What groups hand down to the fields in them. */
export interface Inherited {
  readonly usage: Usage | null;
  readonly usageText: string;
  readonly sign: { readonly side: 'leading' | 'trailing'; readonly separate: boolean } | null;
  readonly sync: boolean;
}

export interface TypeOptions {
  readonly dialect: Dialect;
  readonly point: '.' | ',';
  readonly currency: string;
  readonly truncate: boolean;
  readonly floats: { readonly format: 'ibm' | 'ieee'; readonly littleEndian: boolean };
  readonly comp5LittleEndian: boolean;
  readonly compLittleEndian: boolean;
}

export interface TypedField {
  readonly type: FieldType;
  readonly length: number;
  /** For people. */
  readonly picture: string;
}

/** What an elementary item is. @throws CopybookMistake */
export function fieldType({ entry, fail }: Item, inherited: Inherited, options: TypeOptions): TypedField {
  const { picture, justified, blankWhenZero, name } = entry;
  const usage = entry.usage ?? inherited.usage ?? 'display';
  const usageText = entry.usage === null ? inherited.usageText : entry.usageText;
  const sign = entry.sign ?? inherited.sign;
  const refuse = (unwanted: boolean, clause: string): void => {
    if (unwanted)
      throw fail(`${clause} does not fit ${name}${picture === null ? '' : `, ${picture.text}`}${usageText === '' ? '' : ` ${usageText}`}`);
  };

  if (usage === 'single' || usage === 'double') {
    if (picture !== null) throw fail(`${name} is ${usageText} and can have no PICTURE`);
    refuse(justified || blankWhenZero || entry.sign !== null, 'JUSTIFIED, BLANK WHEN ZERO or SIGN');
    return { type: { kind: 'float', ...options.floats }, length: usage === 'single' ? 4 : 8, picture: usageText };
  }
  if (picture === null) throw fail(`${name} has neither a PICTURE nor fields in it`);
  const shape = readPicture(picture.text, options.point, options.currency);
  if (typeof shape === 'string') throw fail(`${name}: ${shape}`, picture);
  const text = `${picture.text}${usage === 'display' ? '' : ` ${usageText}`}`;
  const side = justified ? 'right' : 'left';

  if (shape.kind === 'text') {
    refuse(usage !== 'display', `USAGE ${usageText}`);
    refuse(entry.sign !== null || blankWhenZero, 'SIGN or BLANK WHEN ZERO');
    const { characters: length } = shape;
    if (name === 'FILLER') return { type: { kind: 'filler' }, length, picture: text };
    return { type: { kind: 'text', justified: side, truncate: options.truncate }, length, picture: `${text}${justified ? ' JUSTIFIED' : ''}` };
  }
  if (shape.kind === 'national') {
    refuse(usage !== 'display' && usage !== 'national', `USAGE ${usageText}`);
    refuse(entry.sign !== null || blankWhenZero, 'SIGN or BLANK WHEN ZERO');
    return {
      type: { kind: 'national', justified: side, littleEndian: options.dialect.nationalLittleEndian },
      length: 2 * shape.characters,
      picture: text,
    };
  }
  refuse(justified, 'JUSTIFIED');
  if (shape.kind === 'edited') {
    refuse(usage !== 'display', `USAGE ${usageText}`);
    refuse(entry.sign !== null, 'SIGN');
    const { symbols, digits, scale, signed } = shape;
    const { point, currency } = options;
    return {
      type: { kind: 'edited', symbols, point, currency, blankWhenZero, digits, scale, signed },
      length: symbols.replaceAll('V', '').length,
      picture: `${text}${blankWhenZero ? ' BLANK WHEN ZERO' : ''}`,
    };
  }
  const { digits, scale, signed } = shape;
  const number = { digits, scale, signed };
  refuse(usage === 'national', 'USAGE NATIONAL');
  refuse(blankWhenZero && usage !== 'display', 'BLANK WHEN ZERO');
  refuse(entry.sign !== null && (usage !== 'display' || !signed), 'SIGN');
  if (usage === 'packed') return { type: { kind: 'packed', ...number }, length: Math.floor(digits / 2) + 1, picture: text };
  if (usage === 'binary' || usage === 'native') {
    if (digits > 18) throw fail(`${name}: a binary number has at most 18 digits, ${picture.text} has ${digits}`, picture);
    const native = usage === 'native';
    const littleEndian = native ? options.comp5LittleEndian : options.compLittleEndian;
    return {
      type: { kind: 'binary', littleEndian, fullRange: native, ...number },
      length: options.dialect.binaryBytes(digits, signed),
      picture: text,
    };
  }
  const separate = signed && sign?.separate === true;
  const side9 = signed ? (sign?.side ?? 'trailing') : 'trailing';
  const signText = !signed || sign === null ? '' : ` SIGN ${side9.toUpperCase()}${separate ? ' SEPARATE' : ''}`;
  return {
    type: { kind: 'zoned', sign: side9, separate, blankWhenZero, ...number },
    length: digits + (separate ? 1 : 0),
    picture: `${text}${signText}${blankWhenZero ? ' BLANK WHEN ZERO' : ''}`,
  };
}
