import { randomBytes } from 'node:crypto';
import { GatehouseError } from '../../../contract/errors.ts';
import { type ConsignmentTrace } from '../../../contract/consignment.ts';
import { type Json } from '../../../contract/json.ts';
import {
  type Consignment,
  type GoodPiece,
  type RecordedPiece,
  type Source,
  type SourceSurroundings,
  type Whereabouts,
} from '../../../contract/source.ts';
import { FilePath } from '../places/file-path.ts';
import { NamePattern } from '../places/name-pattern.ts';
import { type Place } from '../places/place.ts';
import { readAlone } from './file-reader.ts';
import { PickedFile } from './picked-file.ts';
import { inspectPicked } from './picked.inspect.ts';
import { type PickupLayout } from './pickup.ts';
import { type PickupDirectories, type PickupSourceSettings } from './pickup.settings.ts';
import { Watch } from './watch.ts';
import { whereaboutsOf } from './whereabouts.ts';

const maxNameBytes = 255;
const tokenDigits = 16;
const dayMs = 86_400_000;
const everything = new NamePattern('*');

export interface PickupParts extends Omit<SourceSurroundings, 'settings'> {
  readonly settings: PickupSourceSettings;
  readonly layout: PickupLayout;
  readonly directories: PickupDirectories;
  readonly place: Place;
}

/**
 * Watches a directory. A file is claimed by renaming it into the directory of this gateway, which only one of two can do; the journal
 * knows of the claim before the place does, so that none is ever forgotten, and what a crash has left is found and gone on with.
 */
export class PickupSource implements Source {
  readonly about: string;
  readonly holdsWhole: boolean;
  readonly pollMs: number;
  readonly #parts: PickupParts;
  readonly #watch: Watch;
  readonly #claims: FilePath;
  #directoriesMade = false;

  constructor(parts: PickupParts) {
    const { settings, place, directories, layout, gateway } = parts;
    this.#parts = parts;
    this.about = `${place.name}, ${settings.pattern}`;
    this.holdsWhole = settings.onBadRecord === 'hold file' || layout.unit === 'file';
    this.pollMs = settings.pollMs;
    this.#watch = new Watch(settings, place, directories, parts.clock);
    this.#claims = directories.claims.listed(Buffer.from(gateway));
  }

  async *consignments(signal: AbortSignal): AsyncIterable<Consignment> {
    await this.#makeDirectories(signal);
    yield* this.#claimedBefore(signal);
    const complete = await this.#watch.look(FilePath.root, signal);
    if (this.#watch.overfull)
      this.#say(`more than ${this.#parts.settings.maxFiles} files are in ${this.#parts.place.name}: the rest waits for a later look`);
    for (const { path } of complete) {
      const claimed = await this.#claim(path, signal);
      if (claimed !== null) yield claimed;
    }
  }

  again(bytes: Uint8Array, number: number): GoodPiece {
    return readAlone(this.#parts.layout, bytes, number);
  }

  whereabouts(consignment: ConsignmentTrace): Whereabouts {
    return whereaboutsOf({ ...this.#parts, claims: this.#claims }, consignment);
  }

  inspect(piece: RecordedPiece): { transport: string; inspection: Json } {
    return { transport: 'file', inspection: inspectPicked(piece, this.#parts.layout.codec) as unknown as Json };
  }

  async check(signal: AbortSignal): Promise<readonly string[]> {
    const { place, directories, gateway, settings } = this.#parts;
    await place.ready(signal);
    await this.#makeDirectories(signal);
    const warnings: string[] = [];
    const others: FilePath[] = [];
    for await (const { path } of place.list(directories.claims, signal, { pattern: everything, kinds: ['directory'] }))
      if (path.shownName !== gateway) others.push(path);
    // Not within that listing, which has a connection to itself: it may be the only one.
    for (const path of others) {
      let old = 0;
      for await (const file of place.list(path, signal, { pattern: everything }))
        if (file.modifiedMs !== null && file.modifiedMs < this.#parts.clock.wallMs() - dayMs) old += 1;
      if (old > 0)
        warnings.push(
          `${old} file(s) are claimed by the gateway ${path.shownName} and older than a day; when it is no more, move them from ${path.toString()} back`,
        );
    }
    if (this.#watch.overfull) warnings.push(`more than ${settings.maxFiles} files wait`);
    return warnings;
  }

  async close(): Promise<void> {
    await this.#parts.place.close();
  }

  /** Files that are in the directory of this gateway, and claims that lead to none. */
  async *#claimedBefore(signal: AbortSignal): AsyncIterable<Consignment> {
    const { place, claims } = this.#parts;
    const there = new Map<string, FilePath>();
    for await (const { path } of place.list(this.#claims, signal, { pattern: everything })) there.set(path.shownName, path);
    const known = await claims.open();
    for (const { claim, name } of known) {
      const path = there.get(claim);
      there.delete(claim);
      if (path === undefined) await claims.forget(claim);
      else yield this.#file(claim, FilePath.parse(name), path);
    }
    // The journal has been lost or restored: where it came from is in the name of the claim, as far as it had room.
    for (const [claim, path] of there) {
      const name = FilePath.root.listed(path.name.byteLength > tokenDigits + 1 ? path.name.subarray(tokenDigits + 1) : path.name);
      await claims.note(claim, name.toString());
      yield this.#file(claim, name, path);
    }
  }

  /** @returns null when another gateway was faster */
  async #claim(path: FilePath, signal: AbortSignal): Promise<PickedFile | null> {
    const { place, claims } = this.#parts;
    const token = randomBytes(tokenDigits / 2).toString('hex');
    const target = this.#claims.listed(Buffer.concat([Buffer.from(`${token}.`), path.name]).subarray(0, maxNameBytes));
    const claim = target.shownName;
    await claims.note(claim, path.toString());
    try {
      // Renaming without replacing is two steps on most places, and two gateways could both take the first; the token makes the name unique.
      await place.rename(path, target, { ifExists: 'replace' }, signal);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code === 'NO_ANSWER') throw error;
      await claims.forget(claim);
      if (error.class !== 'permanent') throw error;
      if (error.code !== 'FILE_MISSING') this.#say(`${path.toString()} cannot be claimed: ${error.message}`);
      return null;
    }
    return this.#file(claim, path, target);
  }

  #file(claim: string, original: FilePath, path: FilePath): PickedFile {
    return new PickedFile({ ...this.#parts, claim, original, path, marker: this.#watch.markerOf(original) });
  }

  async #makeDirectories(signal: AbortSignal): Promise<void> {
    if (this.#directoriesMade) return;
    const { place, directories, settings } = this.#parts;
    const wanted = [directories.claims, this.#claims, directories.error, ...(settings.after === 'archive' ? [directories.archive] : [])];
    for (const directory of wanted)
      for (let depth = 1; depth <= directory.segments.length; depth += 1) {
        let path = FilePath.root;
        for (const segment of directory.segments.slice(0, depth)) path = path.listed(segment);
        await place.makeDirectory(path, signal);
      }
    this.#directoriesMade = true;
  }

  #say(message: string): void {
    this.#parts.log('warn', { system: this.#parts.system, source: this.#parts.declaration.name }, message);
  }
}
