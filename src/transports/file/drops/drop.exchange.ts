import { type ProbeVerdict, cannotTell, didNot, happened } from '../../../contract/calls.ts';
import { type Clock } from '../../../contract/clock.ts';
import { type Code, GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Outcome, type Passage } from '../../../contract/transport.ts';
import { type FilePath, joinInside } from '../places/file-path.ts';
import { type Place, type Promises } from '../places/place.ts';
import { type SafeName } from '../places/safe-name.ts';
import { type RenameVerdict, settleRename } from '../places/settle.ts';
import { type Dropped } from './drop.ts';
import { type DropFile, type DropPlan, type FileMarks } from './drop.plan.ts';

/*
 * A drop is prepared under temporary names, the file's and its marker's; then the call leaves; then the renames, the marker's last. Each
 * temporary name is there until its rename has happened, so that looking tells how far an interrupted drop has come. Where a rename is two
 * steps, the file has a name between them, so that its temporary name never outlives the moment in which a receiver may take it away.
 */

const mostNumbers = 1_000;
/** Then nothing can be tidied up either. */
const unreached: ReadonlySet<Code> = new Set(['UNREACHABLE', 'NO_SESSION', 'PLACE_UNFIT']);
/** What cut one connection has often cut the others, and each is found out by its use. */
const mostLooks = 4;

/** A drop on its way: one call's, or a batch's. */
export interface Ready<File extends FileMarks = FileMarks> {
  readonly plan: DropPlan;
  readonly file: File;
  readonly directory: FilePath;
  readonly temporary: FilePath;
  readonly between: FilePath;
  readonly temporaryMarker: FilePath;
  readonly passage: Pick<Passage, 'again' | 'signal' | 'trace'>;
  leave(name: SafeName): Promise<void>;
}

/** The temporary names go `afterwards`. */
type NotPut =
  | { readonly end: 'not sent'; readonly error: GatehouseError; readonly afterwards: () => Promise<void> }
  | { readonly end: 'unknown'; readonly error: GatehouseError };

/** How far a drop has come, and under which name. */
interface Found {
  readonly verdict: RenameVerdict;
  readonly name: SafeName;
}

/** Puts files where a legacy system picks them up, and finds out what became of those whose drop was interrupted. */
export class DropExchange {
  readonly #place: Place;
  readonly #clock: Clock;
  readonly #directory: (name: string) => FilePath;

  constructor(place: Place, clock: Clock, directory: (name: string) => FilePath) {
    this.#place = place;
    this.#clock = clock;
    this.#directory = directory;
  }

