import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type LateWork } from '../terminal/late-work.ts';
import { type CarrierEntry, objection, trackingNumberOf } from './booking.ts';
import { type CarrierFaults } from './carrier.faults.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type ReplyLine, replyFile } from './reply.file.ts';

export interface DeskOptions {
  /** Has `manifests` and `replies` in it, for the sender, and gets `taken` beside it. */
  readonly folder: string;
  readonly faults: CarrierFaults;
  readonly late: LateWork;
  /** Number of the first manifest; null takes the first that comes. Default 1. */
  readonly first?: number | null;
}

const marker = (name: string): string => `${name}.done`;

/**
 * The carrier behind the directories: takes manifests that are complete, in the order of their numbers, books each shipment once, and
 * answers with reply files.
 */
export class CarrierDesk {
  readonly #options: DeskOptions;
  readonly #taken: string;
  readonly #ledger: CarrierEntry[] = [];
  readonly #booked = new Set<string>();
  /** Manifests whose predecessor has not come yet. */
  readonly #held = new Map<number, Manifest>();
  readonly #repeated: number[] = [];
  readonly #files: string[] = [];
  #wrong: { readonly date: string; readonly lines: readonly ReplyLine[] } | null = null;
  #next: number | null;
  #replies = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#next = options.first === undefined ? 1 : options.first;
    this.#taken = join(options.folder, '..', 'taken');
    for (const folder of [this.#manifests, this.#answers, this.#taken]) mkdirSync(folder, { recursive: true });
  }

  get ledger(): readonly CarrierEntry[] {
    return this.#ledger;
  }

  /** Numbers of manifests that wait for one that has not come. */
  get held(): readonly number[] {
    return [...this.#held.keys()].sort((a, b) => a - b);
  }

  /** Numbers of manifests that came although their number had come before. */
  get repeated(): readonly number[] {
    return this.#repeated;
  }

  /** The manifests that were taken, as they came. */
  taken(): ReadonlyMap<string, Buffer> {
    return new Map(this.#files.map((name) => [name, readFileSync(join(this.#taken, name))]));
  }

  /** Takes every manifest whose marker is there. */
  look(): void {
    const names = readdirSync(this.#manifests).filter((name) => /^MANIFEST_.*\.TXT$/.test(name));
    for (const name of names.sort()) if (existsSync(join(this.#manifests, marker(name)))) this.take(name);
  }

  take(name: string): void {
    const path = join(this.#taken, this.#files.includes(name) ? `again-${this.#files.length}-${name}` : name);
    this.#files.push(basename(path));
    renameSync(join(this.#manifests, name), path);
    rmSync(join(this.#manifests, marker(name)), { force: true });
    const manifest = readManifest(name, readFileSync(path));
    const { number } = manifest;
    if (Number.isNaN(number)) return this.#refuse(manifest, manifest.broken?.code ?? 'M001', 'number', 'There is none.');
    this.#next ??= number;
    if (number < this.#next || this.#held.has(number)) {
      this.#repeated.push(number);
      return this.#refuse(manifest, 'M002', 'number', `The number ${number} has come before.`);
    }
    this.#held.set(number, manifest);
    for (let due = this.#held.get(this.#next); due !== undefined; due = this.#held.get(this.#next)) {
      this.#held.delete(this.#next);
      this.#next += 1;
      this.#book(due);
    }
    return undefined;
  }

  /** Sends the reply file with the wrong trailer again, as it should have been. */
  mend(): void {
    if (this.#wrong !== null) this.#write(this.#wrong.date, this.#wrong.lines);
    this.#wrong = null;
  }

  #book(manifest: Manifest): void {
    const { number, date, depot, shipments, broken } = manifest;
    const text = shipments.map(({ shipmentId }) => shipmentId).join(' ');
    if (this.#options.faults.meet('manifest', text) !== undefined) return this.#refuse(manifest, 'M009', 'manifest', 'Not taken today.');
    if (broken !== null) return this.#refuse(manifest, broken.code, broken.field, broken.reason);
    const lines = shipments.map((shipment): ReplyLine => {
      const { reference, shipmentId, service, parcels } = shipment;
      const objected = objection(shipment, this.#booked.has(shipmentId));
      if (objected !== null) return { reference, shipmentId, ...objected };
      const grams = parcels.reduce((sum, parcel) => sum + parcel.grams, 0);
      const trackingNumber = trackingNumberOf(reference);
      this.#ledger.push({ shipmentId, reference, manifest: number, depot, service, parcels: parcels.length, grams, trackingNumber });
      this.#booked.add(shipmentId);
      return { reference, shipmentId, trackingNumber };
    });
    return this.#answer(date, lines);
  }

  #refuse({ date, shipments }: Manifest, code: string, field: string, reason: string): void {
    this.#answer(
      date,
      shipments.map(({ reference, shipmentId }) => ({ reference, shipmentId, code, field, reason })),
    );
  }

  #answer(date: string, lines: readonly ReplyLine[]): void {
    const { faults, late } = this.#options;
    const fault = faults.meet('reply', lines.map(({ shipmentId }) => shipmentId).join(' '));
    const ms = fault?.ms ?? 50;
    const half = Math.ceil(lines.length / 2);
    const stranger = { reference: 'nobody', shipmentId: 'NOBODY', trackingNumber: trackingNumberOf('nobody') };
    switch (fault?.kind) {
      case 'reply-late':
        return late.after(ms, () => this.#write(date, lines));
      case 'reply-twice':
        this.#write(date, lines);
        return late.after(ms, () => this.#write(date, lines));
      case 'reply-stranger':
        return this.#write(date, [...lines, stranger]);
      case 'reply-wrong-trailer':
        this.#wrong = { date, lines };
        return this.#write(date, lines, 1);
      case 'reply-halves':
        return this.#writeInHalves(date, lines, ms);
      case 'reply-split':
        this.#write(date, lines.slice(0, half));
        return late.after(ms, () => this.#write(date, lines.slice(half)));
      default:
        return this.#write(date, lines);
    }
  }

  /** The marker comes last, whatever became of the file. */
  #write(date: string, lines: readonly ReplyLine[], trailerMore = 0): void {
    const { name, bytes } = this.#numbered(date, lines, trailerMore);
    writeFileSync(join(this.#answers, `.${name}`), bytes);
    renameSync(join(this.#answers, `.${name}`), join(this.#answers, name));
    writeFileSync(join(this.#answers, marker(name)), '');
  }

  #writeInHalves(date: string, lines: readonly ReplyLine[], ms: number): void {
    const { name, bytes } = this.#numbered(date, lines, 0);
    const half = Math.floor(bytes.length / 2);
    writeFileSync(join(this.#answers, name), bytes.subarray(0, half));
    this.#options.late.after(ms, () => {
      appendFileSync(join(this.#answers, name), bytes.subarray(half));
      writeFileSync(join(this.#answers, marker(name)), '');
    });
  }

  #numbered(date: string, lines: readonly ReplyLine[], trailerMore: number): { name: string; bytes: Buffer } {
    this.#replies += 1;
    const name = `REPLY_${date}_${String(this.#replies).padStart(6, '0')}.TXT`;
    return { name, bytes: replyFile(this.#replies, date, lines, trailerMore) };
  }

  get #manifests(): string {
    return join(this.#options.folder, 'manifests');
  }

  get #answers(): string {
    return join(this.#options.folder, 'replies');
  }
}
