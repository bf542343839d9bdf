import { type Condition, type Initial } from '../layouts/record-layout.ts';
import { literalText, readInitial } from './literal.ts';
import { quoted } from './mistake.ts';
import { type Scanner, type Token } from './scanner.ts';

export type Usage = 'display' | 'binary' | 'native' | 'packed' | 'single' | 'double' | 'national';

/** One data description entry, clause by clause, as written. */
export interface Entry {
  readonly level: number;
  /** In capitals; FILLER where it has none. */
  readonly name: string;
  readonly at: Token;
  redefines: Token | null;
  picture: Token | null;
  usage: Usage | null;
  usageText: string;
  occurs: { readonly at: Token; readonly min: number; readonly max: number; readonly dependingOn: readonly string[] | null } | null;
  sign: { readonly side: 'leading' | 'trailing'; readonly separate: boolean } | null;
  sync: boolean;
  justified: boolean;
  blankWhenZero: boolean;
  initial: Initial | null;
  readonly conditions: Condition[];
}

const usages: Readonly<Record<string, Usage>> = {
  DISPLAY: 'display',
  BINARY: 'binary',
  COMP: 'binary',
  'COMP-4': 'binary',
  'COMP-5': 'native',
  'COMP-3': 'packed',
  'PACKED-DECIMAL': 'packed',
  'COMP-1': 'single',
  'COMP-2': 'double',
  NATIONAL: 'national',
};
const usageOf = (word: string): Usage | undefined => {
  const short = word.replace(/^COMPUTATIONAL/, 'COMP');
  return Object.hasOwn(usages, short) ? usages[short] : undefined;
};

/** Words that end the list of names of a KEY or INDEXED phrase. */
const clauseWords = new Set([
  ...Object.keys(usages),
  ...'REDEFINES PIC PICTURE USAGE OCCURS SIGN LEADING TRAILING SYNC SYNCHRONIZED JUST JUSTIFIED BLANK VALUE VALUES'.split(' '),
  ...'INDEXED ASCENDING DESCENDING DEPENDING EXTERNAL GLOBAL'.split(' '),
]);

/** Reads one entry up to and with its period. @throws CopybookMistake */
export function readEntry(scanner: Scanner): Entry {
  const at = scanner.next();
  const level = Number(at.text);
  if (at.kind !== 'number' || !/^\d{1,2}$/.test(at.text)) throw scanner.fail(at, `a level number must stand here, not ${quoted(at.text)}`);
  if (level === 66) throw scanner.fail(at, 'RENAMES (level 66) is not supported');
  if (level !== 88 && (level < 1 || level > 49)) throw scanner.fail(at, `level ${at.text} is not supported; records have the levels 01 to 49 and 88`);
  const first = scanner.peek();
  let name = 'FILLER';
  if ((first.kind === 'word' && !clauseWords.has(first.text) && usageOf(first.text) === undefined) || first.kind === 'number') {
    name = scanner.next().text;
    if (!/[A-Z]/.test(name) || !/^[A-Z0-9](?:[\w-]{0,58}[A-Z0-9])?$/.test(name)) throw scanner.fail(first, `${quoted(name)} is no name`);
  }
  const entry: Entry = {
    level,
    name,
    at: name === 'FILLER' ? at : first,
    redefines: null,
    picture: null,
    usage: null,
    usageText: '',
    occurs: null,
    sign: null,
    sync: false,
    justified: false,
    blankWhenZero: false,
    initial: null,
    conditions: [],
  };
  if (level === 88) {
    readCondition(scanner, entry);
    return entry;
  }
  const seen = new Set<string>();
  for (;;) {
    const token = scanner.next();
    if (token.kind === 'period') return entry;
    if (token.kind === 'end') throw scanner.fail(token, `the entry of ${name} has no period at its end`);
    const clause = token.kind === 'word' ? readClause(scanner, entry, token) : null;
    if (clause === null) {
      const hint = token.kind === 'number' ? '; is the period before it missing?' : '';
      throw scanner.fail(token, `${quoted(token.text)} is not supported in a data description${hint}`);
    }
    if (seen.has(clause)) throw scanner.fail(token, `${name} has two clauses ${clause}`);
    seen.add(clause);
  }
}

