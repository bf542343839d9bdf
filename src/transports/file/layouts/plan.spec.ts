import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCopybook, type CopybookOptions } from '../copybook/copybook.ts';
import { Misfit } from './misfit.ts';
import { compile, type PlanOptions, type RecordPlan } from './plan.ts';
import { type RecordLayout } from './record-layout.ts';

type Options = Partial<PlanOptions> & { readonly copybook?: CopybookOptions };
const planOf = (text: string, { copybook = {}, ...options }: Options = {}): RecordPlan =>
  compile(parseCopybook(`01 R.\n${text}`, { format: 'free', ...copybook })[0] as RecordLayout, { codePage: '1047', ...options });
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const misfit = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof Misfit) return error.reason;
    throw error;
  }
  return 'fits';
};
/** One field of this picture: its bytes as a value and back. */
const read = (clauses: string, bytes: string, options?: Options): unknown => planOf(`05 A ${clauses}.`, options).decode(hex(bytes))['a'];
const write = (clauses: string, a: unknown, options?: Options): string =>
  planOf(`05 A ${clauses}.`, options)
    .encode({ a } as never)
    .toString('hex');

describe('numbers, by the manuals', () => {
  it.each([
    ['PIC S9(3)', 'f1f2c3', 123],
    ['PIC S9(3)', 'f1f2d3', -123],
    ['PIC S9(3) SIGN LEADING', 'd1f2f3', -123],
    ['PIC S9(3) SIGN TRAILING SEPARATE', 'f1f2f360', -123],
    ['PIC S9(3) SIGN LEADING SEPARATE', '4ef1f2f3', 123],
    ['PIC 9(3)V99', 'f1f2f3f4f5', '123.45'],
    ['PIC 9(3)PP', 'f1f2f3', 12300],
    ['PIC PP99', 'f1f2', '0.0012'],
    ['PIC 9(9)', 'f9f9f9f9f9f9f9f9f9', 999_999_999],
    ['PIC 9(10)', 'f0f9f9f9f9f9f9f9f9f9', '999999999'],
    ['PIC S9(5)V99 COMP-3', '1234567d', '-12345.67'],
    ['PIC S9(6) COMP-3', '0123456c', 123_456],
    ['PIC 9(5) COMP-3', '12345f', 12_345],
    ['PIC S9(37) COMP-3', '1234567890123456789012345678901234567c', '1234567890123456789012345678901234567'],
    ['PIC S9(36)V9 COMP-3', '1234567890123456789012345678901234567d', '-123456789012345678901234567890123456.7'],
    ['PIC S9(4) COMP', 'ff85', -123],
    ['PIC 9(4) COMP', '270f', 9_999],
    ['PIC S9(9) COMP', 'c4653601', -999_999_999],
    ['PIC S9(18) COMP', 'f21f494c589c0001', '-999999999999999999'],
    ['PIC S9(16)V99 COMP', '0de0b6b3a763ffff', '9999999999999999.99'],
    ['PIC 9(4) COMP-5', 'ffff', 65_535],
    ['PIC 9(18) COMP-5', 'ffffffffffffffff', '18446744073709551615'],
    ['PIC S9(18) COMP-5', '8000000000000000', '-9223372036854775808'],
    ['COMP-1', '42640000', 100],
    ['COMP-1', 'c276a000', -118.625],
    ['COMP-2', '4019999999999999', 0.09999999999999999],
    ['PIC ZZ,ZZ9.99-', '40f16bf2f3f44bf5f060', '-1234.50'],
    ['PIC ZZZ', '404040', 0],
    ['PIC $$,$$9.99', '40405bf1f24bf5f0', null],
  ] as const)('%s: %s is %j', (clauses, bytes, value) => {
    if (value === null) return expect(misfit(() => read(clauses, bytes))).toContain('bytes');
    expect(read(clauses, bytes)).toBe(value);
    return expect(write(clauses, value)).toBe(bytes);
  });

  it.each([
    ['digits', '31323373', -1233],
    ['digits', '31323333', 1233],
    ['translated', '3132334c', -1233],
    ['translated', '31323343', 1233],
    ['translated', '3132337d', -1230],
  ] as const)('the sign in the last digit in ASCII, %s: %s is %i', (asciiSigns, bytes, value) => {
    const options = { codePage: 'ascii', asciiSigns } as const;
    expect(read('PIC S9(4)', bytes, options)).toBe(value);
    expect(write('PIC S9(4)', value, options)).toBe(bytes);
    expect(read('PIC S9(4)', bytes, { codePage: 'ascii' })).toBe(value);
  });

  it.each([
    ['a', 5],
    ['b', -5],
    ['c', 5],
    ['d', -5],
    ['e', 5],
    ['f', 5],
  ])('the sign %s is read, zoned and packed, and comes back', (sign, value) => {
    const plan = planOf('05 Z PIC S9.\n05 P PIC S9 COMP-3.');
    const bytes = hex(`${sign}5 5${sign}`);
    expect(plan.decode(bytes)).toMatchObject({ z: value, p: value });
    expect(plan.encode(plan.decode(bytes))).toEqual(bytes);
    expect('$raw' in plan.decode(bytes)).toBe(!'cd'.includes(sign));
  });

  it('little-endian, and the sizes of Micro Focus', () => {
    expect(read('PIC S9(4) COMP-5', '85ff', { copybook: { dialect: 'gnucobol' } })).toBe(-123);
    expect(write('PIC S9(6) COMP', -2, { copybook: { dialect: 'microfocus' } })).toBe('fffffe');
    expect(read('COMP-2', '000000000000f03f', { copybook: { dialect: 'microfocus' } })).toBe(1);
    expect(write('COMP-1', 0.5, { copybook: { floats: 'ieee' } })).toBe('3f000000');
  });

  it.each([
    ['PIC ZZ,ZZ9.99-', '1234.5', ' 1,234.50 '],
    ['PIC ZZ,ZZ9.99-', '-0.05', '     0.05-'],
    ['PIC $$,$$9.99CR', '-1234.5', '$1,234.50CR'],
    ['PIC $$,$$9.99CR', '3', '     $3.00  '.slice(1)],
    ['PIC ***,**9.99', '7.1', '******7.10'],
    ['PIC ***,***.**', 0, '*******.**'],
    ['PIC -(5)9', -42, '   -42'],
    ['PIC +++9', 7, '  +7'],
    ['PIC 9(4)/99/99', 20261121, '2026/11/21'],
    ['PIC 99B99B00', 1234, '12 34 00'],
    ['PIC Z(3).ZZ', '0.05', '   .05'],
    ['PIC Z(3).ZZ', '0', '      '],
    ['PIC $ZZ9.99', '5', '$  5.00'],
    ['PIC 9(3)-', -5, '005-'],
    ['PIC ZZ9 BLANK WHEN ZERO', 0, '   '],
    ['PIC ZZ9V99', '1.25', '  125'],
  ])('%s shows %j as %j', (clauses, value, text) => {
    const bytes = write(clauses, value, { codePage: 'ascii' });
    expect(Buffer.from(bytes, 'hex').toString('latin1')).toBe(text);
    expect(Number(read(clauses, bytes, { codePage: 'ascii' }))).toBe(Number(value));
  });

  it('DECIMAL-POINT IS COMMA and another currency sign', () => {
    const options = { codePage: 'ascii', copybook: { decimalComma: true, currency: 'F' } } as const;
    expect(Buffer.from(write('PIC FF.FF9,99', '1234.5', options), 'hex').toString()).toBe('F1.234,50');
  });
});

