import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Book, type BookEntry } from './book.ts';
import { type NightlyCustomer, customerBytes, resultBytes, statementBytes } from './files.writer.ts';
import { type HostCcsid, HostText } from './host-bytes.ts';
import { type NightlyFault, type NightlyFile, NightlyOutbox } from './outbox.ts';
import { type PostingFile, readPostingFile } from './posting.reader.ts';
import { customersOfTheHouse } from './customers.ts';

export interface NightlyOptions {
  /** Made when it is not there, with a directory for each kind of file. */
  readonly folder: string;
  readonly ccsid?: HostCcsid;
  /** Runs a night so often, ms; without it only when it is told to. */
  readonly everyMs?: number;
  /** Writes the extract so often, ms, first at once; without it only when it is told to. */
  readonly extractEveryMs?: number;
  /** The number that the first posting file must have; any when null. */
  readonly firstNumber?: number | null;
  /** The day of extracts: 20261120. */
  readonly day?: string;
}

/**
 * The night's batch of a mainframe to practise on: a directory in which posting files are left and results, statements and the extract of
 * customers appear, with faults on request. It takes files in order of their numbers and waits for one that is missing.
 */
export class PracticeNightly {
  readonly folder: string;
  readonly #host: HostText;
  readonly #outbox: NightlyOutbox;
  readonly #book = new Book();
  readonly #customers = new Map<string, NightlyCustomer>();
  readonly #dropped = new Map<string, Uint8Array>();
  readonly #messages: string[] = [];
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #day: string;
  #next: number | null;

  constructor({ folder, ccsid = '273', everyMs, extractEveryMs, firstNumber = 1, day = '20261120' }: NightlyOptions) {
    this.folder = folder;
    this.#day = day;
    this.#next = firstNumber;
    for (const name of ['postings', 'results', 'statements', 'customers', 'taken', 'refused']) mkdirSync(join(folder, name), { recursive: true });
    this.#host = new HostText(ccsid);
    this.#outbox = new NightlyOutbox(folder);
    for (const customer of customersOfTheHouse) this.put(customer);
    this.#timers = [
      ...(everyMs === undefined ? [] : [setInterval(() => this.run(), everyMs)]),
      ...(extractEveryMs === undefined ? [] : [setInterval(() => this.extract(), extractEveryMs)]),
    ];
    if (extractEveryMs !== undefined) this.extract();
  }

  /** What was really booked, in order. */
  book(): readonly BookEntry[] {
    return this.#book.entries;
  }

  /** What the operator was told. */
  messages(): readonly string[] {
    return this.#messages;
  }

  /** Posting files that were taken, by name. */
  dropped(): ReadonlyMap<string, Uint8Array> {
    return this.#dropped;
  }

  fault(fault: NightlyFault): void {
    this.#outbox.fault(fault);
  }

  put(customer: NightlyCustomer): void {
    this.#customers.set(customer.number, customer);
    for (const account of customer.accounts) this.#book.account(account, { blocked: customer.blocked === true });
  }

  remove(number: string): void {
    this.#customers.delete(number);
  }

  /** One night: what was late goes out, posting files are taken and booked, results and statements are written. */
  run(): void {
    this.#outbox.release();
    const files = this.#taken();
    if (files.length === 0) return;
    const from = this.#book.entries.length + 1;
    const { createdOn } = files[0] as PostingFile;
    const results = files.flatMap((file) => {
      const refused = this.#outbox.befalls('refuse-file', 'results');
      return file.postings.map((posting) => this.#book.take(posting, createdOn, refused));
    });
    this.#outbox.send('results', createdOn, resultBytes(this.#host, this.#outbox.nextNumber, createdOn, results));
    const statements = this.#book.statements(from, createdOn);
    if (statements.length > 0) this.#outbox.send('statements', createdOn, statementBytes(this.#host, statements));
  }

  /** The extract of all customers. */
  extract(): void {
    const all = [...this.#customers.values()].sort((a, b) => Number(a.number) - Number(b.number));
    const shrunk = this.#outbox.befalls('shrunk', 'customers') ? all.slice(0, 1) : all;
    const told = this.#outbox.befalls('duplicate-key', 'customers') ? [...shrunk.slice(0, 1), ...shrunk] : shrunk;
    this.#outbox.send('customers', this.#day, customerBytes(this.#host, told));
  }

  /** What was late, or half, comes now. */
  release(): void {
    this.#outbox.release();
  }

  /** The last file of this kind again, as it should have been. */
  resend(file: NightlyFile): void {
    this.#outbox.resend(file);
  }

  /** Leaves these bytes as a file of this kind, with its marker. */
  leave(file: NightlyFile | 'postings', name: string, content: Uint8Array): void {
    writeFileSync(join(this.folder, file, name), content);
    writeFileSync(join(this.folder, file, `${name}.done`), '');
  }

  /** Posting files that were taken are there once more, as after an operator's mistake. */
  repeat(): void {
    for (const [name, content] of this.#dropped) this.leave('postings', name, content);
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #taken(): PostingFile[] {
    const directory = join(this.folder, 'postings');
    const complete = readdirSync(directory).filter((name) => /^POSTING_.*\.DAT$/.test(name) && existsSync(join(directory, `${name}.done`)));
    const read = complete.flatMap((name) => {
      const content = readFileSync(join(directory, name));
      try {
        return [{ name, content, file: readPostingFile(content, this.#host) }];
      } catch (error) {
        this.#refuse(name, (error as Error).message);
        return [];
      }
    });
    const taken: PostingFile[] = [];
    for (const { name, content, file } of read.sort((a, b) => a.file.fileNumber - b.file.fileNumber)) {
      const { fileNumber } = file;
      if (this.#next !== null && fileNumber < this.#next) this.#refuse(name, `FILE NUMBER ${fileNumber} WAS TAKEN BEFORE`);
      else if (this.#next !== null && fileNumber > this.#next) this.#say(`${name}: WAITS FOR FILE NUMBER ${this.#next}`);
      else {
        this.#next = fileNumber + 1;
        this.#dropped.set(name, content);
        this.#move(name, 'taken');
        taken.push(file);
      }
    }
    return taken;
  }

  #refuse(name: string, why: string): void {
    this.#say(`${name}: ${why}`);
    this.#move(name, 'refused');
  }

  #say(message: string): void {
    if (!this.#messages.includes(message)) this.#messages.push(message);
  }

  #move(name: string, to: string): void {
    renameSync(join(this.folder, 'postings', name), join(this.folder, to, name));
    rmSync(join(this.folder, 'postings', `${name}.done`), { force: true });
  }
}
