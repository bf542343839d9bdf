import { GatehouseError } from '../../../../contract/errors.ts';
import { type EntryKind } from '../place.ts';

/** One line of a listing: the name with its exact bytes. */
export interface ListedName {
  readonly name: Buffer;
  readonly kind: EntryKind;
  readonly size: number;
  readonly modifiedMs: number | null;
}

const maxLineBytes = 16_384;

/** Cuts what comes over a data connection into lines, without keeping more than one. @throws GatehouseError ANSWER_INVALID when a line never ends */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineBytes) throw new GatehouseError('ANSWER_INVALID', `a line of a listing has more than ${maxLineBytes} bytes`);
    yield lines.map((line) => line.replace(/\r$/, ''));
  }
  if (rest !== '') yield [rest];
}

/**
 * `type=file;size=12;modify=20261224175900; NAME`, the bytes as Latin-1. Null for the directory itself and its parent.
 * @see RFC 3659, section 7
 */
export function parseFacts(line: string): ListedName | null {
  const space = line.indexOf(' ');
  const facts = new Map(
    line
      .slice(0, Math.max(space, 0))
      .split(';')
      .filter((fact) => fact.includes('='))
      .map((fact) => [fact.slice(0, fact.indexOf('=')).toLowerCase(), fact.slice(fact.indexOf('=') + 1)]),
  );
  const type = facts.get('type')?.toLowerCase();
  if (space < 0 || type === undefined) throw unreadable(line);
  if (type === 'cdir' || type === 'pdir') return null;
  const kind = type === 'file' ? 'file' : type === 'dir' ? 'directory' : /^os\.unix=s(?:ym)?link/.test(type) ? 'link' : 'other';
  const size = Number(facts.get('size') ?? 0);
  return {
    name: Buffer.from(line.slice(space + 1), 'latin1'),
    kind,
    size: Number.isSafeInteger(size) ? size : 0,
    modifiedMs: momentOf(facts.get('modify') ?? ''),
  };
}

const months = String.raw`(?:\S{3,5}\s+\d{1,2}|\d{1,2}\s+\S{3,5}|\d{4}-\d\d-\d\d)`;
const unix = new RegExp(String.raw`^([-dlbcpsD])[-rwxsStTlL]{9}[+@.]?\s+\d+\s+(?:\S+\s+){1,4}?(\d+)\s+${months}\s+(?:\d{1,2}:\d\d|\d{4})\s(.+)$`);
const dos = /^\d\d-\d\d-\d{2,4}\s+\d\d:\d\d(?:[AP]M)?\s+(<DIR>|<JUNCTION>|<SYMLINKD?>|\d+)\s(.+)$/;

/** A line of LIST as Unix and Windows servers write it; times in it have no zone and mostly no seconds, and are left out. Null for a line without a file. */
export function parseLine(line: string): ListedName | null {
  if (line.trim() === '' || /^total \d+$/i.test(line)) return null;
  const [, type, unixSize, unixName] = unix.exec(line.slice(0, maxLineBytes)) ?? [];
  if (unixName !== undefined) {
    const kind = type === '-' ? 'file' : type === 'd' ? 'directory' : type === 'l' ? 'link' : 'other';
    const arrow = kind === 'link' ? unixName.indexOf(' -> ') : -1;
    return listed(arrow < 0 ? unixName : unixName.slice(0, arrow), kind, Number(unixSize));
  }
  const [, dosSize, dosName] = dos.exec(line) ?? [];
  if (dosName === undefined) throw unreadable(line);
  const kind = dosSize === '<DIR>' ? 'directory' : dosSize?.startsWith('<') === true ? 'link' : 'file';
  return listed(dosName.replace(/^ +/, ''), kind, kind === 'file' ? Number(dosSize) : 0);
}

const listed = (name: string, kind: EntryKind, size: number): ListedName | null =>
  name === '.' || name === '..' ? null : { name: Buffer.from(name, 'latin1'), kind, size, modifiedMs: null };

/** `20261224175900` or with a fraction, UTC. @see RFC 3659, section 2.3 */
export function momentOf(text: string): number | null {
  const [, year, month, day, hour, minute, second, fraction = ''] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (year === undefined) return null;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return ms + Math.floor(Number(`0.${fraction}0`) * 1_000);
}

/** A file that is passed over in silence would be a file that is lost. */
const unreadable = (line: string): GatehouseError =>
  new GatehouseError(
    'ANSWER_INVALID',
    `the server lists files in a format that is not known, with a line of ${line.length} characters; have MLSD switched on there`,
  );
