import { type Entry, readEntry } from './entry.ts';
import { CopybookMistake, quoted } from './mistake.ts';
import { type Replacement, replaced } from './replacing.ts';
import { Scanner, type Token } from './scanner.ts';
import { readSource, type SourceFormat } from './source.ts';

/** An entry and those below it. */
export interface Item {
  readonly entry: Entry;
  readonly items: Item[];
  /** @param at what is wrong with it; the name otherwise */
  fail(message: string, at?: Token): CopybookMistake;
}

export interface TreeOptions {
  readonly format: SourceFormat;
  readonly decimalComma: boolean;
  readonly copy: ((member: string, library: string | null) => string | undefined) | null;
}

const maxEntries = 10_000;
const maxDepth = 16;

/** All entries of a copybook and of what it copies, in order. @throws CopybookMistake */
function* entriesOf(
  text: string,
  member: string,
  options: TreeOptions,
  replacements: readonly Replacement[],
  depth: number,
): Generator<[Entry, Scanner]> {
  const source = readSource(text, member, options.format);
  const scanner = new Scanner(replacements.length === 0 ? source : replaced(source, replacements), options.decimalComma);
  for (;;) {
    const token = scanner.peek();
    if (token.kind === 'end') return;
    if (!scanner.take('COPY')) {
      yield [readEntry(scanner), scanner];
      continue;
    }
    const name = scanner.next();
    if (name.kind !== 'word' && name.kind !== 'text') throw scanner.fail(name, `COPY needs the name of a member, not ${quoted(name.text)}`);
    const library = scanner.take('OF', 'IN') ? scanner.next().text : null;
    const rules = scanner.take('REPLACING') ? readReplacing(scanner) : [];
    const end = scanner.next();
    if (end.kind !== 'period') throw scanner.fail(end, `${quoted(end.text)} is not supported in COPY`);
    if (options.copy === null) throw scanner.fail(name, `COPY ${name.text}: there is nobody to ask for other members`);
    if (depth >= maxDepth) throw scanner.fail(name, `COPY ${name.text} is nested more than ${maxDepth} deep`);
    const other = options.copy(name.text, library);
    if (other === undefined) throw scanner.fail(name, `COPY ${name.text}: there is no such member`);
    yield* entriesOf(other, name.text.slice(0, 40), options, rules, depth + 1);
  }
}

function readReplacing(scanner: Scanner): Replacement[] {
  const rules: Replacement[] = [];
  while (scanner.peek().kind !== 'period') {
    const part = scanner.take('LEADING') ? 'leading' : scanner.take('TRAILING') ? 'trailing' : null;
    const from = scanner.next();
    if (from.kind === 'end' || from.text === '') throw scanner.fail(from, 'REPLACING needs a text to replace');
    if (!scanner.take('BY')) throw scanner.fail(scanner.peek(), `REPLACING ${quoted(from.text)} goes on with BY`);
    const by = scanner.next();
    if (by.kind === 'end' || by.kind === 'period') throw scanner.fail(by, 'REPLACING … BY needs a text');
    rules.push({ from: from.text, by: by.kind === 'text' ? `'${by.text.replaceAll("'", "''")}'` : by.text, part });
  }
  return rules;
}

/** The entries as trees, by their level numbers. @throws CopybookMistake */
export function readTrees(text: string, member: string, options: TreeOptions): Item[] {
  const roots: Item[] = [];
  const open: Item[] = [];
  let count = 0;
  for (const [entry, scanner] of entriesOf(text, member, options, [], 0)) {
    const fail = (message: string, at: Token = entry.at): CopybookMistake => scanner.fail(at, message);
    if ((count += 1) > maxEntries) throw fail(`has more than ${maxEntries} entries`);
    const last = open.at(-1);
    if (entry.level === 88) {
      if (last === undefined) throw fail(`condition ${entry.name} belongs to no field`);
      last.entry.conditions.push(...entry.conditions);
      continue;
    }
    let closed: Item | undefined;
    while ((open.at(-1)?.entry.level ?? 0) >= entry.level) closed = open.pop();
    const parent = open.at(-1);
    const sibling = parent === undefined ? roots.at(-1) : parent.items.at(-1);
    if (closed !== undefined && sibling !== undefined && sibling.entry.level !== entry.level)
      throw fail(`level ${entry.level} of ${entry.name} fits neither ${sibling.entry.name}, level ${sibling.entry.level}, nor what it is part of`);
    if (parent?.entry.picture !== null && parent !== undefined)
      throw fail(`${entry.name} is part of ${parent.entry.name}, which has a PICTURE and can have no parts`);
    const item: Item = { entry, items: [], fail };
    (parent?.items ?? roots).push(item);
    open.push(item);
  }
  if (roots.length === 0) throw new CopybookMistake({ member, line: 1, column: 1 }, 'there is no data description in it');
  return roots;
}