describe('what does not fit is refused', () => {
  it.each([
    ['PIC 9(3)', 1000, 'a (9(3)): 1000 has more than 3 digits before the point'],
    ['PIC 9(3)', -1, '-1 is negative and the field has no sign'],
    ['PIC 9(3)V9', '1.25', "'1.25' has more than 1 decimal place"],
    ['PIC 9(3)V9', 1.5, "1.5 is no safe whole number: write decimals as text, '12.50'"],
    ['PIC 9(3)', 2 ** 60, 'no safe whole number'],
    ['PIC 9(3)', '1e3', "'1e3' is no decimal number"],
    ['PIC 9(3)', '', "'' is no decimal number"],
    ['PIC 9(3)', '1.', "'1.' is no decimal number"],
    ['PIC 9(3)', '+1', "'+1' is no decimal number"],
    ['PIC 9(3)', true, 'true is no decimal number'],
    ['PIC 9(3)', null, 'null is no number'],
    ['PIC 9(3)PP', 12_345, '12345 is no multiple of 100'],
    ['PIC S9(30)', `1${'0'.repeat(30)}`, 'has more than 30 digits before the point'],
    ['PIC S9(4) COMP', 10_000, '10000 has more than 4 digits before the point'],
    ['PIC S9(4) COMP-5', 32_768, '32768 is not between -32768 and 32767'],
    ['PIC S9(18) COMP-5', '9223372036854775808', 'is not between'],
    ['PIC X(3)', 'ABCD', "'ABCD' takes 4 bytes, the field has 3"],
    ['PIC X(3)', 5, '5 is no text'],
    ['PIC X(3)', 'A€', "character 2 of 'A€' is not in code page 1047"],
    ['PIC X(3)', ['A'], 'a list is no text'],
    ['PIC X(3)', 'x'.repeat(100), `'${'x'.repeat(39)}…' takes 100 bytes`],
    ['PIC X(9)', 'a\u001b[2J\u202eb'.repeat(2), "'a?[2J?ba?[2J?b' takes 14 bytes"],
    ['COMP-1', 1e80, 'beyond the range'],
    ['COMP-2', 'x', "'x' is no finite JSON number"],
    ['PIC X OCCURS 2', ['A'], 'has 1 elements, the layout has 2'],
    ['PIC X OCCURS 2', 'A', "'A' is no list"],
  ])('%s: %j: %s', (clauses, value, words) => {
    const plan = planOf(`05 A ${clauses}.`);
    expect(misfit(() => plan.encode({ a: value } as never))).toContain(words);
    expect(plan.violations({ a: value } as never)).toHaveLength(1);
  });

  it('missing and unknown fields are said with their path', () => {
    const plan = planOf('05 A PIC X.\n05 G OCCURS 2.\n10 B PIC 9.\n10 C PIC X VALUE "x".');
    expect(plan.violations({ g: [{ b: 1 }, { d: 1 }] })).toEqual([
      'field a (X): is missing',
      'field g[1].b (9): is missing',
      "field g[1]: there is no field 'd'; the fields are b, c",
    ]);
    expect(plan.violations('x')).toEqual(['a record is an object of fields']);
  });

  it.each([
    ['PIC 9(3)', 'f1f2c1', 'fits'],
    ['PIC 9(3)', 'f1f2d1', 'is negative and the field has no sign'],
    ['PIC 9(3)', 'f1c2f1', 'f1c2f1 (hexadecimal) is no number'],
    ['PIC 9(3)', '404040', 'holds spaces instead of a number'],
    ['PIC 9(3)', '000000', 'holds low-values instead of a number'],
    ['PIC 9(3)', '40f0f1', 'is no number'],
    ['PIC S9(3) COMP-3', '1a3c', 'is no number'],
    ['PIC S9(3) COMP-3', '1239', 'is no number'],
    ['PIC S9(4) COMP-3', '91234c', 'unused first half byte'],
    ['PIC 9(3) COMP-3', '123d', 'is negative'],
    ['PIC ZZ9.99', 'f1f2f34bf5', 'has 5 bytes, the layout has 6'],
    ['PIC ZZ9.99', '40f0f34bf5f0', 'is not how this picture shows a number'],
  ])('%s: the bytes %s: %s', (clauses, bytes, words) => {
    expect(misfit(() => read(clauses, bytes))).toContain(words);
  });

  it('a byte that is no character, and UTF-8 that is cut, are told', () => {
    expect(misfit(() => read('PIC XX', '4181', { codePage: 'windows-1252' }))).toContain('byte 2 of 4181 (hexadecimal) is no character');
    expect(misfit(() => read('PIC XX', '41c3', { codePage: 'utf-8' }))).toContain('byte 2 of');
    expect(read('PIC X(4)', 'c3a44120', { codePage: 'utf-8' })).toBe('äA');
  });

  it('texts are cut only where the layout says so, and never within a character', () => {
    const options = { codePage: 'utf-8', copybook: { truncate: true } } as const;
    expect(Buffer.from(write('PIC X(4)', 'abcäx', options), 'hex').toString()).toBe('abc ');
    expect(Buffer.from(write('PIC X(5)', 'abcäx', options), 'hex').toString()).toBe('abcä');
  });
});

