import { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../contract/errors.ts';

/** @see https://www.sqlite.org/rescode.html#busy */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && error.errcode % 256 === 5;

/** An exclusive transaction on a file beside the journal, held until the process ends, however it ends (rule 39). */
export class FileLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @throws GatehouseError JOURNAL_LOCKED */
  static take(path: string): FileLock {
    let db: DatabaseSync | null = null;
    try {
      db = new DatabaseSync(`${path}.lock`);
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
      return new FileLock(db);
    } catch (error) {
      db?.close();
      if (!isBusy(error)) throw error;
      throw new GatehouseError('JOURNAL_LOCKED', `another process has the journal ${path} open: stop it, or talk to it over its address`, {
        cause: error,
      });
    }
  }

  release(): void {
    this.#db.close();
  }
}
