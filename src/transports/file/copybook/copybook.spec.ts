import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../test/support/cpu-time.ts';
import { type FieldLayout, type RecordLayout, walk } from '../layouts/record-layout.ts';
import { CopybookMistake, type CopybookOptions, parseCopybook } from './copybook.ts';

/** Free text as fixed-format lines. */
const fixed = (text: string): string =>
  text
    .trim()
    .split('\n')
    .map((line) => `       ${line}`)
    .join('\n');
const one = (text: string, options: CopybookOptions = {}): RecordLayout => parseCopybook(fixed(text), options)[0] as RecordLayout;
const fieldsOf = (layout: RecordLayout): Record<string, FieldLayout> =>
  Object.fromEntries([...walk(layout.fields)].map(({ field, path }) => [path, field]));
const field = (clauses: string, options: CopybookOptions = {}): FieldLayout => one(`01 R.\n 05 A ${clauses}.`, options).fields[0] as FieldLayout;
const places = (layout: RecordLayout): string[] =>
  [...walk(layout.fields)].map(({ field: { offset, length }, path }) => `${path} ${offset}+${length}`);
const mistake = (text: string, options: CopybookOptions = {}): string => {
  try {
    parseCopybook(text, options);
  } catch (error) {
    if (error instanceof CopybookMistake) return error.message;
    throw error;
  }
  return 'no mistake';
};

describe('pictures', () => {
  it.each([
    ['PIC X(10)', 10, 'text', {}],
    ['PICTURE IS XXX', 3, 'text', {}],
    ['PIC A(4)B99', 7, 'text', {}],
    ['PIC X(5) JUSTIFIED RIGHT', 5, 'text', { justified: 'right' }],
    ['PIC N(5) USAGE NATIONAL', 10, 'national', {}],
    ['PIC 9(5)', 5, 'zoned', { digits: 5, scale: 0, signed: false }],
    ['PIC S9(7)V99', 9, 'zoned', { digits: 9, scale: 2, signed: true, sign: 'trailing', separate: false }],
    ['PIC S9(3) SIGN IS LEADING SEPARATE CHARACTER', 4, 'zoned', { sign: 'leading', separate: true }],
    ['PIC S9(3) TRAILING SEPARATE', 4, 'zoned', { sign: 'trailing', separate: true }],
    ['PIC 9(3)PP', 3, 'zoned', { digits: 3, scale: -2 }],
    ['PIC PP99', 2, 'zoned', { digits: 2, scale: 4 }],
    ['PIC VPP99', 2, 'zoned', { digits: 2, scale: 4 }],
    ['PIC S9(7)V9(2) COMP-3', 5, 'packed', { digits: 9, scale: 2 }],
    ['PIC S9(6) PACKED-DECIMAL', 4, 'packed', { digits: 6 }],
    ['PIC S9(37) COMP-3', 19, 'packed', { digits: 37 }],
    ['PIC 9(4) COMP', 2, 'binary', { littleEndian: false, fullRange: false }],
    ['PIC S9(9) USAGE IS COMPUTATIONAL', 4, 'binary', {}],
    ['PIC S9(18) BINARY', 8, 'binary', {}],
    ['PIC S9(4) COMP-4', 2, 'binary', {}],
    ['PIC S9(4) COMP-5', 2, 'binary', { fullRange: true }],
    ['COMP-1', 4, 'float', { format: 'ibm' }],
    ['USAGE COMPUTATIONAL-2', 8, 'float', { format: 'ibm' }],
    ['PIC ZZ,ZZ9.99-', 10, 'edited', { digits: 7, scale: 2, signed: true }],
    ['PIC $$,$$9.99CR', 11, 'edited', { digits: 6, scale: 2, signed: true }],
    ['PIC 9(4)/99/99', 10, 'edited', { digits: 8, scale: 0, signed: false }],
    ['PIC ZZ9 BLANK WHEN ZERO', 3, 'edited', { blankWhenZero: true }],
    ['PIC 99 BLANK ZEROES', 2, 'zoned', { blankWhenZero: true }],
  ])('%s takes %i bytes and is %s', (clauses, length, kind, rest) => {
    const { type, ...found } = field(clauses);
    expect(found.length).toBe(length);
    expect(type).toMatchObject({ kind, ...rest });
  });

  it.each([
    ['ibm', [2, 2, 2, 4, 4, 8, 8]],
    ['gnucobol', [1, 1, 2, 4, 4, 8, 8]],
    ['microfocus', [1, 1, 2, 3, 4, 5, 8]],
  ] as const)('binary numbers of 1, 2, 4, 6, 9, 11 and 18 digits have the bytes of %s', (dialect, bytes) => {
    expect([1, 2, 4, 6, 9, 11, 18].map((digits) => field(`PIC S9(${digits}) COMP`, { dialect }).length)).toEqual(bytes);
  });

  it('COMP-5 and floats have the byte order of the dialect, or of the option', () => {
    expect(field('PIC 9(4) COMP-5', { dialect: 'gnucobol' }).type).toMatchObject({ littleEndian: true });
    expect(field('PIC 9(4) COMP-5').type).toMatchObject({ littleEndian: false });
    expect(field('PIC 9(4) COMP-5', { comp5: 'little-endian' }).type).toMatchObject({ littleEndian: true });
    expect(field('PIC 9(4) COMP', { dialect: 'gnucobol' }).type).toMatchObject({ littleEndian: false });
    expect(field('PIC 9(4) COMP', { dialect: 'gnucobol', comp: 'little-endian' }).type).toMatchObject({ littleEndian: true });
    expect(field('COMP-2', { dialect: 'microfocus' }).type).toMatchObject({ format: 'ieee', littleEndian: true });
    expect(field('COMP-2', { floats: 'ieee' }).type).toMatchObject({ format: 'ieee', littleEndian: false });
  });

  it('DECIMAL-POINT IS COMMA turns point and comma around', () => {
    expect(field('PIC ZZ.ZZ9,99', { decimalComma: true }).type).toMatchObject({ symbols: 'ZZ,ZZ9.99', point: ',', scale: 2 });
    expect(field('PIC 9V9 VALUE 1,5', { decimalComma: true }).initial).toEqual({ number: '1.5' });
  });
});

