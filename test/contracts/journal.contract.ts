import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type Arrival, type Journal, type Leaving, type NewTranslation, type Started } from '../../src/contract/journal.ts';
import { translationId } from '../../src/contract/translation-id.ts';

export interface OpenJournal {
  readonly journal: Journal;
  /** Ends this one as a crash would, as far as the store can tell, and opens it again. */
  reopen(): Promise<OpenJournal>;
  close(): Promise<void>;
}

const system = 'crm';
const operation = 'book';
const known = [{ system, operation }];
const beginning = { nowMs: 2_000, suspects: false, build: 'b1' };

export function arrival(id: string, more: Partial<NewTranslation> & { data?: string; digest?: string } = {}): Arrival {
  const { data = '{"a":1}', digest = 'd1', ...translation } = more;
  const event: CloudEvent = { attributes: { specversion: '1.0', id, source: '/s', type: 't.v1' }, data: Buffer.from(data) };
  const wanted: NewTranslation = {
    id: translationId(system, operation, '/s', id),
    system,
    operation,
    key: null,
    businessKey: null,
    passWhenParked: false,
    keepBodies: true,
    begin: false,
    park: null,
    ...translation,
  };
  return { event, size: event.data.byteLength, digest, correlation: id, hops: 0, translations: [wanted] };
}

export const leaving = (started: Started, more: Partial<Leaving> = {}): Leaving => ({
  seq: null,
  name: 'Create',
  effect: 'once',
  digest: 'x',
  args: { n: 1 },
  run: started.run,
  leftMs: 3_000,
  deadlineMs: 4_000,
  probeOf: null,
  later: null,
  ...more,
});

export const receive = (journal: Journal, ...arrivals: Arrival[]) => journal.receive(arrivals, { nowMs: 1_000, build: 'b1' });

async function begun(journal: Journal, id: string = randomUUID(), more: Parameters<typeof arrival>[1] = {}): Promise<Started> {
  const [received] = await receive(journal, arrival(id, { begin: true, ...more }));
  if (received?.started === undefined) throw new Error('not started');
  return received.started;
}

const reply = (id: string): CloudEvent => ({
  attributes: { specversion: '1.0', id, source: '/gatehouse/crm', type: 'r.v1' },
  data: Buffer.from('{"ok":true}'),
});
const stateOf = async (journal: Journal, id: string) => (await journal.reader.story(id))?.translation;

/** Opens a journal that knows these operations for the work of one test, and closes it. */
export const openedFor =
  (open: () => Promise<OpenJournal>, operations: Parameters<Journal['recover']>[0]) =>
  async (work: (journal: Journal, opened: OpenJournal) => Promise<void>): Promise<void> => {
    const opened = await open();
    try {
      await opened.journal.recover(operations);
      await work(opened.journal, opened);
    } finally {
      await opened.close();
    }
  };

