import { type Sequenced } from './row-window.ts';

/** More are not kept but read again. */
const most = 500;

export interface Fresh {
  readonly count: number;
  readonly more: boolean;
}

/** Rows that came while somebody looked at others. */
export class WaitingRows<T extends Sequenced> {
  readonly #rows = new Map<number, T>();
  #overflowed = false;

  get fresh(): Fresh {
    return this.#overflowed ? { count: most, more: true } : { count: this.#rows.size, more: false };
  }

  add(row: T): void {
    if (this.#overflowed) return;
    this.#rows.set(row.seq, row);
    if (this.#rows.size <= most) return;
    this.clear();
    this.#overflowed = true;
  }

  delete(seq: number): void {
    this.#rows.delete(seq);
  }

  clear(): void {
    this.#rows.clear();
    this.#overflowed = false;
  }

  /** All of them, which wait no more; null when there were too many to keep. */
  take(): readonly T[] | null {
    if (this.#overflowed) return null;
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }
}
