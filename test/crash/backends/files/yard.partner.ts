import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the yard deals with the files of one kind, told by the first word of their names. */
interface Habit {
  /** The name of the marker without which it does not look at the file. */
  readonly marker?: (name: string) => string;
  /** `at once`: taken away as soon as it is read; otherwise it lies there, as evidence, for ever. */
  readonly taken?: 'at once';
  readonly replies?: 'by record' | 'by name' | 'by field';
  /** May be written again: booked once, whatever comes, if it is the same to the byte. */
  readonly repeatable?: true;
}

const done = (name: string): string => `${name}.done`;
const habits: Readonly<Record<string, Habit>> = {
  ORDER: { marker: done, taken: 'at once', replies: 'by record' },
  MANIFEST: { marker: (name) => name.replace(/\.TXT$/, '.ok'), replies: 'by name' },
  FORM: { marker: done, replies: 'by field' },
  NOTE: {},
  STATE: { marker: done, repeatable: true },
  BATCH: { marker: done },
  CONFIRMED: { marker: done, taken: 'at once', replies: 'by record' },
  GONE: { marker: done, taken: 'at once' },
  SNATCHED: { taken: 'at once' },
  MUTE: { marker: done, replies: 'by record' },
};

/** A record as the yard's own books have it. */
export interface Booking {
  readonly ref: string;
  readonly number: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

interface DueReply {
  readonly atMs: number;
  readonly name: string | null;
  readonly letter: string | null;
  readonly lines: readonly string[];
}

const tickMs = 8;
/** Of a reply that is doubled, and of one that comes after the last moment; of a file that is looked at late. */
const doubledMs = 60;
const tardyMs = 1_800;
export const slowMs = 700;

/**
 * The yard's side of a directory, in words of its own: it books what lies there under a name, and judges by its books. Refs tell its moods:
 * `slow-` is looked at late, `tardy-` answered after the last moment, `twice-` answered twice, `mute-` never.
 */
export class YardPartner {
  readonly bookings: Booking[] = [];
  /** What no honest gateway would have written. */
  readonly wrong: string[] = [];
  /** By the name of their counter. */
  readonly numbers = new Map<string, number[]>();
  /** Names of the reply files, in order. */
  readonly repliesWritten: string[] = [];
  readonly #root: string;
  readonly #seen = new Set<string>();
  readonly #slow = new Map<string, number>();
  readonly #versions = new Map<string, string>();
  readonly #due: DueReply[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(root: string) {
    this.#root = root;
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  /** A file that it is going to look at late lies there. */
  get sitting(): boolean {
    return this.#slow.size > 0;
  }

  get repliesDue(): number {
    return this.#due.length;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const names = readdirSync(join(this.#root, 'out')).sort();
    for (const name of names) if (name.endsWith('.TXT')) this.#look(name);
    for (const name of names) if (!name.endsWith('.TXT')) this.#lookAtMarker(name);
    this.#reply();
  }