describe('blank numbers, by option', () => {
  it.each([
    ['null', '404040', null],
    ['null', '000000', null],
    ['zero', '404040', 0],
    ['zero', '000000', 0],
  ] as const)('%s: %s is %j, and written again as it was', (blankNumbers, bytes, value) => {
    for (const clauses of ['PIC 9(3)', 'PIC S9(5) COMP-3']) {
      const plan = planOf(`05 A ${clauses}.`, { blankNumbers });
      const decoded = plan.decode(hex(bytes));
      expect(decoded['a']).toBe(value);
      expect(plan.encode(decoded).toString('hex')).toBe(bytes);
    }
  });

  it('BLANK WHEN ZERO needs no option', () => {
    expect(read('PIC 9(3) BLANK WHEN ZERO', '404040')).toBe(0);
    expect(write('PIC 9(3) BLANK WHEN ZERO', 0)).toBe('404040');
  });
});

describe('bytes that the values alone would not bring back travel under $raw', () => {
  const plan = planOf('05 A PIC S9(3).\n05 FILLER PIC X(2).\n05 B PIC S9(3) COMP-3.\n05 FILLER PIC X VALUE "-".\n05 C PIC S9(2).');

  it('nothing travels when the bytes are as they are written', () => {
    expect(plan.decode(hex('f1f2c3 4040 123c 60 f0c0'))).toEqual({ a: 123, b: 123, c: 0 });
  });

  it('FILLER, odd signs and a negative zero come back', () => {
    const bytes = hex('f1f2f3 0001 123f 61 f0d0');
    const value = plan.decode(bytes);
    expect(value).toEqual({ a: 123, b: 123, c: 0, $raw: { a: 'f1f2f3', filler: '0001', b: '123f', filler2: '61', c: 'f0d0' } });
    expect(plan.encode(value)).toEqual(bytes);
  });

  it('a value that was changed is written anew, its neighbours stay', () => {
    const value = plan.decode(hex('f1f2f3 0001 123f 61 f0d0'));
    expect(plan.encode({ ...value, a: 124 }).toString('hex')).toBe('f1f2c40001123f61f0d0');
  });

  it('raw: drop forgets them', () => {
    const dropping = planOf('05 A PIC S9(3).\n05 FILLER PIC X(2).', { raw: 'drop' });
    expect(dropping.decode(hex('f1f2f30001'))).toEqual({ a: 123 });
    expect(dropping.encode({ a: 123, $raw: { filler: '0001' } }).toString('hex')).toBe('f1f2c34040');
  });

  it.each([[{ a: 'zz' }], [{ a: 'f1' }], [{ a: 5 }], ['x'], [{ filler: 'f1f2f3' }]])('$raw that is none is refused: %j', ($raw) => {
    expect(misfit(() => plan.encode({ a: 123, b: 1, c: 1, $raw } as never))).toContain('$raw');
  });

  it('SYNC padding and the rest of a short table come back', () => {
    const slack = planOf('05 A PIC X.\n05 B PIC S9(4) COMP SYNC.');
    const bytes = hex('c1 ee 0001');
    expect(slack.encode(slack.decode(bytes))).toEqual(bytes);
    const stays = planOf('05 N PIC 9.\n05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.\n05 Z PIC X.', { copybook: { afterTables: 'stays' } });
    const table = hex('f1 c1 0102 e9');
    expect(stays.decode(table)).toMatchObject({ n: 1, t: ['A'], z: 'Z' });
    expect(stays.encode(stays.decode(table))).toEqual(table);
  });
});

