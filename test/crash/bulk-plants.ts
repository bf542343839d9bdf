import { randomUUID } from 'node:crypto';
import { type BulkJournal } from '../../src/contract/bulk.ts';
import { type Journal } from '../../src/contract/journal.ts';

export const bulkPlants = ['bulk-end-apart', 'bulk-runs-half', 'bulk-thaws-nothing'] as const;
export type BulkPlant = (typeof bulkPlants)[number];

/** The journal's bulks with one deliberate fault. `within`: what stands between the fault and the journal. */
export function plantedBulks(journal: Journal, plant: BulkPlant | null, within: (bulks: BulkJournal) => BulkJournal): BulkJournal {
  const { bulks } = journal;
  if (plant === null) return bulks;
  const changes = faults[plant](journal, within(bulks));
  return new Proxy(bulks, {
    get: (target, property) => {
      const value: unknown = changes[property as keyof BulkJournal] ?? Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const faults: Readonly<Record<BulkPlant, (journal: Journal, bulks: BulkJournal) => Partial<BulkJournal>>> = {
  // Does it in one commit and writes in another that it has.
  'bulk-end-apart': (journal, bulks) => {
    const ids = new Map<number, string | null>();
    return {
      next: async (limit) => {
        const work = await bulks.next(limit);
        for (const { place, translationId } of work?.items ?? []) ids.set(place, translationId);
        return work;
      },
      act: async (ref, act, nowMs) => {
        const translationId = ids.get(ref.place) ?? '';
        const result = await journal.act({ key: randomUUID(), translationId, version: null, act, who: 'harness', why: 'planted' }, nowMs);
        await bulks.refuse(ref, { code: 'DEFECT', message: 'planted' }, nowMs);
        return { state: 'done', result };
      },
    };
  },
  // Lets a bulk run with as much of its selection as is there.
  'bulk-runs-half': (_journal, bulks) => {
    const running = new Set<number>();
    return {
      freeze: async (seq, firstPlace, refs) => {
        if (running.has(seq)) return;
        running.add(seq);
        await bulks.freeze(seq, firstPlace, refs, true);
      },
    };
  },
  // Freezes the selection once more beside what is there of it.
  'bulk-thaws-nothing': (_journal, bulks) => ({
    thaw: async () => false,
    freeze: async (seq, firstPlace, refs, last) => {
      let place = firstPlace;
      for (;;) {
        const wrong = await bulks.freeze(seq, place, refs, last).then(() => null, String);
        const next = /goes on at place (\d+)/.exec(wrong ?? '')?.[1];
        if (next === undefined) return;
        place = Number(next);
      }
    },
  }),
};
