import { diffLines } from '../../diff.ts';

/** A row of two texts beside each other; a side without a line is null. */
export interface Row {
  readonly kind: 'same' | 'changed' | 'removed' | 'added';
  readonly a: string | null;
  readonly b: string | null;
}

/** Two lists of lines beside each other: what was removed and what came in its place stand in the same rows. */
export function sideBySide(a: readonly string[], b: readonly string[]): Row[] {
  const rows: Row[] = [];
  let removed: string[] = [];
  const flush = (): void => {
    for (const line of removed) rows.push({ kind: 'removed', a: line, b: null });
    removed = [];
  };
  for (const { kind, text } of diffLines(textOf(a), textOf(b))) {
    const lines = text.split('\n').slice(0, -1);
    if (kind === 'removed') removed.push(...lines);
    else if (kind === 'added')
      for (const line of lines) {
        const before = removed.shift();
        rows.push(before === undefined ? { kind: 'added', a: null, b: line } : { kind: 'changed', a: before, b: line });
      }
    else {
      flush();
      for (const line of lines) rows.push({ kind: 'same', a: line, b: line });
    }
  }
  flush();
  return rows;
}

/** A line is a line whatever stands in it. */
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line.replaceAll(/[\r\n]/g, '␤')}\n`).join('');

/** Indexes of the rows that differ and `around` them; null stands for those between. */
export function folded(rows: readonly Row[], around: number): (number | null)[] {
  const near = new Uint8Array(rows.length);
  for (const [index, { kind }] of rows.entries()) if (kind !== 'same') near.fill(1, Math.max(0, index - around), index + around + 1);
  const shown: (number | null)[] = [];
  for (const [index] of rows.entries())
    if (near[index] === 1) shown.push(index);
    else if (shown.at(-1) !== null) shown.push(null);
  return shown;
}
