import { appendFileSync, chmodSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trailerBytes } from './files.writer.ts';

export type NightlyFile = keyof typeof trailerBytes;

export type NightlyFaultKind =
  /** The operator refuses posting files as a whole. */
  | 'refuse-file'
  /** The trailer counts one more than there is. */
  | 'wrong-trailer'
  /** The last record ends before its end. */
  | 'short-record'
  /** The same file again under another name. */
  | 'twice'
  /** Half of it, and the rest with the marker later. */
  | 'halves'
  | 'late'
  /** The first customer stands in the extract twice. */
  | 'duplicate-key'
  /** The extract has only the first customer. */
  | 'shrunk';

export interface NightlyFault {
  readonly kind: NightlyFaultKind;
  /** Which file it befalls; results when not given, for the last two the extract. */
  readonly file?: NightlyFile;
  /** How many files it befalls; one when not given. */
  times?: number;
}

/** Files on their way out, with what goes wrong on it. A marker says that a file is whole. */
export class NightlyOutbox {
  readonly #folder: string;
  readonly #faults: NightlyFault[] = [];
  #waiting: (() => void)[] = [];
  readonly #last = new Map<NightlyFile, { readonly day: string; readonly bytes: Buffer }>();
  #number = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  fault(fault: NightlyFault): void {
    const file = fault.kind === 'duplicate-key' || fault.kind === 'shrunk' ? 'customers' : 'results';
    this.#faults.push({ times: 1, file, ...fault });
  }

  /** Whether the fault was scripted; uses it up. */
  befalls(kind: NightlyFaultKind, file: NightlyFile): boolean {
    const index = this.#faults.findIndex((fault) => fault.kind === kind && fault.file === file);
    const fault = this.#faults[index];
    if (fault === undefined) return false;
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) this.#faults.splice(index, 1);
    return true;
  }

  /** The number that the next file of results has. */
  get nextNumber(): number {
    return this.#number + 1;
  }

  send(file: NightlyFile, day: string, bytes: Buffer): void {
    this.#last.set(file, { day, bytes });
    const name = this.#name(file, day);
    let sent = bytes;
    if (this.befalls('wrong-trailer', file)) {
      sent = Buffer.from(bytes);
      const at = sent.length - trailerBytes[file] + 2;
      sent.writeUInt32BE(sent.readUInt32BE(at) + 1, at);
    }
    if (this.befalls('short-record', file)) sent = sent.subarray(0, -3);
    if (this.befalls('halves', file)) {
      const half = Math.floor(sent.length / 2);
      this.#write(file, name, sent.subarray(0, half));
      this.#waiting.push(() => {
        appendFileSync(join(this.#folder, file, name), sent.subarray(half));
        this.#mark(file, name);
      });
    } else if (this.befalls('late', file)) this.#waiting.push(() => this.#whole(file, name, sent));
    else this.#whole(file, name, sent);
    if (this.befalls('twice', file)) this.#whole(file, this.#name(file, day), sent);
  }

  /** What was late, or half, comes now. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) each();
  }

  /** The last file of this kind again, as it should have been. */
  resend(file: NightlyFile): void {
    const last = this.#last.get(file);
    if (last === undefined) throw new Error(`none of ${file} was sent that could be sent again`);
    this.#whole(file, this.#name(file, last.day), last.bytes);
  }

  #name(file: NightlyFile, day: string): string {
    this.#number += 1;
    const kind = { results: 'RESULT', statements: 'STATEMENT', customers: 'CUSTOMERS' }[file];
    return `${kind}_${day}_${String(this.#number).padStart(6, '0')}.DAT`;
  }

  #whole(file: NightlyFile, name: string, bytes: Uint8Array): void {
    this.#write(file, name, bytes);
    this.#mark(file, name);
  }

  #mark(file: NightlyFile, name: string): void {
    this.#write(file, `${name}.done`, new Uint8Array());
  }

  #write(file: NightlyFile, name: string, bytes: Uint8Array): void {
    const temporary = join(this.#folder, '.sending');
    writeFileSync(temporary, bytes);
    chmodSync(temporary, 0o644);
    renameSync(temporary, join(this.#folder, file, name));
  }
}