/** The clause that begins with this word; its name, or null when it is none. */
function readClause(scanner: Scanner, entry: Entry, token: Token): string | null {
  switch (token.text) {
    case 'REDEFINES':
      entry.redefines = word(scanner, 'the name that is redefined');
      return 'REDEFINES';
    case 'PIC':
    case 'PICTURE':
      entry.picture = scanner.picture();
      return 'PICTURE';
    case 'USAGE': {
      scanner.take('IS');
      const named = scanner.next();
      return usage(scanner, entry, named, usageOf(named.text));
    }
    case 'OCCURS':
      readOccurs(scanner, entry, token);
      return 'OCCURS';
    case 'SIGN':
      scanner.take('IS');
      return readSign(scanner, entry, scanner.next());
    case 'LEADING':
    case 'TRAILING':
      return readSign(scanner, entry, token);
    case 'SYNC':
    case 'SYNCHRONIZED':
      if (!scanner.take('LEFT')) scanner.take('RIGHT');
      entry.sync = true;
      return 'SYNCHRONIZED';
    case 'JUST':
    case 'JUSTIFIED':
      scanner.take('RIGHT');
      entry.justified = true;
      return 'JUSTIFIED';
    case 'BLANK':
      scanner.take('WHEN');
      if (!scanner.take('ZERO', 'ZEROS', 'ZEROES')) throw scanner.fail(scanner.peek(), 'BLANK WHEN goes on with ZERO');
      entry.blankWhenZero = true;
      return 'BLANK WHEN ZERO';
    case 'VALUE':
    case 'VALUES':
      if (!scanner.take('IS')) scanner.take('ARE');
      entry.initial = readInitial(scanner);
      return 'VALUE';
    case 'EXTERNAL':
    case 'GLOBAL':
      return token.text;
    default:
      if (['INDEX', 'POINTER', 'COMP-6', 'COMP-X', 'COMP-N', 'DISPLAY-1'].includes(token.text.replace(/^COMPUTATIONAL/, 'COMP')))
        return usage(scanner, entry, token, undefined);
      return usageOf(token.text) === undefined ? null : usage(scanner, entry, token, usageOf(token.text));
  }
}

function usage(scanner: Scanner, entry: Entry, token: Token, named: Usage | undefined): string {
  if (named === undefined) throw scanner.fail(token, `USAGE ${quoted(token.text)} is not supported; describe the bytes as PIC X`);
  entry.usage = named;
  entry.usageText = token.text.replace(/^COMPUTATIONAL/, 'COMP');
  return 'USAGE';
}

function readSign(scanner: Scanner, entry: Entry, side: Token): string {
  if (side.text !== 'LEADING' && side.text !== 'TRAILING')
    throw scanner.fail(side, `SIGN goes on with LEADING or TRAILING, not ${quoted(side.text)}`);
  const separate = scanner.take('SEPARATE');
  if (separate) scanner.take('CHARACTER');
  entry.sign = { side: side.text === 'LEADING' ? 'leading' : 'trailing', separate };
  return 'SIGN';
}

function readOccurs(scanner: Scanner, entry: Entry, at: Token): void {
  const count = (): number => {
    const token = scanner.next();
    if (token.kind !== 'number' || !/^\d{1,7}$/.test(token.text))
      throw scanner.fail(token, `OCCURS needs a number of elements, not ${quoted(token.text)}`);
    return Number(token.text);
  };
  const first = count();
  const to = scanner.take('TO') ? count() : null;
  scanner.take('TIMES');
  let dependingOn: string[] | null = null;
  for (;;) {
    if (scanner.take('DEPENDING')) {
      scanner.take('ON');
      dependingOn = [word(scanner, 'the field with the count').text];
      while (scanner.take('OF', 'IN')) dependingOn.push(word(scanner, 'the group of the count').text);
    } else if (scanner.take('ASCENDING', 'DESCENDING')) {
      scanner.take('KEY');
      scanner.take('IS');
      names(scanner);
    } else if (scanner.take('INDEXED')) {
      scanner.take('BY');
      names(scanner);
    } else break;
  }
  if (to !== null && dependingOn === null) throw scanner.fail(at, `OCCURS ${first} TO ${to} needs DEPENDING ON the field with the count`);
  const [min, max] = to === null ? [dependingOn === null ? first : 1, first] : [first, to];
  if (max < 1 || min > max) throw scanner.fail(at, `OCCURS ${min} TO ${max} has no elements`);
  entry.occurs = { at, min, max, dependingOn };
}

function word(scanner: Scanner, what: string): Token {
  const token = scanner.next();
  if (token.kind !== 'word') throw scanner.fail(token, `${what} must stand here, not ${quoted(token.text)}`);
  return token;
}

function names(scanner: Scanner): void {
  let found = 0;
  for (
    let token = scanner.peek();
    token.kind === 'word' && !clauseWords.has(token.text) && usageOf(token.text) === undefined;
    token = scanner.peek()
  ) {
    scanner.next();
    found += 1;
  }
  if (found === 0) throw scanner.fail(scanner.peek(), `a name must stand here, not ${quoted(scanner.peek().text)}`);
}

function readCondition(scanner: Scanner, entry: Entry): void {
  if (!scanner.take('VALUE', 'VALUES')) throw scanner.fail(scanner.peek(), `level 88 goes on with VALUE, not ${quoted(scanner.peek().text)}`);
  if (!scanner.take('IS')) scanner.take('ARE');
  const values: Condition['values'][number][] = [];
  while (scanner.peek().kind !== 'period') {
    const from = literalText(readInitial(scanner));
    values.push(scanner.take('THRU', 'THROUGH') ? [from, literalText(readInitial(scanner))] : from);
  }
  if (values.length === 0) throw scanner.fail(scanner.peek(), 'level 88 has no value');
  scanner.next();
  entry.conditions.push({ name: entry.name, values });
}
