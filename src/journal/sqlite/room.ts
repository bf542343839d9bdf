import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { type JournalSettings } from '../journal.settings.ts';
import { type Database } from './database.ts';

const pieceBytes = 1_048_576;

/**
 * The reserve for a full disk (rule 28): a file beside the journal, and pages below its own limit. Given free when there is no room left,
 * so that answers in flight can be recorded; taken back when there is.
 */
export class Room {
  readonly #db: Database;
  readonly #file: string;
  readonly #reserveBytes: number;
  readonly #maxPages: number | null;
  readonly #reservePages: number;
  full = false;

  constructor(db: Database, { path, maxBytes, reserveBytes }: JournalSettings) {
    this.#db = db;
    this.#file = `${path}.reserve`;
    this.#reserveBytes = reserveBytes;
    const pageSize = db.get<{ page_size: number }>('PRAGMA page_size')?.page_size ?? 4_096;
    this.#maxPages = maxBytes === undefined ? null : Math.floor(maxBytes / pageSize);
    this.#reservePages = Math.floor(reserveBytes / pageSize);
    this.#limit(false);
    this.#keepBack();
  }

  release(): void {
    this.full = true;
    rmSync(this.#file, { force: true });
    this.#limit(true);
  }

  /** @returns whether there is room again, with the reserve back in place */
  tryRestore(): boolean {
    if (this.#maxPages !== null) {
      const pages = this.#db.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
      const free = this.#db.get<{ freelist_count: number }>('PRAGMA freelist_count')?.freelist_count ?? 0;
      if (pages - free > (this.#maxPages - this.#reservePages) * 0.95) return false;
    }
    if (!this.#keepBack()) return false;
    this.#limit(false);
    this.full = false;
    return true;
  }

  #limit(withReserve: boolean): void {
    if (this.#maxPages !== null)
      this.#db.exec(`PRAGMA max_page_count = ${withReserve ? this.#maxPages : Math.max(1, this.#maxPages - this.#reservePages)}`);
  }

  /** Real blocks, not a hole: written out. */
  #keepBack(): boolean {
    if (this.#maxPages !== null || this.#reserveBytes === 0 || existsSync(this.#file)) return true;
    const file = openSync(this.#file, 'w', 0o600);
    try {
      const zeros = new Uint8Array(pieceBytes);
      for (let left = this.#reserveBytes; left > 0; left -= pieceBytes) writeSync(file, zeros, 0, Math.min(left, pieceBytes));
      return true;
    } catch {
      rmSync(this.#file, { force: true });
      return false;
    } finally {
      closeSync(file);
    }
  }
}