describe('clauses and places', () => {
  it('fields, tables and redefinitions have the offsets that a compiler gives them', () => {
    const layout = one(`
01 R.
 05 A PIC X(3).
 05 B PIC 9(8).
 05 B-DATE REDEFINES B.
   10 YEAR PIC 9(4).
   10 MONTH PIC 99.
   10 DAY PIC 99.
 05 B-LONG REDEFINES B PIC X(10).
 05 T OCCURS 3 TIMES INDEXED BY IX.
   10 U PIC X OCCURS 2.
   10 V PIC 99.
 05 Z PIC X.`);
    expect(places(layout)).toEqual([
      'a 0+3',
      'b 3+8',
      'bDate 3+8',
      'bDate.year 3+4',
      'bDate.month 7+2',
      'bDate.day 9+2',
      'bLong 3+10',
      't 13+4',
      't.u 13+1',
      't.v 15+2',
      'z 25+1',
    ]);
    expect(layout.length).toBe(26);
    expect(fieldsOf(layout)['bLong']?.redefines).toBe('b');
  });

  it('OCCURS DEPENDING ON: the shortest and longest record, also with the old form without a least number', () => {
    const layout = one('01 R.\n 05 N PIC 99.\n 05 T PIC X(10) OCCURS 0 TO 5 TIMES DEPENDING ON N.\n 05 Z PIC X.');
    expect([layout.minLength, layout.length]).toEqual([3, 53]);
    expect(one('01 R.\n 05 N PIC 99.\n 05 T PIC X OCCURS 5 DEPENDING N.').minLength).toBe(3);
    expect(one('01 R.\n 05 N PIC 99.\n 05 T PIC X OCCURS 0 TO 5 DEPENDING ON N.', { afterTables: 'stays' }).minLength).toBe(7);
  });

  it('the count of a table is found by its group where its name alone is not enough', () => {
    const text = '01 R.\n 05 G.\n  10 N PIC 9.\n 05 H.\n  10 N PIC 9.\n 05 T PIC X OCCURS 0 TO 5 DEPENDING ON N OF H.';
    expect(fieldsOf(one(text))['t']?.occurs).toMatchObject({ dependingOn: 'h.n' });
    expect(mistake(fixed(text.replace(' OF H', '')))).toContain('there are 2 of that name');
  });

  it('SYNC pads as IBM documents it: before the item, before the group that it begins, and after each element of a table', () => {
    const layout = one(`
01 WORK-RECORD.
 05 WORK-CODE PIC X.
 05 COMP-TABLE OCCURS 10 TIMES.
   10 COMP-TYPE PIC X.
   10 COMP-PAY PIC S9(4)V99 COMP SYNC.
   10 COMP-HRS PIC S9(3) COMP SYNC.
   10 COMP-NAME PIC X(5).
 05 G.
   10 P PIC S9(6) COMP SYNC.`);
    expect(places(layout)).toEqual([
      'workCode 0+1',
      'compTable 1+16',
      'compTable.compType 1+1',
      'compTable.compPay 4+4',
      'compTable.compHrs 8+2',
      'compTable.compName 10+5',
      'g 164+4',
      'g.p 164+4',
    ]);
    expect(fieldsOf(layout)['compTable']).toMatchObject({ slackAfter: 2 });
    expect(fieldsOf(layout)['g']).toMatchObject({ slack: 3 });
  });

  it('SYNC does nothing for microfocus and aligns 8 bytes to 8 for gnucobol', () => {
    const text = '01 R.\n 05 A PIC X.\n 05 B PIC S9(18) COMP SYNC.';
    expect(one(text, { dialect: 'microfocus' }).length).toBe(9);
    expect(one(text, { dialect: 'gnucobol' }).length).toBe(16);
    expect(one(text).length).toBe(12);
  });

  it('USAGE and SIGN of a group hold for the fields in it', () => {
    const layout = one('01 R.\n 05 G COMP-3.\n  10 A PIC S9(5).\n 05 H SIGN LEADING SEPARATE.\n  10 B PIC S99.\n  10 C PIC 99.');
    expect(fieldsOf(layout)['g.a']?.type.kind).toBe('packed');
    expect(fieldsOf(layout)['h.b']).toMatchObject({ length: 3 });
    expect(fieldsOf(layout)['h.c']).toMatchObject({ length: 2 });
    expect(one('01 R COMP-3.\n 05 A PIC S9(5).').length).toBe(3);
  });

  it('88 levels are names with values, ranges and figurative constants', () => {
    const [type] = one(`01 R.\n 05 KIND PIC X.\n  88 GOOD VALUE 'A' 'B'.\n  88 ODD VALUES ARE 'C' THRU 'F', SPACES.`).fields;
    expect(type?.conditions).toEqual([
      { name: 'GOOD', values: ['A', 'B'] },
      { name: 'ODD', values: [['C', 'F'], 'space'] },
    ]);
  });

  it('VALUE of every kind', () => {
    const initials = one(
      `01 R.\n 05 A PIC X(3) VALUE 'it''s'.\n 05 B PIC S9V9 VALUE -1.5.\n 05 C PIC X VALUE LOW-VALUES.\n 05 D PIC X(4) VALUE ALL '-='.\n 05 E PIC 9 VALUE IS ZERO.\n 05 F PIC XX VALUE X'0d0A'.\n 05 G PIC V9 VALUE .5.`,
    ).fields.map(({ initial }) => initial);
    expect(initials).toEqual([
      { text: "it's" },
      { number: '-1.5' },
      { figurative: 'low-value' },
      { all: '-=' },
      { figurative: 'zero' },
      { hex: '0d0a' },
      { number: '0.5' },
    ]);
  });

  it('several 01 levels are several records; without one everything is one record', () => {
    expect(
      parseCopybook(fixed('01 A.\n 05 X PIC X.\n01 B REDEFINES A.\n 05 Y PIC 99.\n01 C PIC X(80).')).map(({ name, length }) => [name, length]),
    ).toEqual([
      ['A', 1],
      ['B', 2],
      ['C', 80],
    ]);
    expect(parseCopybook(fixed('05 A PIC X.\n05 B.\n  10 C PIC 9.'), { name: 'CUST' })).toMatchObject([{ name: 'CUST', length: 2 }]);
  });

  it('fields without a name are numbered among their siblings; names may stay as they are', () => {
    expect(places(one('01 R.\n 05 FILLER PIC X.\n 05 A-1-B PIC X.\n 05 PIC X.\n 05 FILLER.\n  10 C PIC X.'))).toEqual([
      'filler 0+1',
      'a1B 1+1',
      'filler2 2+1',
      'filler3 3+1',
      'filler3.c 3+1',
    ]);
    expect(places(one('01 R.\n 05 A-1-B PIC X.', { names: 'verbatim' }))).toEqual(['A-1-B 0+1']);
    expect(mistake(fixed('01 R.\n 05 A-1 PIC X.\n 05 A1 PIC X.'))).toContain("would both be called 'a1'");
  });
});

