import { randomUUID } from 'node:crypto';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Journal, type Started } from '../../src/contract/journal.ts';

export const plants = ['ack-early', 'no-calling', 'new-reply-id', 'probe-at-once'] as const;
export type Plant = (typeof plants)[number];

/** A journal with one deliberate fault: the harness must see each of them. */
export function planted(journal: Journal, plant: Plant | null): Journal {
  if (plant === null) return journal;
  const changes: Partial<Record<keyof Journal, unknown>> = faults[plant](journal);
  return new Proxy(journal, {
    get: (target, property) => {
      const value: unknown = changes[property as keyof Journal] ?? Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const withNewId = (event: CloudEvent): CloudEvent => ({ ...event, attributes: { ...event.attributes, id: randomUUID() } });
const withoutDeadline = (started: Started): Started => ({ ...started, recorded: started.recorded.map((call) => ({ ...call, deadlineMs: 0 })) });

const faults: Record<Plant, (journal: Journal) => Partial<Record<keyof Journal, unknown>>> = {
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
};
