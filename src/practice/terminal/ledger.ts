import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** What a practice system has really done, in order; with a file one JSON line an entry, on the disk before it is shown to anybody. */
export class Ledger<Entry extends object> {
  readonly #entries: Entry[] = [];
  #file: number | null = null;

  constructor(file?: string) {
    if (file === undefined) return;
    if (existsSync(file)) for (const line of readFileSync(file, 'utf8').split('\n')) if (line !== '') this.#entries.push(JSON.parse(line) as Entry);
    appendFileSync(file, '');
    this.#file = openSync(file, 'a');
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  add(entry: Entry): Entry {
    this.#entries.push(entry);
    if (this.#file !== null) {
      writeSync(this.#file, `${JSON.stringify(entry)}\n`);
      fsyncSync(this.#file);
    }
    return entry;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
