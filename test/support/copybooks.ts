/** Copybooks and values that fit them, made at random for property tests. */
import fc from 'fast-check';
import { type Json } from '../../src/contract/json.ts';
import { isJsonNumber, type FieldLayout } from '../../src/transports/file/layouts/record-layout.ts';

const repeat = (symbol: string, times: number): string => (times === 0 ? '' : times < 3 ? symbol.repeat(times) : `${symbol}(${times})`);

const numberPicture = fc
  .record({
    whole: fc.nat(19),
    scale: fc.nat(18),
    signed: fc.boolean(),
    p: fc.constantFrom('', '', '', 'left', 'right'),
    zeros: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ whole, scale, signed, p, zeros }) => {
    const sign = signed ? 'S' : '';
    if (p === 'left') return `${sign}${repeat('P', zeros)}${repeat('9', scale + 1)}`;
    if (p === 'right') return `${sign}${repeat('9', whole + 1)}${repeat('P', zeros)}`;
    const digits = whole + scale === 0 ? 1 : whole;
    return `${sign}${repeat('9', digits)}${scale === 0 ? '' : `V${repeat('9', scale)}`}`;
  });
const editedPicture = fc.constantFrom(
  'ZZ,ZZ9.99-',
  '-(5)9',
  '+++,++9.99',
  '$$,$$9.99CR',
  '$ZZ9.99',
  '***,**9.99',
  'ZZZZ',
  'Z(8).ZZ',
  '9(4)/99/99',
  '99B99B0099',
  '9(3).9(4)DB',
  '+9(5)',
  'ZZ9V99',
  '$$$.$$',
  '--,---.--',
  '9(20).99',
);

interface Drawn {
  readonly kind: 'text' | 'zoned' | 'packed' | 'binary' | 'comp5' | 'float' | 'edited' | 'filler' | 'group';
  readonly clauses: string;
  readonly parts: readonly Drawn[];
  readonly occurs: number;
  readonly depending: boolean;
  readonly redefined: boolean;
}

const short = (picture: string): string =>
  Number(picture.match(/\d+(?=\))/g)?.reduce((sum, n) => String(Number(sum) + Number(n)), '0') ?? 0) > 14 ? 'S9(9)V99' : picture;

const leaf: fc.Arbitrary<Omit<Drawn, 'occurs' | 'depending' | 'redefined'>> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom('', '', ' JUSTIFIED'))
    .map(([n, right]) => ({ kind: 'text' as const, clauses: `PIC X(${n})${right}`, parts: [] })),
  fc
    .tuple(numberPicture, fc.constantFrom('', ' SIGN LEADING', ' SIGN TRAILING SEPARATE', ' SIGN IS LEADING SEPARATE CHARACTER', ' BLANK WHEN ZERO'))
    .map(([picture, clause]) => ({
      kind: 'zoned' as const,
      clauses: `PIC ${picture}${clause.includes('SIGN') && !picture.startsWith('S') ? '' : clause}`,
      parts: [],
    })),
  numberPicture.map((picture) => ({ kind: 'packed' as const, clauses: `PIC ${picture} COMP-3`, parts: [] })),
  fc
    .tuple(numberPicture, fc.constantFrom('COMP', 'BINARY SYNC', 'COMP-4'))
    .map(([picture, usage]) => ({ kind: 'binary' as const, clauses: `PIC ${short(picture)} ${usage}`, parts: [] })),
  numberPicture.map((picture) => ({ kind: 'comp5' as const, clauses: `PIC ${short(picture)} COMP-5`, parts: [] })),
  fc.constantFrom('COMP-1', 'COMP-2', 'COMP-2 SYNC').map((usage) => ({ kind: 'float' as const, clauses: usage, parts: [] })),
  editedPicture.map((picture) => ({ kind: 'edited' as const, clauses: `PIC ${picture}`, parts: [] })),
  fc.integer({ min: 1, max: 9 }).map((n) => ({ kind: 'filler' as const, clauses: `PIC X(${n})`, parts: [] })),
);

