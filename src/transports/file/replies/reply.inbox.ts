import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { DirectoryShare } from '../directory-share.ts';
import { FilePath } from '../places/file-path.ts';
import { type Entry, type Place } from '../places/place.ts';
import { unsafeBecause } from '../places/safe-name.ts';
import { type Claim, claimAt, claimOf } from './claim.ts';
import { type ReplyPlan } from './reply.plan.ts';
import { type ReadReport } from './reply.reader.ts';

/** Names of one directory that are held at a time; of more, each look holds another share. */
const mostSeen = 100_000;
/** Files that one listing gives: a directory with very many is listed again now and then, not for every few of them. */
const mostListed = 10_000;
/** Files taken in one turn, so that the kinds of one place take turns. */
const mostTaken = 1_000;

export interface InboxSettings {
  readonly place: Place;
  readonly clock: Clock;
  /** The name of this gateway. */
  readonly gateway: string;
  readonly claims: FilePath;
  readonly archive: FilePath;
  readonly error: FilePath;
}

interface Seen {
  readonly size: number;
  readonly modifiedMs: number | null;
  readonly identity: string | undefined;
  /** Monotonic, ms: since when it has not changed. */
  readonly sinceMs: number;
}

/** The directory in which reply files of one kind come: which are complete, whose they are, and where they go. */
export class ReplyInbox {
  readonly plan: ReplyPlan;
  readonly #settings: InboxSettings;
  readonly #directory: FilePath;
  readonly #claims: FilePath;
  #seen = new Map<string, Seen>();
  #prepared = false;
  #mayHaveLeft = true;
  #listed: FilePath[] = [];
  readonly #share = new DirectoryShare(mostSeen);
  /** The last look found more names than are held at a time. */
  overfull = false;

  constructor(settings: InboxSettings, plan: ReplyPlan, directory: FilePath) {
    this.#settings = settings;
    this.plan = plan;
    this.#directory = directory;
    this.#claims = settings.claims.listed(Buffer.from(settings.gateway)).listed(Buffer.from(plan.name));
  }

  get about(): string {
    return `${this.#settings.place.name}, ${String(this.#directory)}/${this.plan.reply.name}`;
  }

  /** Complete files are known that the last turn did not take. */
  get hasMore(): boolean {
    return this.#listed.length > 0;
  }

  /** Something failed half-way: the next look begins with what is claimed. */
  interrupted(): void {
    this.#mayHaveLeft = true;
    this.#listed = [];
  }

