import { type Clock } from '../../../contract/clock.ts';
import { DirectoryShare } from '../directory-share.ts';
import { type FilePath } from '../places/file-path.ts';
import { NamePattern } from '../places/name-pattern.ts';
import { type Entry, type Place } from '../places/place.ts';
import { type PickupDirectories, type PickupSourceSettings } from './pickup.settings.ts';

const maxDepth = 8;
const everything = new NamePattern('*');

interface Seen {
  /** Size, time and identity, as text. */
  readonly state: string;
  readonly looks: number;
  readonly sinceMs: number;
}

/**
 * What is in the watched directory, and which of it is complete. What it remembers between two looks is what the last one has shown, so
 * that a look costs the same however many files there have been.
 */
export class Watch {
  readonly #settings: PickupSourceSettings;
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #pattern: NamePattern;
  readonly #apart: readonly FilePath[];
  readonly #share: DirectoryShare;
  #seen = new Map<string, Seen>();
  /** The last look found more files than one takes in. */
  overfull = false;

  /** @throws GatehouseError CONFIG_INVALID */
  constructor(settings: PickupSourceSettings, place: Place, directories: PickupDirectories, clock: Clock) {
    this.#settings = settings;
    this.#place = place;
    this.#clock = clock;
    this.#pattern = new NamePattern(settings.pattern);
    this.#apart = Object.values(directories);
    this.#share = new DirectoryShare(settings.complete === 'marker' ? 2 * settings.maxFiles : settings.maxFiles);
  }

  /** Complete files in the order they are to be taken. */
  async look(root: FilePath, signal: AbortSignal): Promise<readonly Entry[]> {
    const found: Entry[] = [];
    const markers = new Set<string>();
    this.#share.begin(this.#clock.monotonicMs());
    await this.#list(root, 0, found, markers, signal);
    this.overfull = this.#share.isOverfull;
    const complete = this.#complete(found, markers);
    const stands = this.#settings.complete === 'stable';
    this.#share.end(this.#clock.monotonicMs(), stands ? this.#settings.stableLooks : 1, stands ? this.#settings.minAgeMs : 0);
    return this.#settings.order === 'time' ? complete.sort(byTime) : complete.sort(byName);
  }

  /** The marker of a file, when there are markers. */
  markerOf(path: FilePath): FilePath | null {
    if (this.#settings.complete !== 'marker') return null;
    const [before = '', after = ''] = this.#settings.marker.split('{name}');
    const name = Buffer.concat([Buffer.from(before), path.name, Buffer.from(after)]);
    return name.byteLength > 255 ? null : path.directory.listed(name);
  }

  async #list(directory: FilePath, depth: number, found: Entry[], markers: Set<string>, signal: AbortSignal): Promise<void> {
    const { subdirectories, complete, order } = this.#settings;
    const below: FilePath[] = [];
    // The pattern is applied here: markers and directories have other names.
    const options = {
      pattern: everything,
      kinds: subdirectories ? (['file', 'directory'] as const) : (['file'] as const),
      namesOnly: complete !== 'stable' && order === 'name',
    };
    for await (const entry of this.#place.list(directory, signal, options)) {
      if (entry.kind === 'directory') below.push(entry.path);
      else if (complete === 'marker' && this.#isMarker(entry.path.name)) {
        const marker = entry.path.toString();
        if (this.#share.takes(marker)) markers.add(marker);
        // A file and its marker are in one share.
      } else if (this.#pattern.matches(entry.path.name) && this.#share.takes((this.markerOf(entry.path) ?? entry.path).toString())) found.push(entry);
    }
    if (depth >= maxDepth) return;
    for (const path of below) if (!this.#apart.some((apart) => apart.equals(path))) await this.#list(path, depth + 1, found, markers, signal);
  }

  #isMarker(name: Buffer): boolean {
    const [before = '', after = ''] = this.#settings.marker.split('{name}').map((part) => Buffer.from(part));
    const [head, tail] = [Buffer.from(before), Buffer.from(after)];
    return (
      name.byteLength > head.byteLength + tail.byteLength &&
      name.subarray(0, head.byteLength).equals(head) &&
      name.subarray(name.byteLength - tail.byteLength).equals(tail)
    );
  }

  #complete(found: readonly Entry[], markers: ReadonlySet<string>): Entry[] {
    switch (this.#settings.complete) {
      case 'renamed':
        return [...found];
      case 'marker':
        return found.filter(({ path }) => markers.has(this.markerOf(path)?.toString() ?? ''));
      case 'stable':
        return this.#stable(found);
    }
  }

  #stable(found: readonly Entry[]): Entry[] {
    const nowMs = this.#clock.monotonicMs();
    const seen = new Map<string, Seen>();
    const { stableLooks, minAgeMs } = this.#settings;
    const complete = found.filter((entry) => {
      const name = entry.path.toString();
      const state = stateOf(entry);
      const before = this.#seen.get(name);
      const now = before?.state === state ? { ...before, looks: before.looks + 1 } : { state, looks: 1, sinceMs: nowMs };
      seen.set(name, now);
      return now.looks >= stableLooks && nowMs - now.sinceMs >= minAgeMs;
    });
    this.#seen = seen;
    return complete;
  }
}

/** What tells one state of a file from another, as far as the place tells. */
export const stateOf = ({ size, modifiedMs, identity }: Entry): string => `${size} ${modifiedMs ?? '?'} ${identity ?? '?'}`;

function byName(a: Entry, b: Entry): number {
  for (const [index, segment] of a.path.segments.entries()) {
    const other = b.path.segments[index];
    const order = other === undefined ? 1 : Buffer.compare(segment, other);
    if (order !== 0) return order;
  }
  return a.path.segments.length - b.path.segments.length;
}

const byTime = (a: Entry, b: Entry): number => (a.modifiedMs ?? 0) - (b.modifiedMs ?? 0) || byName(a, b);
