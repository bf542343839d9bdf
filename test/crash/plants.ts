import { randomUUID } from 'node:crypto';
import { didNot } from '../../src/contract/calls.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Journal, type Started } from '../../src/contract/journal.ts';
import { type Link, type LinkSurroundings } from '../../src/contract/transport.ts';
import { type Place } from '../../src/transports/file/places/place.ts';

export const plants = ['ack-early', 'no-calling', 'new-reply-id', 'probe-at-once'] as const;
/** Those that only a backend of files can show. */
export const filePlants = [
  'number-from-memory',
  'marker-first',
  'archive-early',
  'checkpoint-apart',
  'gone-is-did-not',
  'members-told-early',
  'batch-number-anew',
] as const;
/** Those that only a backend of terminals can show. */
export const terminalPlants = ['key-before-leave'] as const;
export type Plant = (typeof plants | typeof filePlants | typeof terminalPlants)[number];

type Changes<T> = Partial<Record<keyof T, unknown>>;

/** What stands where one of `changes` stands is it; all else is the target's. */
function changed<T extends object>(target: T, changes: Changes<T>): T {
  return new Proxy(target, {
    get: (object, property) => {
      const value: unknown = changes[property as keyof T] ?? Reflect.get(object, property, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

/** A journal with one deliberate fault: the harness must see each of them. `within`: what stands between the fault and the journal. */
export function plantedJournal(journal: Journal, plant: Plant | null, within: (journal: Journal) => Journal): Journal {
  const fault = plant === null ? undefined : journalFaults[plant];
  return fault === undefined ? journal : changed(journal, fault(within(journal)));
}

export function plantedLink(link: Link, plant: Plant | null): Link {
  if (plant === 'key-before-leave') return leavingLate(link);
  if (plant !== 'gone-is-did-not' || link.settle === undefined) return link;
  // Takes for granted that a file which is nowhere was never there.
  const settle = link.settle.bind(link);
  return changed(link, {
    settle: async (...args: Parameters<typeof settle>) => {
      const verdict = await settle(...args);
      return verdict.verdict === 'cannotTell' ? didNot : verdict;
    },
  });
}

/** Writes down that a call leaves when its key has been pressed. */
function leavingLate(link: Link): Link {
  const exchange: Link['exchange'] = async (call, args, passage) => {
    let left: Promise<void> | null = null;
    const leave = async (): Promise<void> => {
      left = new Promise((resolve) => setTimeout(resolve, lateMs)).then(() => passage.leave());
    };
    const outcome = await link.exchange(call, args, changed(passage, { leave }));
    await left;
    return outcome;
  };
  return changed(link, { exchange });
}

export function plantedSurroundings(surroundings: LinkSurroundings, plant: Plant | null): LinkSurroundings {
  if (plant !== 'archive-early') return surroundings;
  // Says that the reply is in the journal before it is.
  const replied: LinkSurroundings['replied'] = async (...args) => {
    setTimeout(() => void surroundings.replied(...args).catch(() => undefined), lateMs);
    return 'answered';
  };
  return { ...surroundings, replied };
}

export function plantedPlace(place: Place, plant: Plant | null): Place {
  if (plant !== 'marker-first') return place;
  // Gives the marker before the file that it speaks for.
  const rename: Place['rename'] = async (from, to, options, signal) => {
    if (options.leave !== undefined && to.shownName.startsWith('GONE_')) {
      await options.leave();
      const marker = to.directory.listed(Buffer.from(`${to.shownName}.done`));
      await place.write(place.temporary(`early ${to.shownName}`), new Uint8Array(), signal);
      await place.rename(place.temporary(`early ${to.shownName}`), marker, { ifExists: 'replace' }, signal);
      await place.rename(from, to, { ifExists: options.ifExists }, signal);
    } else await place.rename(from, to, options, signal);
  };
  return changed(place, { rename });
}

/** How much later something is done that was said to be done. */
const lateMs = 300;
const withNewId = (event: CloudEvent): CloudEvent => ({ ...event, attributes: { ...event.attributes, id: randomUUID() } });
const withoutDeadline = (started: Started): Started => ({ ...started, recorded: started.recorded.map((call) => ({ ...call, deadlineMs: 0 })) });

const journalFaults: Partial<Record<Plant, (journal: Journal) => Changes<Journal>>> = {
  // Says that it has the events before it has written them.
  'ack-early': (journal) => ({
    receive: async (...args: Parameters<Journal['receive']>) => {
      setTimeout(() => void journal.receive(...args).catch(() => undefined), 30);
      return args[0].flatMap((arrival) => arrival.translations.map(({ id, system, operation }) => ({ id, system, operation, outcome: 'new' })));
    },
  }),
  // Lets calls leave that nobody will know of after a crash.
  'no-calling': (journal) => {
    const rows = new Map<number, true>();
    let next = -1;
    return {
      leave: async () => {
        rows.set(next, true);
        return next--;
      },
      called: (...[ref, seq, leaving, end, parts, nowMs]: Parameters<Journal['called']>) =>
        journal.called(ref, seq !== null && rows.has(seq) ? null : seq, leaving, end, parts, nowMs),
    };
  },
  // Publishes again under another id.
  'new-reply-id': (journal) => ({
    unpublished: async (...args: Parameters<Journal['unpublished']>) =>
      (await journal.unpublished(...args)).map((row) => ({ ...row, event: withNewId(row.event) })),
  }),
  // Believes a probe that finds nothing while the system may still be working on the call. The settle time is set to nothing beside it.
  'probe-at-once': (journal) => ({
    begin: async (...args: Parameters<Journal['begin']>) => (await journal.begin(...args)).map(withoutDeadline),
  }),
  // Counts by itself, from where it believes to be.
  'number-from-memory': () => {
    const counters = new Map<string, number>();
    return {
      sequence: async (...[, counter]: Parameters<Journal['sequence']>) => {
        counters.set(counter, (counters.get(counter) ?? 0) + 1);
        return counters.get(counter);
      },
    };
  },
  // Gives every try of a batch a number of its own.
  'batch-number-anew': (journal) => {
    let tries = process.pid * 1_000;
    return { batchSequence: (...[, counter, nowMs]: Parameters<Journal['batchSequence']>) => journal.batchSequence((tries += 1), counter, nowMs) };
  },
  // Tells the members that the batch has happened as soon as it may happen.
  'members-told-early': (journal) => ({
    closeBatch: async (...[ref, closing, nowMs]: Parameters<Journal['closeBatch']>) => {
      await journal.closeBatch(ref, closing, nowMs);
      await journal.batchEnded(ref.seq, { state: 'answered', by: 'system' }, [], nowMs);
    },
  }),
  // Moves the checkpoint first and writes the events then.
  'checkpoint-apart': (journal) => ({
    bringIn: async (...[source, chunk, fullAt, nowMs]: Parameters<Journal['bringIn']>) => {
      if (chunk.events.length === 0) return journal.bringIn(source, chunk, fullAt, nowMs);
      await journal.bringIn(source, { ...chunk, events: [], parked: [] }, fullAt, nowMs);
      return journal.bringIn(source, { ...chunk, from: chunk.to }, fullAt, nowMs);
    },
  }),
};