describe('the text of a copybook', () => {
  it('sequence numbers, text behind column 72, comments, tabs and inline comments are no part of it', () => {
    const text = [
      '000100*THIS IS A COMMENT                                                CUST0001',
      '000200 01  REC.                                                         CUST0002',
      '000300/',
      '000400     05  A PIC X(3).  *> TO THE END. 05 B PIC X.',
      '000500D    05  DEBUG-ONLY PIC X.',
      '\t05  C PIC 9,',
      '               VALUE 1; .',
      '           EJECT',
    ].join('\r\n');
    expect(parseCopybook(text).map((layout) => places(layout))).toEqual([['a 0+3', 'c 3+1']]);
  });

  it('a literal goes on in the next line up to column 72, and so does a word', () => {
    const text = [
      `       01  R.`,
      `           05  A  PIC X(60) VALUE '${'x'.repeat(33)}`,
      `      -    'yz'.`,
      `           05  LONG-`,
      `      -        NAME PIC X.`,
    ].join('\n');
    const layout = parseCopybook(text)[0] as RecordLayout;
    expect(layout.fields[0]?.initial).toEqual({ text: `${'x'.repeat(33)}    yz` });
    expect(layout.fields[1]?.name).toBe('LONG-NAME');
  });

  it('free format has no columns', () => {
    expect(places(parseCopybook('01 R. *> comment\n05 A PIC X(3).\n05 B PIC 9.', { format: 'free' })[0] as RecordLayout)).toEqual(['a 0+3', 'b 3+1']);
  });

  it('COPY takes another member in, with its texts replaced', () => {
    const members: Record<string, string> = {
      ADDRESS: fixed('10 :TAG:-STREET PIC X(20).\n10 :TAG:-CITY PIC X(9).'),
      PREFIX: fixed('10 OLD-A PIC X.\n10 OLD-B PIC X(2).\n10 BOLD-C PIC 9.'),
    };
    const options = { copy: (member: string) => members[member] };
    expect(places(one('01 R.\n 05 HOME.\n COPY ADDRESS REPLACING ==:TAG:== BY ==HOME==.\n 05 Z PIC X.', options))).toEqual([
      'home 0+29',
      'home.homeStreet 0+20',
      'home.homeCity 20+9',
      'z 29+1',
    ]);
    expect(places(one('01 R.\n COPY PREFIX REPLACING LEADING ==OLD== BY ==NEW==.', options))).toEqual(['newA 0+1', 'newB 1+2', 'boldC 3+1']);
    expect(mistake(fixed('01 R.\n COPY NOWHERE.'), options)).toBe('copybook RECORD, line 2, column 14: COPY NOWHERE: there is no such member');
    expect(mistake(fixed('01 R.\n COPY SELF.'), { copy: () => fixed('COPY SELF.') })).toContain('nested more than 16 deep');
    expect(mistake(fixed('01 R.\n COPY BAD.'), { copy: () => fixed('10 A PIC Q.') })).toMatch(/^copybook BAD, line 1, column 17: /);
  });
});

