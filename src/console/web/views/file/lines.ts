import { type FileBatch, type FileField, type FileInspection, type FilePiece, type FileRecord } from '../../../../transports/file/inspection.ts';

/** The exchange in lines, for comparing: a field a line, with its value and its bytes. */
export const linesOf = ({ pieces, steps, batch }: FileInspection): string[] => [
  ...pieces.flatMap(pieceLines),
  ...(batch === null ? [] : ['── batch', ...batchWords(batch)]),
  ...steps.flatMap(({ kind, said }) => [`── ${kind}`, ...JSON.stringify(said, null, 2).split('\n')]),
];

const pieceLines = ({ role, codec, size, records }: FilePiece): string[] => [`── ${role}, ${codec}, ${size} bytes`, ...records.flatMap(recordLines)];

function recordLines({ number, type, hex, error, fields, value }: FileRecord): string[] {
  const head = `record ${number}${type === null ? '' : ` ${type}`}`;
  const wrong = error === null ? [] : [`  ! ${error}`];
  if (value !== null) return [head, ...wrong, ...JSON.stringify(value, null, 2).split('\n')];
  if (fields.length === 0) return [head, ...wrong, `  ${hex}`];
  return [head, ...wrong, ...fields.map((field) => fieldLine(field, hex))];
}

function fieldLine({ name, level, offset, length, value }: FileField, hex: string): string {
  const own = value === null ? '' : ` = ${JSON.stringify(value)}  [${hex.slice(2 * offset, 2 * (offset + length))}]`;
  return `${'  '.repeat(level + 1)}${name}${own}`;
}

/** Index of the innermost field at this byte; −1 where there is none. */
export function fieldAt(fields: readonly FileField[], byte: number): number {
  let found = -1;
  for (const [index, { offset, length, level }] of fields.entries()) {
    if (byte < offset || byte >= offset + length) continue;
    const best = fields[found];
    if (best === undefined || level > best.level || (level === best.level && length <= best.length)) found = index;
  }
  return found;
}

/** Where a call is in the file of its batch, in sentences: what is not known yet is said. */
export function batchWords({ seq, state, place, calls, record, offset, unknown }: FileBatch): string[] {
  const which = place === null ? `batch ${seq}, ${state}: ${calls} gathered so far` : `batch ${seq}, ${state}: place ${place} of ${calls}`;
  if (record !== null && offset !== null) return [which, `begins with record ${record} of the file, at byte ${offset}`];
  return [which, ...(unknown === null ? [] : [`record and offset: ${unknown}`])];
}