  /** What this gateway has claimed and not finished. */
  async unfinished(signal: AbortSignal): Promise<Claim[]> {
    await this.#prepare(signal);
    if (!this.#mayHaveLeft) return [];
    const claims: Claim[] = [];
    for await (const { path } of this.#settings.place.list(this.#claims, signal)) {
      const claim = claimAt(path);
      if (claim !== null) claims.push(claim);
      if (claims.length >= mostListed) break;
    }
    this.#mayHaveLeft = claims.length >= mostListed;
    // Not within the listing, which has a connection to itself: it may be the only one.
    for (const { name } of claims) await this.#dropMarker(this.#directory.listed(name), signal);
    return claims;
  }

  /** Files that are complete, those first that come first by name, as many as one turn takes. */
  async complete(signal: AbortSignal): Promise<FilePath[]> {
    if (this.#listed.length === 0) this.#listed = await this.#list(signal);
    return this.#listed.splice(0, mostTaken);
  }

  async #list(signal: AbortSignal): Promise<FilePath[]> {
    const { complete } = this.plan.reply;
    const files: Entry[] = [];
    const names = new Set<string>();
    const { clock, place } = this.#settings;
    const stillMs = typeof complete === 'object' && 'unchangedMs' in complete ? complete.unchangedMs : null;
    this.#share.begin(clock.monotonicMs());
    for await (const entry of place.list(this.#directory, signal, { namesOnly: stillMs === null })) {
      const key = keyOf(entry.path);
      // A file and its marker are in one share.
      const marker = this.#markerOf(entry.path);
      if (this.plan.pattern.matches(entry.path.name) && this.#share.takes(marker === null ? key : keyOf(marker))) files.push(entry);
      if (this.plan.marker !== null && this.#share.takes(key)) names.add(key);
      // All of them are complete: the rest comes when these are taken.
      if (complete === 'renamed' && this.#share.isOverfull) break;
    }
    this.overfull = this.#share.isOverfull;
    const whole =
      complete === 'renamed'
        ? files
        : 'marker' in complete
          ? files.filter(({ path }) => this.#isMarked(path, names))
          : this.#unchanged(files, complete.unchangedMs);
    this.#share.end(clock.monotonicMs(), stillMs === null ? 1 : 2, stillMs ?? 0);
    return whole
      .map(({ path }) => path)
      .sort((a, b) => Buffer.compare(a.name, b.name))
      .slice(0, mostListed);
  }

  #isMarked(path: FilePath, names: ReadonlySet<string>): boolean {
    const marker = this.#markerOf(path);
    return marker !== null && names.has(keyOf(marker));
  }

  #markerOf(path: FilePath): FilePath | null {
    if (this.plan.marker === null) return null;
    const name = path.name.toString();
    if (unsafeBecause(name) !== null || !Buffer.from(name).equals(path.name)) return null;
    return this.#directory.listed(Buffer.from(this.plan.marker.nameFor({ atMs: 0, name })));
  }

  /** By our own clock and the place's facts as they are: no two machines need the same time. */
  #unchanged(files: readonly Entry[], unchangedMs: number): Entry[] {
    const nowMs = this.#settings.clock.monotonicMs();
    const before = this.#seen;
    this.#seen = new Map();
    return files.filter((entry) => {
      const key = keyOf(entry.path);
      const known = before.get(key);
      const same = known !== undefined && isSame(known, entry);
      const { size, modifiedMs, identity } = entry;
      const seen = same ? known : { size, modifiedMs, identity, sinceMs: nowMs };
      this.#seen.set(key, seen);
      return same && nowMs - seen.sinceMs >= unchangedMs;
    });
  }

  /** Between listing and turn a file may have grown, or another may have taken its name. */
  async #stillUnchanged(file: FilePath, signal: AbortSignal): Promise<boolean> {
    const seen = this.#seen.get(keyOf(file));
    const now = seen === undefined ? null : await this.#settings.place.look(file, signal);
    return seen !== undefined && now !== null && isSame(seen, now);
  }

  /** Takes a file for this gateway; null when somebody else has it, or nobody can. */
  async claim(file: FilePath, signal: AbortSignal): Promise<Claim | null> {
    const { place, clock, error } = this.#settings;
    const { complete } = this.plan.reply;
    if (typeof complete === 'object' && 'unchangedMs' in complete && !(await this.#stillUnchanged(file, signal))) return null;
    let claim: Claim;
    try {
      claim = claimOf(file, this.#claims, clock.wallMs());
    } catch {
      await place.rename(file, file.movedTo(error), { ifExists: 'fail' }, signal);
      return null;
    }
    try {
      // Without replacing it is two steps on most places, which two gateways could both begin, and a crash leave half done; the token makes the name unique.
      await place.rename(file, claim.path, { ifExists: 'replace' }, signal);
    } catch (thrown) {
      if (thrown instanceof GatehouseError && thrown.code === 'FILE_MISSING') return null;
      throw thrown;
    }
    await this.#dropMarker(file, signal);
    return claim;
  }

  /** A marker that outlives its file would speak for the next one of that name; one beside a file speaks for that. */
  async #dropMarker(file: FilePath, signal: AbortSignal): Promise<void> {
    const { place } = this.#settings;
    const marker = this.#markerOf(file);
    if (marker === null || (await place.look(file, signal)) !== null) return;
    await place.remove(marker, signal).catch((thrown: unknown) => {
      if (!(thrown instanceof GatehouseError && thrown.code === 'FILE_MISSING')) throw thrown;
    });
  }

  /** Its replies are durable: it goes to the archive, or goes. */
  async finish({ path }: Claim, signal: AbortSignal): Promise<void> {
    const { place, archive } = this.#settings;
    if (this.plan.reply.afterwards === 'delete') await place.remove(path, signal);
    else await place.rename(path, path.movedTo(archive), { ifExists: 'replace' }, signal);
  }

  /** What was wrong with it, into the error directory. */
  async explain({ token }: Claim, report: ReadReport, signal: AbortSignal): Promise<void> {
    const { place, error } = this.#settings;
    const reasons = place.temporary(`reasons ${token}`);
    await place.write(reasons, Buffer.from(`${JSON.stringify(report, null, 2)}\n`), signal);
    await place.rename(reasons, error.listed(Buffer.from(`${token}.reasons.json`)), { ifExists: 'replace' }, signal);
  }

  /** It could not be read: it goes to the error directory. */
  async refuse({ path }: Claim, signal: AbortSignal): Promise<void> {
    await this.#settings.place.rename(path, path.movedTo(this.#settings.error), { ifExists: 'replace' }, signal);
  }

  async #prepare(signal: AbortSignal): Promise<void> {
    if (this.#prepared) return;
    const { archive, error } = this.#settings;
    for (const directory of [this.#claims, archive, error])
      for (let depth = 1; depth <= directory.segments.length; depth += 1) await this.#settings.place.makeDirectory(upTo(directory, depth), signal);
    this.#prepared = true;
  }
}

const keyOf = (path: FilePath): string => path.name.toString('latin1');

const isSame = (seen: Seen, now: Entry): boolean => seen.size === now.size && seen.modifiedMs === now.modifiedMs && seen.identity === now.identity;

function upTo(path: FilePath, depth: number): FilePath {
  let part = FilePath.root;
  for (const segment of path.segments.slice(0, depth)) part = part.listed(segment);
  return part;
}