/** What every journal must do, whatever it is made of. */
export function journalContract(name: string, open: () => Promise<OpenJournal>): void {
  const withJournal = openedFor(open, known);

  describe(`${name}: the journal's contract`, () => {
    it('rule 13: same identity and content is a duplicate of the first; other content is reused, once', () =>
      withJournal(async (journal) => {
        const [first] = await receive(journal, arrival('e1'));
        const [again] = await receive(journal, arrival('e1'));
        const [reused] = await receive(journal, arrival('e1', { digest: 'd2' }));
        const [reusedAgain] = await receive(journal, arrival('e1', { digest: 'd2' }));
        expect([first?.outcome, again?.outcome, reused?.outcome, reusedAgain?.outcome]).toEqual(['new', 'duplicate', 'reused', 'duplicate']);
        expect([again?.id, reusedAgain?.id]).toEqual([first?.id, reused?.id]);
        expect(await stateOf(journal, reused?.id ?? '')).toMatchObject({ state: 'parked', failure: { code: 'EVENT_ID_REUSED' } });
      }));

    it('rule 15: twins in one turn are one translation', () =>
      withJournal(async (journal) => {
        const received = await Promise.all([1, 2, 3].map(() => receive(journal, arrival('twin'))));
        expect(received.flat().map(({ outcome }) => outcome)).toEqual(['new', 'duplicate', 'duplicate']);
      }));

    it('rule 16: a batch is taken whole or not at all', () =>
      withJournal(async (journal) => {
        const broken = {
          ...arrival('b2'),
          event: { attributes: { specversion: '1.0', id: 'b2', source: '/s', type: undefined as unknown as string }, data: new Uint8Array() },
        } as Arrival;
        await expect(receive(journal, arrival('b1'), broken)).rejects.toThrow();
        expect((await journal.reader.list({}, { limit: 10 })).rows).toEqual([]);
        expect((await receive(journal, arrival('b1'))).map(({ outcome }) => outcome)).toEqual(['new']);
      }));

    it('rule 6: an attempt is counted in the commit that begins it, and what was at work at the end runs again, alone; the second time it is parked', () =>
      withJournal(async (journal, opened) => {
        const started = await begun(journal);
        expect([started.run, started.attempts, started.crashes]).toEqual([1, 1, 0]);
        const second = await opened.reopen();
        const recovered = await second.journal.recover(known);
        expect(recovered).toMatchObject({ interrupted: 1, killers: [], orphans: [] });
        expect(await second.journal.begin(system, [operation], 9, beginning)).toEqual([]);
        const [suspect] = await second.journal.begin(system, [operation], 9, { ...beginning, suspects: true });
        expect(suspect).toMatchObject({ id: started.id, run: 2, crashes: 1 });
        const third = await second.reopen();
        expect((await third.journal.recover(known)).killers).toEqual([started.id]);
        expect(await stateOf(third.journal, started.id)).toMatchObject({ state: 'parked', failure: { code: 'KILLS_THE_GATEWAY' } });
        await third.close();
      }));

    it('what an adapter no longer knows is parked at the start', () =>
      withJournal(async (journal, opened) => {
        const [received] = await receive(journal, arrival('o1'));
        const again = await opened.reopen();
        expect((await again.journal.recover([])).orphans).toEqual([received?.id]);
        await again.close();
      }));

    it('rule 5: recorded calls are law from the run of the first effect on; reads before it are not', () =>
      withJournal(async (journal) => {
        const first = await begun(journal);
        const read = leaving(first, { name: 'Find', effect: 'read', digest: 'r' });
        await journal.called(first, null, read, { state: 'answered', answer: { stock: 1 } }, [], 3_000);
        await journal.wait(first, { for: 'time', dueMs: 5_000, failure: null, counts: true }, 3_000);
        await journal.wake(5_000);
        const [second] = await journal.begin(system, [operation], 1, beginning);
        expect(second?.recorded).toEqual([]);
        if (second === undefined) return;
        await journal.called(second, null, { ...read, run: 2 }, { state: 'answered', answer: { stock: 2 } }, [], 3_000);
        const seq = await journal.leave(second, leaving(second), 3_000);
        await journal.wait(second, { for: 'system', failure: null }, 3_000);
        await journal.setAvailability({ system, operation: '', availability: 'open', failure: null, sinceMs: 1, who: 'x' }, 'y');
        const [third] = await journal.begin(system, [operation], 1, beginning);
        expect(third?.recorded.map(({ name, state, answer }) => [name, state, answer])).toEqual([
          ['Find', 'answered', { stock: 2 }],
          ['Create', 'calling', undefined],
        ]);
        expect(third?.recorded[1]).toMatchObject({ seq, digest: 'x', args: { n: 1 }, deadlineMs: 4_000 });
        expect(third?.attempts).toBe(2);
      }));

    it('rule 9: a correlation is unique among open waits; its reply wakes the translation, a second one is evidence, an unknown one a candidate', () =>
      withJournal(async (journal) => {
        const [one, two] = [await begun(journal), await begun(journal)];
        const later = { correlation: 'REF-1', expiresMs: 9_000 };
        const seq = await journal.leave(one, leaving(one, { later }), 3_000);
        await expect(journal.leave(two, leaving(two, { later }), 3_000)).rejects.toMatchObject({ code: 'CORRELATION_TAKEN' });
        await journal.called(one, seq, leaving(one, { later }), { state: 'calling', failure: null }, [], 3_000);
        await journal.wait(one, { for: 'reply', dueMs: 9_000 }, 3_000);
        expect(await journal.replied(system, 'REF-1', { order: 7 }, [], 4_000)).toBe('answered');
        const [woken] = await journal.begin(system, [operation], 1, beginning);
        expect(woken?.recorded[0]).toMatchObject({ state: 'answered', answer: { order: 7 } });
        expect(await journal.replied(system, 'REF-1', { order: 8 }, [], 4_000)).toBe('evidence');
        expect(await journal.replied(system, 'REF-9', { order: 9 }, [], 4_000)).toBe('candidate');
        expect(await journal.reader.candidates(system, 10)).toMatchObject([{ correlation: 'REF-9', answer: { order: 9 } }]);
      }));

    it('rule 9: a reply that comes before the wait makes the wait ready at once', () =>
      withJournal(async (journal) => {
        const one = await begun(journal);
        const seq = await journal.leave(one, leaving(one, { later: { correlation: 'R', expiresMs: 9_000 } }), 3_000);
        expect(await journal.replied(system, 'R', 'early', [], 3_500)).toBe('answered');
        await journal.called(one, seq, leaving(one), { state: 'calling', failure: null }, [], 3_600);
        await journal.wait(one, { for: 'reply', dueMs: 9_000 }, 3_600);
        const [woken] = await journal.begin(system, [operation], 1, beginning);
        expect(woken?.recorded[0]).toMatchObject({ state: 'answered', answer: 'early' });
      }));

    it('rule 9: a reply handed in again under its key changes nothing and has its first verdict, over a restart', () =>
      withJournal(async (journal, opened) => {
        const one = await begun(journal);
        const later = { correlation: 'K', expiresMs: 9_000 };
        const seq = await journal.leave(one, leaving(one, { later }), 3_000);
        await journal.called(one, seq, leaving(one, { later }), { state: 'calling', failure: null }, [], 3_000);
        await journal.wait(one, { for: 'reply', dueMs: 9_000 }, 3_000);
        const part = { kind: 'received', atMs: 1, media: 'text/plain', bytes: Buffer.from('x') } as const;
        const told = async (to: Journal) => [
          await to.replied(system, 'K', 'yes', [part], 4_000, 'file-1 1'),
          await to.replied(system, 'NOBODY', 'yes', [part], 4_000, 'file-1 2'),
        ];
        expect(await told(journal)).toEqual(['answered', 'candidate']);
        const again = await opened.reopen();
        await again.journal.recover(known);
        expect(await told(again.journal)).toEqual(['answered', 'candidate']);
        expect((await again.journal.reader.story(one.id))?.calls[0]?.parts).toHaveLength(1);
        expect(await again.journal.reader.candidates(system, 10)).toHaveLength(1);
        expect(await again.journal.replied(system, 'K', 'yes', [part], 5_000, 'file-2 1')).toBe('evidence');
        expect((await again.journal.reader.story(one.id))?.calls[0]?.parts).toHaveLength(2);
        while (await again.journal.sweep({ keepMs: 10_000, dedupeMs: 10_000 }, 5, 50_000));
        expect(await again.journal.replied(system, 'K', 'yes', [part], 50_000, 'file-1 1')).toBe('evidence');
        await again.close();
      }));

    it('a sequence number stays with its call over runs and restarts, is given to no other, and leaves no gap', () =>
      withJournal(async (journal, opened) => {
        const [one, two] = [await begun(journal), await begun(journal)];
        const given = await Promise.all([
          journal.sequence(one, 'orders', 'call-1', 3_000),
          journal.sequence(two, 'orders', 'call-2', 3_000),
          journal.sequence(one, 'orders', 'call-1', 3_000),
          journal.sequence(one, 'stock', 'call-1', 3_000),
        ]);
        expect(given).toEqual([1, 2, 1, 1]);
        const again = await opened.reopen();
        await again.journal.recover(known);
        const [first, second] = await again.journal.begin(system, [operation], 2, { ...beginning, suspects: true });
        if (first === undefined || second === undefined) throw new Error('not begun');
        expect(await again.journal.sequence(second, 'orders', 'call-2', 3_000)).toBe(2);
        expect(await again.journal.sequence(second, 'orders', 'another call of it', 3_000)).toBe(3);
        // The code asks for another call than before: what has not left passes its number on.
        expect(await again.journal.sequence(first, 'orders', 'call-1 with other arguments', 3_000)).toBe(1);
        await expect(again.journal.sequence(one, 'orders', 'call-1', 3_000)).rejects.toMatchObject({ code: 'CHANGED' });
        await again.close();
      }));

    it('a number that has left is passed on to no other call, unless it turns out not to have been sent', () =>
      withJournal(async (journal) => {
        const next = async (ref: Started): Promise<Started> => {
          await journal.wait(ref, { for: 'time', dueMs: 5_000, failure: null, counts: false }, 3_000);
          await journal.wake(5_000);
          const [started] = await journal.begin(system, [operation], 1, beginning);
          if (started === undefined) throw new Error('not begun');
          return started;
        };
        let run = await begun(journal);
        expect(await journal.sequence(run, 'orders', 'a', 3_000)).toBe(1);
        const seq = await journal.leave(run, leaving(run, { numbered: 'a' }), 3_000);
        run = await next(run);
        expect(await journal.sequence(run, 'orders', 'b', 3_000)).toBe(2);
        const failure = { code: 'NAME_TAKEN', message: 'taken' } as const;
        await journal.called(run, seq, leaving(run, { seq, numbered: 'a' }), { state: 'not sent', failure }, [], 3_000);
        run = await next(run);
        expect(await journal.sequence(run, 'orders', 'c', 3_000)).toBe(1);
      }));

    it('numbers that nobody will use are listed, those in doubt too; one that an answer speaks for is not, and retention keeps the list', () =>
      withJournal(async (journal) => {
        const [unsent, doubtful, answered, open] = [await begun(journal), await begun(journal), await begun(journal), await begun(journal)];
        for (const [index, ref] of [unsent, doubtful, answered, open].entries())
          expect(await journal.sequence(ref, 'orders', `call-${index}`, 3_000 + index)).toBe(index + 1);
        for (const [index, ref] of [doubtful, answered].entries()) {
          const out = leaving(ref, { numbered: `call-${index + 1}` });
          const seq = await journal.leave(ref, out, 3_000);
          if (ref === answered) await journal.called(ref, seq, out, { state: 'answered', answer: {} }, [], 3_000);
        }
        for (const ref of [unsent, doubtful, answered, open]) await journal.park(ref, { code: 'IN_DOUBT', message: 'x' }, 3_000);
        expect(await journal.reader.unusedNumbers(system, 10)).toEqual([]);
        for (const ref of [unsent, doubtful, answered])
          await journal.act({ key: ref.id, translationId: ref.id, version: null, act: { kind: 'discard' }, who: 'ann', why: 'x' }, 4_000);
        const unused = [
          { counter: 'orders', number: 2, translationId: doubtful.id, givenMs: 3_001, inDoubt: true },
          { counter: 'orders', number: 1, translationId: unsent.id, givenMs: 3_000, inDoubt: false },
        ];
        expect(await journal.reader.unusedNumbers(system, 10)).toEqual(unused);
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        expect(await journal.reader.story(unsent.id)).toBeNull();
        expect(await journal.reader.unusedNumbers(system, 10)).toEqual(unused);
      }));

    it('rule 21: every change names the version it read; the loser is told CHANGED', () =>
      withJournal(async (journal) => {
        const started = await begun(journal);
        await journal.park(started, { code: 'DEFECT', message: 'x' }, 3_000);
        for (const change of [
          () => journal.park(started, { code: 'DEFECT', message: 'x' }, 3_000),
          () => journal.answered(started, [], 3_000),
          () => journal.wait(started, { for: 'system', failure: null }, 3_000),
          () => journal.leave(started, leaving(started), 3_000),
          () => journal.giveBack(started, 3_000),
        ])
          await expect(change()).rejects.toMatchObject({ code: 'CHANGED' });
      }));

    it('rule 21: a person who acts on what recovery has just begun is told CHANGED', () =>
      withJournal(async (journal) => {
        const started = await begun(journal);
        const action = { key: 'k', translationId: started.id, version: null, act: { kind: 'discard' as const }, who: 'ann', why: 'x' };
        await expect(journal.act(action, 3_000)).rejects.toMatchObject({ code: 'CHANGED' });
        await journal.park(started, { code: 'DEFECT', message: 'x' }, 3_000);
        const [mine, theirs] = await Promise.allSettled([
          journal.act({ ...action, version: started.version + 1 }, 3_000),
          journal.act({ ...action, key: 'k2', version: started.version + 1 }, 3_000),
        ]);
        expect([mine?.status, theirs?.status]).toEqual(['fulfilled', 'rejected']);
      }));

    it('one record that fails takes none of its neighbours in the commit with it', () =>
      withJournal(async (journal) => {
        const started = await begun(journal);
        const results = await Promise.allSettled([
          receive(journal, arrival('n1')),
          journal.park({ seq: started.seq, version: 99 }, { code: 'DEFECT', message: 'x' }, 1),
          receive(journal, arrival('n2')),
        ]);
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      }));

    it('rule 19: replies wait in sequence until they are confirmed, under the ids they were committed with, over a restart', () =>
      withJournal(async (journal, opened) => {
        const [one, two] = [await begun(journal), await begun(journal)];
        const rows = [...(await journal.answered(one, [reply('r1'), reply('r2')], 3_000)), ...(await journal.answered(two, [reply('r3')], 3_000))];
        await journal.published(rows[0]?.seq ?? 0, true, 4_000);
        const again = await opened.reopen();
        const pending = await again.journal.unpublished(0, 10);
        expect(pending.map(({ event }) => event.attributes.id)).toEqual(['r2', 'r3']);
        await again.journal.published(pending[0]?.seq ?? 0, false, 4_000);
        await again.journal.unpublishable(pending[1]?.seq ?? 0, { code: 'UNPUBLISHABLE', message: 'too large' }, 4_000);
        expect((await stateOf(again.journal, one.id))?.state).toBe('published');
        expect(await stateOf(again.journal, two.id)).toMatchObject({ state: 'parked', failure: { code: 'UNPUBLISHABLE' } });
        await again.close();
      }));

    it('rule 17: the oldest unfinished translation holds the key, in whatever state', () =>
      withJournal(async (journal) => {
        const head = await begun(journal, 'k1', { key: 'K' });
        const [next] = await receive(journal, arrival('k2', { key: 'K', begin: true }));
        await receive(journal, arrival('k3', { key: 'K' }));
        expect(next?.started).toBeUndefined();
        await journal.wait(head, { for: 'time', dueMs: 50_000, failure: null, counts: true }, 3_000);
        expect(await journal.begin(system, [operation], 9, beginning)).toEqual([]);
        await journal.wake(50_000);
        const [again] = await journal.begin(system, [operation], 9, beginning);
        expect(again?.id).toBe(head.id);
        if (again !== undefined) await journal.answered(again, [], 3_000);
        expect((await journal.begin(system, [operation], 9, beginning)).map(({ id }) => id)).toEqual([next?.id]);
      }));

    it('kept counts are what a count would say', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, 'c1', { key: 'K' });
        await receive(journal, arrival('c2', { key: 'K' }), arrival('c3'));
        await journal.park(started, { code: 'DEFECT', message: 'x' }, 3_000);
        const counts = journal.tallies().map(({ state, detail, count }) => `${state} ${detail} ${count}`);
        expect(counts.sort()).toEqual(['parked  1', 'received  1', 'received behind 1']);
      }));

    it('rule 27: retention takes final translations only, and identities stay longer', () =>
      withJournal(async (journal) => {
        const done = await begun(journal, 'old');
        await journal.answered(done, [], 3_000);
        await receive(journal, arrival('open'));
        const policy = { keepMs: 10_000, dedupeMs: 100_000 };
        while (await journal.sweep(policy, 5, 50_000));
        expect((await journal.reader.list({}, { limit: 9 })).rows.map(({ eventId }) => eventId)).toEqual(['open']);
        expect((await receive(journal, arrival('old')))[0]?.outcome).toBe('duplicate');
        while (await journal.sweep(policy, 5, 500_000));
        expect((await receive(journal, arrival('old')))[0]?.outcome).toBe('new');
        expect((await receive(journal, arrival('open')))[0]?.outcome).toBe('duplicate');
      }));

    it('rule 25: large bodies come back whole; large evidence is clipped to head and tail and says so', () =>
      withJournal(async (journal) => {
        const data = `{"x":"${'ä'.repeat(700_000)}"}`;
        const started = await begun(journal, 'big', { data });
        const bytes = Buffer.alloc(3_000_000, 'e');
        bytes.write('HEAD', 0);
        bytes.write('TAIL', bytes.length - 4);
        const answer = { y: 'z'.repeat(300_000) };
        await journal.called(
          started,
          null,
          leaving(started),
          { state: 'answered', answer },
          [{ kind: 'received', atMs: 1, media: 'x/y', bytes }],
          3_000,
        );
        const story = await journal.reader.story(started.id);
        expect(Buffer.from(story?.event.data.bytes ?? []).toString()).toBe(data);
        expect(story?.calls[0]?.answer).toEqual(answer);
        const part = story?.calls[0]?.parts[0]?.body;
        expect(part).toMatchObject({ size: 3_000_000, clipped: true, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
        const kept = Buffer.from(part?.bytes ?? []).toString();
        expect([kept.slice(0, 4), kept.slice(-4), kept.length]).toEqual(['HEAD', 'TAIL', 1_048_576]);
      }));

    it('rule 27: with payload none, bodies go with the commit that makes it final', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, 'none', { keepBodies: false });
        await journal.called(
          started,
          null,
          leaving(started),
          { state: 'answered', answer: { secret: 1 } },
          [{ kind: 'sent', atMs: 1, media: 'x/y', bytes: Buffer.from('native') }],
          3_000,
        );
        const [row] = await journal.answered(started, [reply('r')], 3_000);
        expect((await journal.reader.story(started.id))?.calls[0]?.parts[0]?.body.bytes).not.toBeNull();
        await journal.published(row?.seq ?? 0, true, 4_000);
        const story = await journal.reader.story(started.id);
        expect([story?.event.data.bytes, story?.calls[0]?.answer, story?.calls[0]?.parts[0]?.body.bytes, story?.replies[0]?.data.bytes]).toEqual([
          null,
          null,
          null,
          null,
        ]);
      }));

    it('rule 22: the feed never shows a position at or below one already shown', () =>
      withJournal(async (journal) => {
        const shown: number[] = [];
        const seen: number[] = [];
        journal.onChange((position) => shown.push(position));
        for (let n = 0; n < 20; n += 1)
          await Promise.all([receive(journal, arrival(`f${n}`)), receive(journal, arrival(`f${n}`)), receive(journal, arrival(`g${n}`))]);
        for (let after = 0; ;) {
          const { rows } = await journal.reader.changes({}, after, 7);
          if (rows.length === 0) break;
          seen.push(...rows.map(({ changed }) => changed));
          after = seen.at(-1) ?? 0;
        }
        expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(seen).toHaveLength(40);
      }));

    it('searches page by keyset, newest first, and find by every column', () =>
      withJournal(async (journal) => {
        for (let n = 0; n < 25; n += 1) await receive(journal, arrival(`p${n}`, { businessKey: `B${n % 5}`, key: n % 2 === 0 ? 'even' : null }));
        const all: number[] = [];
        for (let before: number | null = null; ;) {
          const page = await journal.reader.list({ system }, { limit: 10, ...(before === null ? {} : { before }) });
          all.push(...page.rows.map(({ seq }) => seq));
          before = page.next;
          if (before === null) break;
        }
        expect(all).toHaveLength(25);
        expect(all).toEqual([...all].sort((a, b) => b - a));
        for (const [filter, count] of [
          [{ businessKey: 'B1' }, 5],
          [{ key: 'even' }, 13],
          [{ eventId: 'p3' }, 1],
          [{ type: 't.v1' }, 25],
          [{ states: ['received', 'parked'] as const }, 25],
          [{ states: ['published'] as const }, 0],
          [{ correlation: 'p7' }, 1],
          [{ fromMs: 5_000 }, 0],
          [{ code: 'X' }, 0],
        ] as const)
          expect((await journal.reader.list(filter, { limit: 100 })).rows, JSON.stringify(filter)).toHaveLength(count);
      }));
  });
}