describe('what is not supported is refused with line and column', () => {
  it.each([
    ['01 R.\n 66 A RENAMES B.', 2, 9, 'RENAMES'],
    ['01 R.\n 05 A POINTER.', 2, 14, "USAGE 'POINTER'"],
    ['01 R.\n 05 A PIC G(4) DISPLAY-1.', 2, 23, "USAGE 'DISPLAY-1'"],
    ['01 R.\n 05 A PIC G(4).', 2, 18, 'PIC G'],
    ['01 R.\n 05 A PIC 9(5)E99.', 2, 18, 'floating-point pictures'],
    ['01 R.\n 05 A PIC 9(39).', 2, 18, 'at most 38'],
    ['01 R.\n 05 A PIC 9(19) COMP.', 2, 18, 'at most 18 digits'],
    ['01 R.\n 05 A PIC X(.', 2, 18, 'no picture'],
    ['01 R.\n 05 A PIC ZZ9ZZ.', 2, 18, 'behind a 9'],
    ['01 R.\n 05 A PIC 99.99.99.', 2, 18, 'two decimal points'],
    ['01 R.\n 05 A PIC X COMP-3.', 2, 12, 'does not fit A'],
    ['01 R.\n 05 A.\n 05 B PIC X.', 2, 12, 'neither a PICTURE nor fields'],
    ['01 R.\n 05 A PIC X.\n  10 B PIC X.', 3, 13, 'can have no parts'],
    ['01 R.\n 05 A PIC X\n 05 B PIC X.', 3, 9, 'is the period before it missing'],
    ['01 R.\n 05 A PIC X', 2, 19, 'no period at its end'],
    ['01 R.\n 05 A PIC X.\n 05 B REDEFINES Z PIC X.', 3, 12, 'not the field right before it'],
    ['01 R.\n 05 T PIC X OCCURS 0 TO 5 DEPENDING ON N.', 2, 12, 'no field before it'],
    ['01 R.\n 05 T PIC X OCCURS 1 TO 5.', 2, 20, 'needs DEPENDING ON'],
    ['01 R.\n 05 A PIC X(9000000) OCCURS 9.', 2, 12, 'longer than 16777216 bytes'],
    ['01 R.\n 05 A PIC X PIC X.', 2, 20, 'two clauses PICTURE'],
    ["01 R.\n 05 A PIC X VALUE 'A.", 2, 8, 'a literal has no end'],
    ['01 R.\n  05 A PIC X.\n 03 B PIC X.\n 04 C PIC X.', 3, 12, 'fits neither'],
    ['77 A PIC X.', 1, 8, 'level 77'],
    ['01 R.\n 05 A PIC X.\n 05 A PIC X.', 3, 12, 'the same group'],
    ['', 1, 1, 'no data description'],
  ])('%j', (text, line, column, words) => {
    const found = mistake(fixed(text));
    expect(found).toContain(`line ${line}, column ${column}: `);
    expect(found).toContain(words);
  });

  it('a line that runs on behind column 72 is named where what is left of it makes no sense, and an identification there is not', () => {
    const over = (line: string) => mistake(`       01 R.\n${line}\n           05 B PIC X.`);
    const table = `${'           05 A PIC X(10) OCCURS 3'.padEnd(57)}INDEXED BY IX-1`;
    expect(over(`${table}.`)).toMatch(/^copybook RECORD, line 3, .*is the period before it missing\? \(line 2 goes on behind column 72/);
    expect(over(`${table} CUST0002`)).toMatch(/is the period before it missing\?$/);
    expect(over(`${table}.\n           05 C PIC X.\n           05 D PIC Q.`)).toContain('(line 2 goes on');
    expect(mistake(`       01 R.\n${table.slice(0, 71)}.A\n           05 B PIC Q.`)).toMatch(/'Q'/);
  });

  it('whatever the text, it is a layout or a mistake with line and column, and soon', () => {
    const words = fc.constantFrom(
      ..."01 05 10 88 66 FILLER A B-1 PIC PICTURE X(3) S9(4)V99 ZZ9.99- $$$ IS COMP COMP-3 COMP-1 OCCURS 3 TO 5 TIMES DEPENDING ON REDEFINES VALUE SPACES ALL SYNC SIGN LEADING SEPARATE JUST BLANK WHEN ZERO COPY REPLACING BY == ==A== . . . ( ) \" ' *> - , ; X'00' INDEXED KEY 999999999 \n \t".split(
        ' ',
      ),
      '\n      -    ',
      '\n      *',
      '\n           ',
    );
    let good = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(words, { maxLength: 40 }).map((all) => all.join(' ')),
          fc.string({ unit: 'binary', maxLength: 200 }),
        ),
        fc.constantFrom('free' as const, 'fixed' as const),
        (text, format) => {
          const body = `       01 R.\n           05 A PIC X.\n           ${text}`;
          const options = { format, copy: (member: string) => (member === 'A' ? body : undefined) } as const;
          const began = cpuMs();
          const found = mistake(body, options);
          expect(cpuMs() - began).toBeLessThan(1_000);
          if (found === 'no mistake') good += 1;
          else expect(found).toMatch(/^copybook [^,]+, line \d+, column \d+: /);
        },
      ),
      { numRuns: 3_000, interruptAfterTimeLimit: 15_000 },
    );
    expect(good).toBeGreaterThan(5);
  });

  it('large and nasty texts take no time', () => {
    for (const text of [
      `       01 R. 05 A PIC ${'('.repeat(100_000)}`,
      `       01 R.\n${'       05 A PIC X.\n'.repeat(20_000)}`,
      `${"       '".repeat(50_000)}`,
      ' '.repeat(2_000_000),
      `       ${'9'.repeat(200_000)}`,
    ]) {
      const began = cpuMs();
      mistake(text);
      mistake(text, { format: 'free' });
      expect(cpuMs() - began).toBeLessThan(2_000);
    }
  });
});