const tree: fc.Arbitrary<Drawn> = fc.letrec<{ item: Drawn }>((tie) => ({
  item: fc
    .record({
      own: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf,
        fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map((parts) => ({ kind: 'group' as const, clauses: '', parts })),
      ),
      occurs: fc.constantFrom(0, 0, 0, 1, 3),
      depending: fc.boolean(),
      redefined: fc.constantFrom(false, false, false, true),
    })
    .map(({ own, ...rest }) => ({ ...own, ...rest })),
})).item;

/** The text of a copybook, in the fixed format. */
export const copybooks: fc.Arbitrary<string> = fc.array(tree, { minLength: 1, maxLength: 6 }).map((items) => {
  const lines: string[] = ['       01  RECORD-A.'];
  let number = 0;
  const say = (level: number, text: string): void => {
    // Column 72 is near.
    const broken = text.replaceAll(/ (?=OCCURS|DEPENDING|SIGN|REDEFINES)/g, `\n${' '.repeat(16)}`);
    lines.push(`           ${String(level).padStart(2, '0')}  ${broken}.`);
  };
  const write = (item: Drawn, level: number, plain: boolean): void => {
    number += 1;
    const own = number;
    // A table that varies cannot stand within what is redefined, and its count must not be in a table.
    const depending = item.depending && item.occurs > 1 && plain && item.kind !== 'filler';
    if (depending) say(level, `COUNT-${own} PIC 9(2)`);
    const name = item.kind === 'filler' ? 'FILLER' : `FIELD-${own}`;
    const occurs = item.occurs === 0 ? '' : depending ? ` OCCURS 0 TO ${item.occurs} DEPENDING ON COUNT-${own}` : ` OCCURS ${item.occurs}`;
    const redefined = item.redefined && item.occurs === 0 && item.kind !== 'filler';
    const clauses = item.clauses === '' ? '' : ` ${item.clauses}`;
    say(level, `${name}${clauses}${occurs}`);
    for (const part of item.parts) write(part, level + 2, plain && item.occurs === 0 && !redefined);
    if (redefined) say(level, `OTHER-${own} REDEFINES ${name} PIC X(6)`);
  };
  for (const item of items) write(item, 5, true);
  return lines.join('\n');
});

/** Printable characters that every code page has. */
const text = fc.string({ unit: fc.constantFrom(...'ABCXYZabcxyz0189 .,-/'), maxLength: 30 });

/** Values that fit a field. */
function valueOf(field: FieldLayout, drawn: fc.GeneratorValue): Json {
  const { type, length } = field;
  switch (type.kind) {
    case 'group':
      return valuesOf(field.fields, drawn);
    case 'text': {
      const own = drawn(() => text).slice(0, length);
      return type.justified === 'left' ? own.trimEnd() : own.trimStart();
    }
    case 'national':
      return drawn(() => text)
        .slice(0, length / 2)
        .trimEnd();
    case 'float':
      return drawn(() => fc.integer({ min: -1_000_000, max: 1_000_000 })) / 64;
    case 'filler':
      return null;
    default: {
      const digits = drawn(() => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: type.digits, maxLength: type.digits }));
      const all = type.scale < 0 ? digits + '0'.repeat(-type.scale) : digits.padStart(type.scale + 1, '0');
      const point = all.length - Math.max(0, type.scale);
      const whole = all.slice(0, point).replace(/^0+(?=\d)/, '');
      const plain = type.scale > 0 ? `${whole}.${all.slice(point)}` : whole;
      const signed = type.signed && /[1-9]/.test(plain) && drawn(() => fc.boolean()) ? `-${plain}` : plain;
      return isJsonNumber(type) ? Number(signed) : signed;
    }
  }
}

/** A value with every field of the first description; lists of tables that vary have the length that their counter says. */
export function valuesOf(fields: readonly FieldLayout[], drawn: fc.GeneratorValue): { [key: string]: Json } {
  const values: { [key: string]: Json } = {};
  for (const field of fields) {
    if (field.redefines !== null || field.type.kind === 'filler') continue;
    const { occurs, key } = field;
    if (occurs === null) values[key] = valueOf(field, drawn);
    else {
      const count = occurs.dependingOn === null ? occurs.max : drawn(() => fc.integer({ min: occurs.min, max: occurs.max }));
      values[key] = Array.from({ length: count }, () => valueOf(field, drawn));
      if (occurs.dependingOn !== null) values[occurs.dependingOn.split('.').at(-1) as string] = count;
    }
  }
  return values;
}