  async exchange(plan: DropPlan, args: Json, passage: Passage): Promise<Outcome> {
    let ready: Ready<DropFile>;
    let promises: Promises;
    try {
      const draft = plan.draft(args, passage.nowMs);
      promises = await this.#place.ready(passage.signal);
      ready = await this.#ready(plan, args, passage, draft);
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
    const put = await this.put(ready, promises);
    if (put.end === 'not sent') await put.afterwards();
    if (put.end !== 'put') return { end: put.end, error: put.error };
    return plan.drop.reply === undefined ? { end: 'answer', answer: droppedOf(ready.file, put.name) } : { end: 'later' };
  }

  /** Puts a file that is ready under its name, and its marker after it. */
  async put(ready: Ready<DropFile>, promises: Promises): Promise<{ readonly end: 'put'; readonly name: SafeName } | NotPut> {
    let name: SafeName;
    let earlier: SafeName | null;
    try {
      earlier = await this.#earlier(ready);
      name = earlier ?? (await this.#give(ready, promises));
    } catch (error) {
      return this.#notGiven(ready, asGatehouseError(error));
    }
    try {
      if (earlier === null) await this.#giveMarker(ready, name);
      else await this.#complete(ready, name);
    } catch (error) {
      return { end: 'unknown', error: unmarked(this.#place.name, name, asGatehouseError(error)) };
    }
    this.#traceDone(ready, name);
    return { end: 'put', name };
  }

  /** @throws GatehouseError, classified, when it cannot look */
  async settle(plan: DropPlan, args: Json, passage: Passage): Promise<ProbeVerdict<Json>> {
    await passage.leave();
    return this.found(await this.#ready(plan, args, passage));
  }

  /** Looks how far it has come, and does what is missing. @throws GatehouseError, classified, when it cannot look */
  async found(ready: Ready): Promise<ProbeVerdict<Json>> {
    const found = await this.#look(ready);
    if (found.verdict === 'did not') return didNot;
    if (found.verdict === 'cannot tell')
      return cannotTell(`neither the temporary file nor '${found.name}' with its ${ready.file.size} bytes is there`);
    await this.#complete(ready, found.name);
    this.#traceDone(ready, found.name);
    return happened(droppedOf(ready.file, found.name));
  }

  async #ready(plan: DropPlan, args: Json, passage: Passage, draft: DropFile | null = null): Promise<Ready<DropFile>> {
    const sequence = plan.counter === null ? null : await passage.sequence(plan.counter);
    const file = draft !== null && sequence === null ? draft : plan.file(args, { atMs: passage.nowMs, sequence });
    const { reply } = plan.drop;
    const leave = (name: SafeName): Promise<void> => {
      const correlation = file.correlation(name);
      return reply === undefined || correlation === null ? passage.leave() : passage.leave({ correlation, withinMs: reply.withinHours * 3_600_000 });
    };
    return { plan, file, passage, leave, ...this.paths(plan, passage.callId) };
  }

  /** Where the file goes, and what it is called until then: the same for the same token. */
  paths(plan: DropPlan, token: string): Pick<Ready, 'directory' | 'temporary' | 'between' | 'temporaryMarker'> {
    return {
      directory: this.#directory(plan.drop.to),
      temporary: this.#place.temporary(token),
      between: this.#place.temporary(`${token} between`),
      temporaryMarker: this.#place.temporary(`${token} marker`),
    };
  }

  /** A call that is made again may have come through after all: then its name is kept, and only what is missing is done. */
  async #earlier(ready: Ready): Promise<SafeName | null> {
    if (!ready.passage.again) return null;
    const { verdict, name } = await this.#look(ready);
    if (verdict !== 'happened') return null;
    await ready.leave(name);
    return name;
  }

  async #give(ready: Ready<DropFile>, promises: Promises): Promise<SafeName> {
    const { plan, file, directory, temporary, between, temporaryMarker, passage } = ready;
    const { signal } = passage;
    const marker = plan.drop.marker === undefined ? Promise.resolve(null) : this.#place.write(temporaryMarker, new Uint8Array(), signal);
    const written = await Promise.allSettled([this.#place.write(temporary, file.bytes, signal), marker]);
    for (const each of written) if (each.status === 'rejected') throw each.reason;
    passage.trace(this.#part('sent', 'application/octet-stream', file.bytes));
    const ifExists = plan.drop.ifExists ?? 'fail';
    this.#note(passage, { place: this.#place.name, directory: String(directory), ifExists, ...promises });
    let left = false;
    for (let n = 1; n <= mostNumbers; n += 1) {
      const name = file.name(n);
      const target = joinInside(directory, name);
      if (ifExists === 'number' && (await this.#place.look(target, signal)) !== null) continue;
      try {
        const leave = async (): Promise<void> => {
          if (!left) await ready.leave(name);
          left = true;
        };
        await this.#place.rename(
          temporary,
          target,
          { ifExists: ifExists === 'replace' ? 'replace' : 'fail', leave, between, oldName: 'may come back' },
          signal,
        );
        return name;
      } catch (thrown) {
        const error = asGatehouseError(thrown);
        if (error.code === 'NO_ANSWER' && (await this.#cameThrough(ready, target))) return name;
        if (error.code !== 'NAME_TAKEN' || ifExists !== 'number') throw error;
      }
    }
    throw new GatehouseError(
      'NAME_TAKEN',
      `${this.#place.name}: '${file.name(1)}' and ${mostNumbers - 1} numbered names are taken in '${String(directory)}'`,
    );
  }

  /** The answer of a rename was lost: that it happened can be seen at once; that it did not, only after the settle time (rule 12). */
  async #cameThrough({ temporary, between, file, passage }: Ready, target: FilePath): Promise<boolean> {
    const written = { size: file.size, sha256: file.sha256 };
    for (let look = 1; look <= mostLooks; look += 1)
      try {
        const verdict = await settleRename(this.#place, { temporary, between, target, written }, passage.signal);
        this.#note(passage, { renameUnanswered: verdict });
        return verdict === 'happened';
      } catch (error) {
        if (asGatehouseError(error).code !== 'UNREACHABLE') return false;
      }
    return false;
  }

  async #look({ plan, file, directory, temporary, between, temporaryMarker, passage }: Ready): Promise<Found> {
    const { ifExists, marker, whenGone: neither = 'cannot tell' } = plan.drop;
    const { signal } = passage;
    const written = { size: file.size, sha256: file.sha256 };
    // A receiver that waits for the marker has not taken the file before the marker had its name.
    const unmarked = marker !== undefined && (await this.#place.look(temporaryMarker, signal)) !== null;
    const halfway = unmarked ? 'did not' : 'cannot tell';
    const of = (n: number): Promise<RenameVerdict> =>
      settleRename(this.#place, { temporary, between, target: joinInside(directory, file.name(n)), written }, signal, { neither, halfway });
    if (ifExists !== 'number') return this.#found(passage, { verdict: await of(1), name: file.name(1) });
    let doubtful = false;
    for (let n = 1; n <= mostNumbers; n += 1) {
      const verdict = await of(n);
      const name = file.name(n);
      if (verdict === 'happened') return this.#found(passage, { verdict, name });
      // The first free name ends the search: behind it there is none of ours.
      const isFree = (await this.#place.look(joinInside(directory, name), signal)) === null;
      if (isFree) return this.#found(passage, { verdict: verdict === 'did not' && doubtful ? 'cannot tell' : verdict, name: file.name(1) });
      doubtful ||= verdict === 'cannot tell';
    }
    return this.#found(passage, { verdict: 'cannot tell', name: file.name(1) });
  }

  #found(passage: Ready['passage'], found: Found): Found {
    this.#note(passage, { looked: found.name, verdict: found.verdict });
    return found;
  }

  async #giveMarker({ file, directory, temporaryMarker, passage }: Ready, name: SafeName): Promise<void> {
    const marker = file.marker(name);
    if (marker !== null)
      await this.#place.rename(temporaryMarker, joinInside(directory, marker), { ifExists: 'replace', oldName: 'may come back' }, passage.signal);
  }

  /** What an interrupted drop has left to do: the marker, unless it was given before, which its temporary name tells. */
  async #complete(ready: Ready, name: SafeName): Promise<void> {
    const { plan, directory, temporary, between, temporaryMarker, passage } = ready;
    const { signal } = passage;
    if (plan.drop.marker !== undefined && (await this.#place.look(temporaryMarker, signal)) !== null) {
      const gone = plan.drop.whenGone === 'happened' && (await this.#place.look(joinInside(directory, name), signal)) === null;
      // Whoever has taken the file away needs no marker, and a marker without a file would speak for the next of that name.
      if (gone) await this.#place.remove(temporaryMarker, signal);
      else await this.#giveMarker(ready, name);
    }
    // A rename that was cut off may have left the old name beside the new one.
    await this.#tidy([temporary, between], signal);
  }

  #notGiven({ temporary, between, temporaryMarker, passage }: Ready, error: GatehouseError): NotPut {
    if (error.code === 'NO_ANSWER') return { end: 'unknown', error };
    const afterwards = async (): Promise<void> => {
      if (!unreached.has(error.code)) await this.#tidy([temporary, between, temporaryMarker], passage.signal);
    };
    return { end: 'not sent', error, afterwards };
  }

  /** Whoever comes by takes these names for nothing. One that a broken line has kept is tried over another. */
  async #tidy(names: readonly FilePath[], signal: AbortSignal): Promise<void> {
    for (const name of names)
      await this.#place
        .remove(name, signal)
        .catch((error: unknown) => (asGatehouseError(error).code === 'FILE_MISSING' ? undefined : this.#place.remove(name, signal)))
        .catch(() => undefined);
  }

  #traceDone({ file, directory, passage }: Ready, name: SafeName): void {
    passage.trace(this.#part('received', 'application/json', Buffer.from(JSON.stringify(doneWith(file, String(directory), name)))));
  }

  #note(passage: Ready['passage'], what: object): void {
    passage.trace(this.#part('note', 'application/json', Buffer.from(JSON.stringify(what))));
  }

  #part(kind: 'sent' | 'received' | 'note', media: string, bytes: Uint8Array) {
    return { kind, atMs: this.#clock.wallMs(), media, bytes };
  }
}

/** What the trace says of a file that stands under this name. */
export const doneWith = (file: FileMarks, directory: string, name: SafeName): object => ({
  ...droppedOf(file, name),
  directory,
  marker: file.marker(name),
});

/** What a call is answered whose file stands under this name. */
export function droppedOf({ size, sha256, sequence }: FileMarks, name: SafeName): Dropped & { [key: string]: Json } {
  return { file: name, size, sha256, ...(sequence === null ? {} : { sequence }) };
}

function unmarked(place: string, name: string, cause: GatehouseError): GatehouseError {
  return new GatehouseError('NO_ANSWER', `${place}: '${name}' has its name, and its marker may be missing: ${cause.message}`, {
    cause,
    native: cause.native,
  });
}
