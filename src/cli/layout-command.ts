import { type Command, InvalidArgumentError, Option } from 'commander';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import pc from 'picocolors';
import { GatehouseError } from '../contract/errors.ts';
import { layoutCodec } from '../transports/file/codecs/layout.codec.ts';
import { type RecordFormat } from '../transports/file/codecs/framing.ts';
import { type Decoded, isBad } from '../transports/file/codecs/record-codec.ts';
import { type RecordChoice } from '../transports/file/codecs/record-types.ts';
import { type CodePageName, codePageNames } from '../transports/file/code-pages/tables.ts';
import { parseCopybook } from '../transports/file/copybook/copybook.ts';
import { type DialectName, dialects } from '../transports/file/copybook/dialect.ts';
import { copybookTypes } from '../transports/file/copybook/types.ts';
import { type FieldLayout, type RecordLayout, walk } from '../transports/file/layouts/record-layout.ts';
import { type Common } from './commands.ts';
import { safeText } from './safe-text.ts';

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** How a copybook is to be read. */
export interface CopybookFlags {
  readonly dialect?: DialectName;
  readonly source?: 'fixed' | 'free';
  readonly names?: 'camelCase' | 'verbatim';
}

interface LayoutFlags extends CopybookFlags {
  readonly codePage: CodePageName;
  readonly format: RecordFormat;
  readonly blankNumbers: 'refuse' | 'null' | 'zero';
  readonly when: readonly [record: string, at: number, text: string][];
  readonly limit: number;
}

const formats: Readonly<Record<string, RecordFormat>> = {
  fixed: { kind: 'fixed' },
  line: { kind: 'line' },
  crlf: { kind: 'line', ends: 'crlf' },
  nel: { kind: 'line', ends: 'nel' },
  v: { kind: 'rdw' },
  vb: { kind: 'rdw', blocks: true },
  'v-little-endian': { kind: 'rdw', order: 'little-endian' },
};

function formatOf(text: string): RecordFormat {
  const length = /^fixed:(\d{1,7})$/.exec(text)?.[1];
  if (length !== undefined) return { kind: 'fixed', length: Number(length) };
  const format = Object.hasOwn(formats, text) ? formats[text] : undefined;
  if (format === undefined) throw new InvalidArgumentError(`it is one of ${Object.keys(formats).join(', ')}, or fixed:<bytes>.`);
  return format;
}

function limitOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

function whenOf(text: string, before: LayoutFlags['when']): LayoutFlags['when'] {
  const [, record, at, wanted] = /^([\w-]+)@(\d{1,7})=(.+)$/.exec(text) ?? [];
  if (record === undefined) throw new InvalidArgumentError('it is written RECORD@offset=text, as in HEADER@0=H.');
  return [...before, [record.toUpperCase(), Number(at), wanted as string]];
}

/** @throws GatehouseError NOT_FOUND when a person named what is no file */
function checkFile(file: string): void {
  if (!existsSync(file)) throw new GatehouseError('NOT_FOUND', `there is no file ${file}`);
  if (statSync(file).isDirectory()) throw new GatehouseError('NOT_FOUND', `${file} is a directory; a file is needed`);
}