describe('tables', () => {
  const plan = planOf('05 N PIC 99.\n05 T OCCURS 0 TO 3 DEPENDING ON N.\n10 X PIC XX.\n05 Z PIC X(3).');

  it('what follows a short table moves', () => {
    expect(plan.decode(hex('f0f1 c1c2 c5d5c4'))).toEqual({ n: 1, t: [{ x: 'AB' }], z: 'END' });
    expect(plan.encode({ t: [{ x: 'AB' }], z: 'END' }).toString('hex')).toBe('f0f1c1c2c5d5c4');
    expect(plan.encode({ t: [], z: 'END' }).toString('hex')).toBe('f0f0c5d5c4');
  });

  it('a count that is out of range, contradicts the list or leads beyond the record is refused', () => {
    expect(misfit(() => plan.decode(hex('f0f4 c1c2 c5d5c4')))).toContain('n says 4 elements, the layout has 0 to 3');
    expect(misfit(() => plan.decode(hex('f0f3 c1c2 c5d5c4')))).toContain('3 elements need 8 bytes, the record has 7');
    expect(misfit(() => plan.decode(hex('f0f2 c1c2 c5d5c4')))).toContain('its counts ask for 9');
    expect(misfit(() => plan.encode({ n: 2, t: [], z: 'E' }))).toContain('has 0 elements, and n says 2');
    expect(misfit(() => plan.encode({ t: [1, 2, 3, 4], z: 'E' }))).toContain('has 4 elements, the layout has 0 to 3');
  });

  it('tables within tables, each element with its own count', () => {
    const nested = planOf('05 G OCCURS 2.\n10 N PIC 9.\n10 T PIC X OCCURS 0 TO 2 DEPENDING ON N.\n05 Z PIC X.');
    const value = {
      g: [
        { n: 0, t: [] },
        { n: 2, t: ['A', 'B'] },
      ],
      z: 'Z',
    };
    expect(nested.decode(nested.encode(value))).toEqual(value);
    expect(nested.encode(value).toString('hex')).toBe('f0f2c1c2e9');
  });
});

