/** A row of a list in the order of `seq`, the highest first. */
export interface Sequenced {
  readonly seq: number;
}

/** A page of the list, as a request for it brings it. */
interface Piece<T> {
  /** All of its rows are below this; null: as high as there are. */
  readonly before: number | null;
  /** Null when they were dropped; they are asked for again when they are seen. */
  rows: T[] | null;
  count: number;
  /** They may have changed unnoticed: they are shown until they have been asked for again. */
  stale?: boolean;
}

/** Rows to be asked for again. */
export interface Gap {
  readonly before: number | null;
  readonly count: number;
}

export type Placed = 'updated' | 'inserted' | 'above' | 'below' | 'dropped';

/**
 * The part of an endless list that was seen: rows near to what is seen now are kept, of all others only where they begin and how many they
 * are. What it holds grows by one entry a page that was looked at, and not with the rows.
 */
export class RowWindow<T extends Sequenced> {
  #pieces: Piece<T>[] = [];
  /** Where the rows below go on; null: there are none. */
  #next: number | null = null;

  get length(): number {
    return this.#pieces.reduce((sum, { count }) => sum + count, 0);
  }

  get next(): number | null {
    return this.#next;
  }

  /** The list begins at its newest row, and not somewhere in the middle. */
  get isWhole(): boolean {
    return (this.#pieces[0]?.before ?? null) === null;
  }

  /** Rows that are held. */
  get held(): number {
    return this.#pieces.reduce((sum, { rows }) => sum + (rows?.length ?? 0), 0);
  }

  reset(rows: readonly T[], next: number | null, before: number | null = null): void {
    this.#pieces = rows.length === 0 ? [] : [{ before, rows: [...rows], count: rows.length }];
    if (rows.length === 0 && before !== null) this.#pieces = [{ before, rows: [], count: 0 }];
    this.#next = next;
  }

  /** The page that `next` asked for. */
  append(rows: readonly T[], next: number | null): void {
    if (rows.length > 0) this.#pieces.push({ before: this.#pieces.length === 0 ? null : this.#next, rows: [...rows], count: rows.length });
    this.#next = next;
  }

  /** The row at a place; undefined when it is dropped or there is none. */
  at(index: number): T | undefined {
    let left = index;
    for (const { rows, count } of this.#pieces) {
      if (left < count) return rows?.[left];
      left -= count;
    }
    return undefined;
  }

  /** Where a row that is held stands; -1 when it is not. */
  indexOf(seq: number): number {
    let above = 0;
    for (const { rows, count } of this.#pieces) {
      const found = rows?.findIndex((row) => row.seq === seq) ?? -1;
      if (found >= 0) return above + found;
      above += count;
    }
    return -1;
  }

  get(seq: number): T | undefined {
    return this.#pieceOf(seq)?.rows?.find((row) => row.seq === seq);
  }

  /** Puts a row where it belongs, if that is a place where rows are held. `insert` false: only where the row stands already. */
  put(row: T, insert = true): Placed {
    const first = this.#pieces[0];
    if (first !== undefined && first.before !== null && row.seq >= first.before) return 'above';
    if (this.#next !== null && row.seq < this.#next) return 'below';
    const piece = this.#pieceOf(row.seq);
    if (piece === undefined) {
      if (insert) this.#pieces = [{ before: null, rows: [row], count: 1 }];
      return 'inserted';
    }
    if (piece.rows === null) return 'dropped';
    const index = piece.rows.findIndex((each) => each.seq <= row.seq);
    if (index >= 0 && piece.rows[index]?.seq === row.seq) {
      piece.rows[index] = row;
      return 'updated';
    }
    if (insert) {
      piece.rows.splice(index < 0 ? piece.rows.length : index, 0, row);
      piece.count = piece.rows.length;
    }
    return 'inserted';
  }

  /** The first rows among these that are not held. */
  gap(first: number, last: number): Gap | null {
    let above = 0;
    for (const { before, rows, count, stale = false } of this.#pieces) {
      if ((rows === null || stale) && above < last && above + Math.max(1, count) > first) return { before, count };
      above += count;
    }
    return null;
  }

  /** What was asked for again has come: the rows below `before`, the highest first, and where those after them go on. */
  fill(before: number | null, rows: readonly T[], next: number | null): void {
    const index = this.#pieces.findIndex((piece) => piece.before === before && (piece.rows === null || piece.stale === true));
    const piece = this.#pieces[index];
    if (piece === undefined) return;
    const end = this.#pieces[index + 1]?.before ?? this.#next ?? 0;
    piece.rows = rows.filter(({ seq }) => seq >= end);
    piece.stale = false;
    piece.count = piece.rows.length;
    // More of them than there were: the rest is a page of its own, which is asked for when it is seen.
    if (next !== null && next > end && piece.count > 0)
      this.#pieces.splice(index + 1, 0, { before: next, rows: null, count: Math.max(1, Math.round(piece.count / 2)) });
    if (piece.count === 0 && this.#pieces.length > 1 && index > 0) this.#pieces.splice(index, 1);
  }

  /** Drops the rows of pages that are further than `margin` rows from these. */
  keep(first: number, last: number, margin: number): void {
    let above = 0;
    for (const piece of this.#pieces) {
      if (above + piece.count < first - margin || above > last + margin) piece.rows = null;
      above += piece.count;
    }
  }

  /** Every row may have changed unnoticed: what is seen is asked for again. */
  doubtAll(): void {
    if (this.#pieces.length === 0) this.#pieces = [{ before: null, rows: [], count: 0 }];
    for (const piece of this.#pieces) piece.stale = piece.rows !== null;
  }

  /** Forgets all below the first rows: they are asked for anew when somebody scrolls there. */
  truncate(count: number): void {
    let above = 0;
    for (const [index, piece] of this.#pieces.entries()) {
      if (piece.rows !== null && above + piece.count > count) {
        piece.rows = piece.rows.slice(0, Math.max(1, count - above));
        piece.count = piece.rows.length;
        this.#pieces.length = index + 1;
        this.#next = piece.rows.at(-1)?.seq ?? this.#next;
        return;
      }
      above += piece.count;
    }
  }

  /** The page a sequence belongs to: the first whose successor begins at or above it. */
  #pieceOf(seq: number): Piece<T> | undefined {
    return this.#pieces.find((_, index) => {
      const below = this.#pieces[index + 1];
      return below === undefined || seq >= (below.before ?? 0);
    });
  }
}