/** The text of a file that a person named. @throws GatehouseError NOT_FOUND */
function textOf(file: string): string {
  checkFile(file);
  const bytes = readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** A member for COPY: beside the copybook, under its own name with a usual ending. */
function memberBeside(folder: string, member: string): string | undefined {
  if (!/^[A-Za-z0-9][\w-]*$/.test(member)) return undefined;
  for (const name of [member, member.toLowerCase()])
    for (const ending of ['', '.cpy', '.CPY', '.cbl', '.cob', '.copy', '.txt']) {
      const file = join(folder, `${name}${ending}`);
      if (existsSync(file)) return textOf(file);
    }
  return undefined;
}

/**
 * The records of a copybook file.
 * @throws GatehouseError NOT_FOUND when there is no such file, LAYOUT_MISSING with line and column when it cannot be read
 */
function readCopybookFile(file: string, { dialect = 'ibm', source = 'fixed', names = 'camelCase' }: CopybookFlags = {}): RecordLayout[] {
  return parseCopybook(textOf(file), {
    name: basename(file, extname(file)).slice(0, 40),
    dialect,
    format: source,
    names,
    copy: (member) => memberBeside(dirname(file), member),
  });
}

/** TypeScript types of the records of a copybook file: what `gatehouse types <copybook>` writes. @throws as readCopybookFile */
export const typesOfCopybookFile = (file: string, flags: CopybookFlags = {}): string => copybookTypes(readCopybookFile(file, flags));

/** The options that say how a copybook is read. */
export function withCopybookOptions(command: Command): Command {
  return command
    .addOption(new Option('--dialect <dialect>', 'whose compiler laid the bytes out').choices(Object.keys(dialects)).default('ibm'))
    .addOption(new Option('--source <columns>', 'copybook with columns (fixed) or without (free)').choices(['fixed', 'free']).default('fixed'))
    .addOption(new Option('--names <names>', 'CUST-NAME becomes custName, or stays').choices(['camelCase', 'verbatim']).default('camelCase'));
}

function remarks(field: FieldLayout): string {
  const { occurs, redefines, slack, slackAfter, conditions } = field;
  return [
    ...(occurs === null
      ? []
      : [occurs.dependingOn === null ? `${occurs.max} times` : `${occurs.min} to ${occurs.max} times, by ${occurs.dependingOn}`]),
    ...(redefines === null ? [] : [`instead of ${redefines}`]),
    ...(slack === 0 ? [] : [`${slack} padding before`]),
    ...(slackAfter === 0 ? [] : [`${slackAfter} padding at its end`]),
    ...conditions.map(({ name }) => name),
  ].join('; ');
}

function table(record: RecordLayout): string {
  const rows = [...walk(record.fields)].map(({ field, path }) => {
    const depth = path.split('.').length - 1;
    return [String(field.offset), String(field.length), `${'  '.repeat(depth)}${field.key}`, field.type.kind, field.picture, remarks(field)];
  });
  const head = ['offset', 'bytes', 'field', 'type', 'picture', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const size = record.minLength === record.length ? `${record.length}` : `${record.minLength} to ${record.length}`;
  return [`${safeText(record.name)}: ${size} bytes`, pc.dim(line(head)), ...rows.map(line)].join('\n');
}

/** The layout of the records as data, fields flat with their paths. */
const layoutJson = (records: readonly RecordLayout[]): object => ({
  records: records.map(({ name, length, minLength, fields }) => ({
    name,
    length,
    minLength,
    fields: [...walk(fields)].map(({ field, path }) => {
      const { fields: _inner, key: _key, ...rest } = field;
      return { path, ...rest };
    }),
  })),
});

async function showRecords(file: string, records: readonly RecordLayout[], flags: LayoutFlags, json: boolean): Promise<void> {
  checkFile(file);
  const unknown = flags.when.find(([record]) => records.every(({ name }) => name !== record));
  if (unknown !== undefined)
    throw new GatehouseError('NOT_POSSIBLE', `--when names ${unknown[0]}; the copybook has ${records.map(({ name }) => name).join(', ')}`);
  const choice = (layout: RecordLayout): RecordChoice => {
    const [, at, text] = flags.when.find(([record]) => record === layout.name) ?? [];
    return at === undefined || text === undefined ? { layout } : { layout, when: { at, text } };
  };
  // Those with a rule first: the one without takes what is left.
  const choices = records.map(choice).sort((a, b) => Number(a.when === undefined) - Number(b.when === undefined));
  const { codePage, format, blankNumbers } = flags;
  const codec = layoutCodec({
    name: basename(file),
    codePage,
    format,
    blankNumbers,
    records: Object.fromEntries(choices.map((each) => [each.layout.name, each])),
  });
  const decoder = codec.decoder();
  let [shown, bad] = [0, 0];
  const show = (decoded: readonly Decoded[]): boolean => {
    for (const each of decoded) {
      if (shown >= flags.limit) return false;
      shown += 1;
      if (isBad(each)) bad += 1;
      out(json ? JSON.stringify(recordJson(each)) : recordText(each));
    }
    return shown < flags.limit;
  };
  let whole = true;
  for await (const chunk of createReadStream(file)) {
    if (show(decoder.push(chunk as Buffer))) continue;
    whole = false;
    break;
  }
  if (whole) show(decoder.end());
  else process.stderr.write(`${pc.dim(`the first ${shown} records; --limit shows more`)}\n`);
  if (bad > 0) process.exitCode = 1;
  if (bad > 0 && bad === shown && !json)
    process.stderr.write(`${pc.dim(`no record fits: are --format${varies(records)} and --code-page ${codePage} those of the file?`)}\n`);
}

/** A hint for who has not said that records have a length of their own. */
const varies = (records: readonly RecordLayout[]): string =>
  records.every(({ length, minLength }) => length === minLength && length === records[0]?.length)
    ? ''
    : ' (v, vb or line where records differ in length)';

const recordJson = (decoded: Decoded): object => {
  const { number, offset, length } = decoded;
  return isBad(decoded)
    ? {
        number,
        offset,
        length,
        error: { code: decoded.error.code, message: decoded.error.message },
        bytes: Buffer.from(decoded.bytes).toString('hex'),
      }
    : { number, offset, length, type: decoded.type, value: decoded.value };
};

const recordText = (decoded: Decoded): string =>
  isBad(decoded)
    ? pc.red(safeText(decoded.error.message))
    : `${pc.dim(`${decoded.number} at ${decoded.offset}`)}  ${decoded.type}  ${safeText(JSON.stringify(decoded.value))}`;

export function addLayout(program: Command): void {
  withCopybookOptions(
    program
      .command('layout')
      .description('the records of a copybook: offsets, lengths, types; with a file, its records as values')
      .argument('<copybook>', 'COBOL copybook')
      .argument('[file]', 'data file with these records'),
  )
    .addOption(new Option('--code-page <page>', 'code page of the file').choices(codePageNames).default('1047'))
    .addOption(
      new Option('--format <format>', `how the file is divided: ${Object.keys(formats).join(', ')}, or fixed:<bytes>`)
        .argParser(formatOf)
        .default({ kind: 'fixed' }, 'fixed, the longest record'),
    )
    .addOption(
      new Option('--when <rule>', 'which record has which text where, as in HEADER@0=H; once a record').argParser(whenOf).default([], 'none'),
    )
    .addOption(new Option('--blank-numbers <meaning>', 'what spaces in a number mean').choices(['refuse', 'null', 'zero']).default('refuse'))
    .option('--limit <n>', 'how many records of the file', limitOf, 20)
    .action(async (copybook: string, file: string | undefined, flags: LayoutFlags, command: Command) => {
      const json = command.optsWithGlobals<Common>().json === true;
      const records = readCopybookFile(copybook, flags);
      if (file !== undefined) return showRecords(file, records, flags, json);
      return out(json ? JSON.stringify(layoutJson(records)) : records.map(table).join('\n\n'));
    });
}
