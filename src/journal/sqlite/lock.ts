import { DatabaseSync } from 'node:sqlite';
import { GatehouseError } from '../../contract/errors.ts';

/** An exclusive transaction on a file beside the journal, held until the process ends, however it ends (rule 39). */
export class FileLock {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @throws GatehouseError JOURNAL_LOCKED */
  static take(path: string): FileLock {
    const db = new DatabaseSync(`${path}.lock`);
    try {
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
      return new FileLock(db);
    } catch (error) {
      db.close();
      throw new GatehouseError('JOURNAL_LOCKED', `another process has the journal ${path} open: stop it, or talk to it over its address`, {
        cause: error,
      });
    }
  }

  release(): void {
    this.#db.close();
  }
}
