/**
 * COBOL copybooks: source.ts takes columns, comments and continuations away, scanner.ts makes words, entry.ts reads one entry, tree.ts nests
 * them by level, place.ts gives every field its bytes. What comes out is a RecordLayout like any other.
 */
import { type RecordLayout, shortestOf } from '../layouts/record-layout.ts';
import { type Dialect, type DialectName, dialects } from './dialect.ts';
import { type Inherited } from './field-type.ts';
import { Placement } from './place.ts';
import { type SourceFormat } from './source.ts';
import { type Item, readTrees } from './tree.ts';

export { CopybookMistake } from './mistake.ts';

export interface CopybookOptions {
  /** What the copybook is called in messages; the record of one without level 01. */
  readonly name?: string;
  readonly dialect?: DialectName;
  readonly format?: SourceFormat;
  /** Keys of values: `CUST-NAME` becomes custName (the default) or stays. */
  readonly names?: 'camelCase' | 'verbatim';
  /** DECIMAL-POINT IS COMMA. */
  readonly decimalComma?: boolean;
  /** CURRENCY SIGN IS, one character. */
  readonly currency?: string;
  /** COMP-1 and COMP-2, where they differ from the dialect's: hexadecimal or IEEE. */
  readonly floats?: 'ibm' | 'ieee';
  /** Byte order of COMP-5, and of COMP, where they differ from the dialect's. */
  readonly comp5?: 'big-endian' | 'little-endian';
  readonly comp?: 'big-endian' | 'little-endian';
  /** What follows a table DEPENDING ON moves up when it is short (the default), or stays where it is at most. */
  readonly afterTables?: 'moves' | 'stays';
  /** Texts that are too long are cut instead of refused. */
  readonly truncate?: boolean;
  /** Gives the text of another member, for COPY; undefined when there is none. */
  readonly copy?: (member: string, library: string | null) => string | undefined;
}

/**
 * The records of a copybook: one a level 01, or one of everything when it has none.
 * @throws CopybookMistake (LAYOUT_MISSING) with line and column for everything that is not supported
 */
export function parseCopybook(text: string, options: CopybookOptions = {}): RecordLayout[] {
  const name = options.name ?? 'RECORD';
  const dialect: Dialect = dialects[options.dialect ?? 'ibm'];
  const roots = readTrees(text, name, {
    format: options.format ?? 'fixed',
    decimalComma: options.decimalComma === true,
    copy: options.copy ?? null,
  });
  const placeOptions = {
    dialect,
    point: options.decimalComma === true ? ',' : '.',
    currency: (options.currency ?? '$').slice(0, 1).toUpperCase(),
    truncate: options.truncate === true,
    floats:
      options.floats === undefined
        ? dialect.floats
        : { format: options.floats, littleEndian: options.floats === 'ieee' && dialect.floats.littleEndian },
    comp5LittleEndian: options.comp5 === undefined ? dialect.comp5LittleEndian : options.comp5 === 'little-endian',
    compLittleEndian: options.comp === 'little-endian',
    verbatimNames: options.names === 'verbatim',
    moves: options.afterTables !== 'stays',
  } as const;
  const nothing: Inherited = { usage: null, usageText: '', sign: null, sync: false };
  const record = (own: string, items: readonly Item[], inherited: Inherited): RecordLayout => {
    const { fields, length } = new Placement(placeOptions).record(items, inherited);
    return Object.freeze({ name: own, length, minLength: shortestOf(fields), fields });
  };
  if (roots[0]?.entry.level !== 1) return [record(name, roots, nothing)];
  const seen = new Set<string>();
  return roots.map((root) => {
    const { entry } = root;
    if (seen.has(entry.name)) throw root.fail(`there are two records ${entry.name}`);
    seen.add(entry.name);
    if (entry.occurs !== null) throw root.fail(`record ${entry.name} cannot occur several times`);
    // At level 01 it says that both are records of one file, which every level 01 is here.
    entry.redefines = null;
    return root.items.length === 0 ? record(entry.name, [root], nothing) : record(entry.name, root.items, entry);
  });
}