  #look(name: string): void {
    const habit = habits[name.split('_')[0] ?? ''];
    if (habit === undefined) return this.#wrong(`'${name}' is no file of ours`);
    if (habit.marker !== undefined && !existsSync(this.#out(habit.marker(name)))) return;
    const { ino, mtimeNs } = lstatSync(this.#out(name), { bigint: true });
    const key = `${name} ${ino} ${mtimeNs}`;
    if (this.#seen.has(key)) return;
    const bytes = readFileSync(this.#out(name));
    if (this.#isStillSlow(name, bytes)) return;
    this.#take(name, bytes, habit);
    if (habit.marker !== undefined) unlinkSync(this.#out(habit.marker(name)));
    if (habit.taken === 'at once') unlinkSync(this.#out(name));
    else this.#seen.add(key);
  }

  #isStillSlow(name: string, bytes: Buffer): boolean {
    if (!bytes.includes('slow-')) return false;
    const dueMs = this.#slow.get(name) ?? performance.now() + slowMs;
    this.#slow.set(name, dueMs);
    if (performance.now() < dueMs) return true;
    this.#slow.delete(name);
    return false;
  }

  #take(name: string, bytes: Buffer, { replies, repeatable }: Habit): void {
    const lines = bytes.toString('latin1').split('\n');
    const jobs = lines.slice(1, -2);
    const whole = lines.at(-1) === '' && lines.at(-2) === `T${String(jobs.length).padStart(6, '0')}` && lines[0]?.startsWith('H') === true;
    if (!whole || jobs.some((line) => !/^J\S+ +\S+ *$/.test(line))) return this.#wrong(`'${name}' with ${bytes.byteLength} bytes cannot be read`);
    const refs = jobs.map((line) => line.slice(1, 25).trim());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#compare(refs.join(), sha256, name);
    this.#count(name);
    if (repeatable === true && this.bookings.some(({ ref }) => ref === refs[0])) return;
    const bookings = refs.map((ref) => this.#book({ ref, file: name, size: bytes.byteLength, sha256 }));
    if (replies !== undefined) this.#answer(replies, name, bookings);
  }

  #book(booking: Omit<Booking, 'number'>): Booking {
    const booked = { ...booking, number: `B${String(this.bookings.length + 1).padStart(6, '0')}` };
    this.bookings.push(booked);
    return booked;
  }

  /** A file that is written again is the same to the byte. */
  #compare(refs: string, sha256: string, name: string): void {
    const before = this.#versions.get(refs) ?? sha256;
    this.#versions.set(refs, before);
    if (before !== sha256) this.#wrong(`'${name}' came again with other bytes`);
  }

  #count(name: string): void {
    const [, counter = '', number = ''] = /^(ORDER|MANIFEST|BATCH|CONFIRMED)_(?:\d{8}_)?(\d{6})\.TXT$/.exec(name) ?? [];
    if (counter === '') return;
    const numbers = this.numbers.get(counter) ?? [];
    if (numbers.includes(Number(number))) this.#wrong(`the number of '${name}' has come before`);
    this.numbers.set(counter, [...numbers, Number(number)]);
  }

  #answer(how: NonNullable<Habit['replies']>, name: string, bookings: readonly Booking[]): void {
    const [{ ref } = { ref: '' }] = bookings;
    if (ref.startsWith('mute-')) return;
    const atMs = performance.now() + (ref.startsWith('tardy-') ? tardyMs : 0);
    const reply: DueReply = {
      atMs,
      name: how === 'by name' ? `RECEIPT_${name.replace(/\.TXT$/, '')}.TXT` : null,
      letter: how === 'by field' ? ref : null,
      lines: bookings.map((booking) => `A${booking.ref.padEnd(24)}${booking.number.padEnd(8)}`),
    };
    this.#due.push(reply);
    if (ref.startsWith('twice-')) this.#due.push({ ...reply, atMs: atMs + doubledMs });
  }

  /** Confirmations that are due together come in one file. */
  #reply(): void {
    const nowMs = performance.now();
    const due = this.#due.filter(({ atMs }) => atMs <= nowMs);
    if (due.length === 0) return;
    this.#due.splice(0, this.#due.length, ...this.#due.filter(({ atMs }) => atMs > nowMs));
    const together = due.filter(({ name, letter }) => name === null && letter === null).flatMap(({ lines }) => lines);
    if (together.length > 0) this.#write(`CONF_${this.repliesWritten.length + 1}.TXT`, together, true);
    for (const { name, letter, lines } of due) {
      if (name !== null) this.#write(name, lines, false);
      if (letter !== null) this.#write(`LETTER_${this.repliesWritten.length + 1}.TXT`, [`L${letter.padEnd(24)}`, ...lines], false);
    }
  }

  #write(name: string, lines: readonly string[], marked: boolean): void {
    const acks = lines.filter((line) => line.startsWith('A')).length;
    const place = join(this.#root, 'in');
    writeFileSync(join(place, '.yard'), `${lines.join('\n')}\nE${String(acks).padStart(6, '0')}\n`, 'latin1');
    renameSync(join(place, '.yard'), join(place, name));
    if (marked) writeFileSync(join(place, done(name)), '');
    this.repliesWritten.push(name);
  }

  /** A marker speaks for its file: nobody but the yard takes files away, and it takes the marker first. */
  #lookAtMarker(name: string): void {
    const file = name.replace(/\.done$|\.ok$/, (end) => (end === '.ok' ? '.TXT' : ''));
    if (!existsSync(this.#out(file)) && existsSync(this.#out(name))) this.#wrong(`the marker '${name}' stands there without its file`);
  }

  #out(name: string): string {
    return join(this.#root, 'out', name);
  }

  #wrong(what: string): void {
    if (!this.wrong.includes(what)) this.wrong.push(what);
  }
}