describe('REDEFINES', () => {
  const text =
    '05 KIND PIC X.\n05 BODY PIC X(4).\n05 MONEY REDEFINES BODY PIC S9(5)V99 COMP-3.\n05 PAIR REDEFINES BODY.\n10 L PIC 9.\n10 R PIC 9.\n05 Z PIC X.';

  it('without a rule the value has every description that can be read, and comes back as it was', () => {
    const plan = planOf(text);
    const digits = hex('c1 f1f2f3f4 e9');
    expect(plan.decode(digits)).toEqual({ kind: 'A', body: '1234', pair: { l: 1, r: 2 }, z: 'Z' });
    expect(plan.encode(plan.decode(digits))).toEqual(digits);
    const money = hex('c1 1234567d e9');
    expect(plan.decode(money)).toMatchObject({ money: '-12345.67' });
    expect(plan.encode(plan.decode(money))).toEqual(money);
  });

  it('without a rule one is written; several only if they come to the same bytes', () => {
    const plan = planOf(text);
    expect(plan.encode({ kind: 'A', money: '1', z: 'Z' }).toString('hex')).toBe('c10000100ce9');
    expect(plan.encode({ kind: 'A', pair: { l: 1, r: 2 }, z: 'Z' }).toString('hex')).toBe('c1f1f24040e9');
    expect(misfit(() => plan.encode({ kind: 'A', body: '9999', pair: { l: 1, r: 2 }, z: 'Z' }))).toContain('describe the same bytes and differ');
    expect(misfit(() => plan.encode({ kind: 'A', z: 'Z' }))).toContain('one of body, money, pair must be given');
  });

  it('with a rule the field that decides has its say, on reading and on writing', () => {
    const plan = planOf(text, { redefines: { BODY: { by: 'KIND', when: { M: 'MONEY', P: 'PAIR' }, otherwise: 'BODY' } } });
    expect(plan.decode(hex('d4 1234567c e9'))).toEqual({ kind: 'M', money: '12345.67', z: 'Z' });
    expect(plan.decode(hex('c1 f1f2f3f4 e9'))).toEqual({ kind: 'A', body: '1234', z: 'Z' });
    expect(misfit(() => plan.decode(hex('d4 f1f2f3f4 e9')))).toContain('money');
    expect(misfit(() => plan.encode({ kind: 'M', body: 'x', z: 'Z' }))).toContain("that asks for 'money', not 'body'");
    const strict = planOf(text, { redefines: { BODY: { by: 'KIND', when: { M: 'MONEY' } } } });
    expect(misfit(() => strict.decode(hex('c1 f1f2f3f4 e9')))).toContain("KIND is 'A', and no rule says");
  });

  it('rules that name nothing are refused', () => {
    expect(() => planOf(text, { redefines: { NOPE: { by: 'KIND', when: {} } } })).toThrow("record R has no field 'NOPE'");
    expect(() => planOf(text, { redefines: { BODY: { by: 'KIND', when: { M: 'KIND' } } } })).toThrow("'KIND' is none of BODY, MONEY, PAIR");
    expect(() => planOf(text, { redefines: { BODY: { by: 'Z', when: {} } } })).toThrow('Z must be a field before BODY');
  });
});

describe('names that JavaScript knows', () => {
  it('fields called constructor, toString and hasOwnProperty are fields', () => {
    const plan = planOf('05 CONSTRUCTOR PIC X.\n05 TO-STRING PIC 9 VALUE 7.\n05 HAS-OWN-PROPERTY PIC X.');
    expect(plan.violations({})).toEqual(['field constructor (X): is missing', 'field hasOwnProperty (X): is missing']);
    const bytes = hex('c1 f7 c2');
    expect(plan.encode(plan.decode(bytes))).toEqual(bytes);
  });
});

describe('floating point', () => {
  it('IBM hexadecimal: every double in range that is written is read again to the last bit', () => {
    const plan = planOf('05 A COMP-2.');
    fc.assert(
      fc.property(
        fc.double({ min: -1e70, max: 1e70, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-60),
        (value) => {
          expect(plan.decode(plan.encode({ a: value }))['a']).toBe(value + 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
