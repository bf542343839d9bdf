import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type DueBatch, type Gathering } from '../../src/contract/batch.ts';
import { type Journal, type Started } from '../../src/contract/journal.ts';
import { type OpenJournal, arrival, leaving, receive, openedFor } from './journal.contract.ts';

const system = 'crm';
const operation = 'book';
const known = [{ system, operation }];
const beginning = { nowMs: 2_000, suspects: false, build: 'b1' };
const forever = Number.MAX_SAFE_INTEGER;
const answer = { file: 'F', size: 1 };

async function begun(journal: Journal, more: Parameters<typeof arrival>[1] = {}): Promise<Started> {
  const [received] = await receive(journal, arrival(randomUUID(), { begin: true, ...more }));
  if (received?.started === undefined) throw new Error('not started');
  return received.started;
}

const gathering = (more: Partial<Gathering> & { close?: Gathering['close'] } = {}): Gathering => ({
  group: '',
  bytes: 10,
  close: { events: 3, bytes: 100, afterMs: 60_000 },
  correlation: null,
  ...more,
});

/** A translation whose call waits in a batch. */
async function waiting(
  journal: Journal,
  more: Partial<Gathering> = {},
  args: object = { n: 1 },
): Promise<Started & { call: number; batch: number; dueMs: number }> {
  const started = await begun(journal);
  const gathered = await journal.gather(started, leaving(started, { args: args as never, leftMs: null }), gathering(more), [], 3_000);
  await journal.wait(started, { for: 'batch' }, 3_000);
  return { ...started, ...gathered };
}

async function due(journal: Journal): Promise<DueBatch> {
  const { batch } = await journal.dueBatch(system, forever, false);
  if (batch === null) throw new Error('no batch is due');
  const tried = await journal.tryBatch(batch.seq, 5_000);
  if (tried === null) throw new Error('it has ended');
  return tried;
}

const close = (journal: Journal, batch: DueBatch, lastCall = forever, expiresMs: number | null = null) =>
  journal.closeBatch(batch, { lastCall, answer, leftMs: 6_000, deadlineMs: 7_000, expiresMs }, 6_000);
const passedOn = async (journal: Journal, seq: number, limit = 100): Promise<void> => {
  while (await journal.passOn(seq, limit, 8_000));
};
const stateOf = async (journal: Journal, id: string) => (await journal.reader.story(id))?.translation;
const discard = (id: string) => ({ key: randomUUID(), translationId: id, version: null, act: { kind: 'discard' as const }, who: 'ann', why: 'x' });

/** What every journal must do for calls that go out together. */
export function journalBatchesContract(name: string, open: () => Promise<OpenJournal>): void {
  const withJournal = openedFor(open, known);

  describe(`${name}: the journal's batches`, () => {
    it('calls of one name and group gather; the limits say when the batch is due, and what would be too much begins the next', () =>
      withJournal(async (journal) => {
        const [one, two] = [await waiting(journal), await waiting(journal)];
        const other = await waiting(journal, { group: 'other' });
        expect([one.batch === two.batch, one.batch === other.batch, two.dueMs]).toEqual([true, false, one.dueMs]);
        const third = await waiting(journal);
        const fourth = await waiting(journal);
        expect([third.batch === one.batch, third.dueMs < one.dueMs, fourth.batch === one.batch]).toEqual([true, true, false]);
        const [light, heavy] = [await waiting(journal, { group: 'bytes' }), await waiting(journal, { group: 'bytes', bytes: 95 })];
        expect(light.batch === heavy.batch).toBe(false);
        expect(await stateOf(journal, one.id)).toMatchObject({ state: 'waiting', waitingFor: 'batch', dueMs: null, attempts: 0 });
        expect(await journal.begin(system, [operation], 9, beginning)).toEqual([]);
        await journal.wake(1e15);
        expect(await journal.begin(system, [operation], 9, beginning)).toEqual([]);
      }));

    it('closing freezes members, order and answer in one commit; what came later goes to the next batch', () =>
      withJournal(async (journal) => {
        const limits = { close: { events: 4, bytes: 100, afterMs: 60_000 } };
        const members = [await waiting(journal, limits, { n: 1 }), await waiting(journal, limits, { n: 2 })];
        const batch = await due(journal);
        expect(await journal.batchMembers(batch.seq, 0, 9)).toEqual(members.map(({ call }, index) => ({ call, args: { n: index + 1 } })));
        expect((await journal.batchMembers(batch.seq, members[0]?.call ?? 0, 9)).map(({ call }) => call)).toEqual([members[1]?.call]);
        const late = await waiting(journal, limits);
        expect(late.batch).toBe(batch.seq);
        await close(journal, batch, members[1]?.call);
        const story = await journal.reader.story(members[1]?.id ?? '');
        expect(story?.calls).toMatchObject([
          { state: 'calling', leftMs: 6_000, deadlineMs: 7_000, batch: { seq: batch.seq, state: 'calling', place: 2 } },
        ]);
        const moved = (await journal.reader.story(late.id))?.calls[0];
        expect([moved?.state, moved?.batch?.state, moved?.batch?.seq === batch.seq]).toEqual(['gathered', 'open', false]);
        expect((await journal.reader.batches(system, ['open', 'calling'], 9)).map(({ events, bytes }) => [events, bytes])).toEqual([
          [1, 10],
          [2, 20],
        ]);
        const next = await waiting(journal, limits);
        expect(next.batch).toBe(moved?.batch?.seq);
      }));

    it('one that became full while it was made is made again with all of it: the order of files is that of their events', () =>
      withJournal(async (journal) => {
        const [one, two] = [await waiting(journal), await waiting(journal)];
        const batch = await due(journal);
        const third = await waiting(journal);
        await expect(close(journal, batch, two.call)).rejects.toMatchObject({ code: 'CHANGED' });
        await close(journal, batch, third.call);
        expect((await journal.reader.story(third.id))?.calls).toMatchObject([{ batch: { seq: one.batch, place: 3 } }]);
      }));

    it('the outcome is recorded once for all; each member is then told its answer and place, and runs again', () =>
      withJournal(async (journal, opened) => {
        const members = [await waiting(journal), await waiting(journal), await waiting(journal)];
        const batch = await due(journal);
        await close(journal, batch);
        await journal.batchEnded(
          batch.seq,
          { state: 'answered', by: 'system' },
          [{ kind: 'sent', atMs: 1, media: 'x/y', bytes: Buffer.from('all') }],
          7_000,
        );
        expect(await journal.passOn(batch.seq, 1, 8_000)).toBe(true);
        const again = await opened.reopen();
        await again.journal.recover(known);
        expect((await again.journal.dueBatch(system, 0, true)).batch).toMatchObject({ seq: batch.seq, passing: true });
        await passedOn(again.journal, batch.seq, 1);
        expect((await again.journal.dueBatch(system, forever, false)).batch).toBeNull();
        const runs = await again.journal.begin(system, [operation], 9, beginning);
        expect(runs.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
        expect(runs.map(({ recorded }) => recorded.map(({ state, answer: told }) => [state, told]))).toEqual(
          members.map((_, index) => [['answered', { ...answer, place: index + 1 }]]),
        );
        const shown = await again.journal.reader.batch(batch.seq);
        expect(Buffer.from(shown?.parts[0]?.body.bytes ?? []).toString()).toBe('all');
        expect(shown?.members).toEqual(members.map(({ id }, index) => ({ id, place: index + 1 })));
        await again.close();
      }));

    it('a member that is taken out before it closes loses the closing its race; one taken out of all of them leaves its number to the next', () =>
      withJournal(async (journal) => {
        const [one, two] = [await waiting(journal), await waiting(journal)];
        const batch = await due(journal);
        expect(await journal.batchSequence(batch.seq, 'files', 5_000)).toBe(1);
        await journal.act(discard(one.id), 5_000);
        await expect(close(journal, batch)).rejects.toMatchObject({ code: 'CHANGED' });
        const again = await journal.tryBatch(batch.seq, 9_000);
        expect(again).toMatchObject({ nowMs: 5_000, triedMs: 5_000, events: 1 });
        expect(await journal.batchSequence(batch.seq, 'files', 9_000)).toBe(1);
        expect((await journal.batchMembers(batch.seq, 0, 9)).map(({ call }) => call)).toEqual([two.call]);
        await journal.act(discard(two.id), 5_000);
        expect(await journal.tryBatch(batch.seq, 9_000)).toBeNull();
        expect(await journal.reader.batches(system, ['open'], 9)).toEqual([]);
        expect(await journal.reader.unusedNumbers(system, 9)).toMatchObject([{ counter: 'files', number: 1, translationId: two.id, inDoubt: false }]);
        await waiting(journal);
        const next = await due(journal);
        expect(next.seq).not.toBe(batch.seq);
        expect(await journal.batchSequence(next.seq, 'files', 9_000)).toBe(1);
        expect(await journal.reader.unusedNumbers(system, 9)).toEqual([]);
      }));

    it('a run begins with nothing gathered: what is retried, interrupted or parked is out of its batch', () =>
      withJournal(async (journal, opened) => {
        const one = await waiting(journal);
        await journal.act({ ...discard(one.id), act: { kind: 'retry' } }, 4_000);
        const [run] = await journal.begin(system, [operation], 9, beginning);
        if (run === undefined) throw new Error('not begun');
        expect([run.recorded, (await journal.reader.batches(system, ['open'], 9)).length]).toEqual([[], 0]);
        await journal.gather(run, leaving(run, { run: 2 }), gathering(), [], 4_000);
        const again = await opened.reopen();
        await again.journal.recover(known);
        const [suspect] = await again.journal.begin(system, [operation], 9, { ...beginning, suspects: true });
        if (suspect === undefined) throw new Error('not begun');
        expect((await again.journal.reader.batches(system, ['open'], 9)).length).toBe(0);
        await again.journal.gather(suspect, leaving(suspect, { run: 3 }), gathering(), [], 4_000);
        await again.journal.park(suspect, { code: 'DEFECT', message: 'x' }, 4_000);
        expect((await again.journal.reader.batches(system, ['open'], 9)).length).toBe(0);
        await again.close();
      }));

    it('the outcome that comes before the run has ended makes its wait ready at once', () =>
      withJournal(async (journal) => {
        const started = await begun(journal);
        await journal.gather(started, leaving(started), gathering({ close: { events: 1, bytes: 100, afterMs: 1 } }), [], 3_000);
        const batch = await due(journal);
        await close(journal, batch);
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'system' }, [], 7_000);
        await passedOn(journal, batch.seq);
        await journal.wait(started, { for: 'batch' }, 7_000);
        const [run] = await journal.begin(system, [operation], 9, beginning);
        expect(run?.recorded[0]).toMatchObject({ state: 'answered', answer: { ...answer, place: 1 } });
      }));

    it('not sent, it stays open and is tried again later, ahead of younger ones of its group; known not to have happened after it left, it opens again', () =>
      withJournal(async (journal) => {
        const members = [await waiting(journal), await waiting(journal), await waiting(journal)];
        await waiting(journal);
        const batch = await due(journal);
        const failure = { code: 'UNREACHABLE', message: 'no connection' } as const;
        await journal.batchEnded(batch.seq, { state: 'waiting', untilMs: forever - 1, failure, counts: true }, [], 7_000);
        expect((await journal.dueBatch(system, forever - 2, false)).batch).toBeNull();
        await close(journal, await due(journal));
        await journal.act(discard(members[0]?.id ?? ''), 7_000);
        await journal.batchEnded(batch.seq, { state: 'waiting', untilMs: 0, failure, counts: true, reopens: true }, [], 7_000);
        expect((await journal.reader.batches(system, ['open'], 9)).map(({ seq, events }) => [seq === batch.seq, events])).toEqual([
          [false, 1],
          [true, 2],
        ]);
        expect((await journal.reader.story(members[1]?.id ?? ''))?.calls).toMatchObject([{ state: 'gathered', leftMs: null }]);
        const again = await due(journal);
        expect(again).toMatchObject({ seq: batch.seq, attempts: 3, answer: null, deadlineMs: null });
        await close(journal, again);
      }));

    it('in doubt parks every member; one decision settles all of them, a second is refused', () =>
      withJournal(async (journal) => {
        const members = [await waiting(journal), await waiting(journal), await waiting(journal)];
        const batch = await due(journal);
        await close(journal, batch);
        await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'who knows' } }, [], 7_000);
        await passedOn(journal, batch.seq, 2);
        for (const { id } of members) expect(await stateOf(journal, id)).toMatchObject({ state: 'parked', failure: { code: 'IN_DOUBT' } });
        const settle = (member: { id: string; call: number } | undefined, kind: 'did not' | 'probe') => ({
          ...discard(member?.id ?? ''),
          act: { kind, callSeq: member?.call ?? 0 },
        });
        await journal.act(settle(members[1], 'did not'), 8_000);
        await expect(journal.act(settle(members[0], 'probe'), 8_000)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
        await expect(journal.actOnBatch({ key: 'k', batch: batch.seq, act: 'happened', who: 'ann', why: 'x' }, 8_000)).rejects.toMatchObject({
          code: 'NOT_POSSIBLE',
        });
        await passedOn(journal, batch.seq, 2);
        for (const { id } of members) expect(await stateOf(journal, id)).toMatchObject({ state: 'waiting', waitingFor: 'batch' });
        const again = await due(journal);
        expect(again).toMatchObject({ seq: batch.seq, state: 'calling', answer, deadlineMs: null });
        await close(journal, again);
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'probe' }, [], 9_000);
        await passedOn(journal, batch.seq);
        expect((await journal.begin(system, [operation], 9, beginning)).map(({ id }) => id)).toEqual(members.map(({ id }) => id));
        expect((await journal.reader.story(members[2]?.id ?? ''))?.calls).toMatchObject([{ state: 'answered', answeredBy: 'probe' }]);
      }));

    it('a correlation is taken from the gathering on, and free again when its call is taken out; its reply wakes a member also before the outcome is known', () =>
      withJournal(async (journal) => {
        const one = await waiting(journal, { correlation: 'R-1' });
        const twin = await begun(journal);
        await expect(journal.gather(twin, leaving(twin), gathering({ correlation: 'R-1' }), [], 3_000)).rejects.toMatchObject({
          code: 'CORRELATION_TAKEN',
        });
        expect(await journal.replied(system, 'R-1', 'too early', [], 3_000)).toBe('evidence');
        await journal.act(discard(one.id), 3_000);
        await journal.gather(twin, leaving(twin), gathering({ correlation: 'R-1' }), [], 3_000);
        await journal.wait(twin, { for: 'batch' }, 3_000);
        const other = await waiting(journal, { correlation: 'R-2' });
        const batch = await due(journal);
        await close(journal, batch, forever, 9_000);
        expect(await journal.replied(system, 'R-1', 'yes', [], 7_000)).toBe('answered');
        expect((await journal.begin(system, [operation], 9, beginning)).map(({ id }) => id)).toEqual([twin.id]);
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'system' }, [], 7_000);
        await passedOn(journal, batch.seq);
        expect(await stateOf(journal, other.id)).toMatchObject({ state: 'waiting', waitingFor: 'reply', dueMs: 9_000 });
      }));

    it('it holds its key, and is no part of the backlog; kept counts are what a count would say', () =>
      withJournal(async (journal) => {
        const head = await begun(journal, { key: 'K' });
        await journal.gather(head, leaving(head), gathering(), [], 3_000);
        await journal.wait(head, { for: 'batch' }, 3_000);
        await receive(journal, arrival('behind', { key: 'K' }));
        expect(await journal.begin(system, [operation], 9, beginning)).toEqual([]);
        const counts = journal.tallies().map(({ state, detail, count }) => `${state} ${detail} ${count}`);
        expect(counts.sort()).toEqual(['received behind 1', 'waiting batch 1']);
      }));

    it('rule 27: an ended batch goes when the last of its members does, its file with the bodies of members that are not to be kept', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, { keepBodies: false });
        await journal.gather(started, leaving(started), gathering(), [], 3_000);
        await journal.wait(started, { for: 'batch' }, 3_000);
        const batch = await due(journal);
        await journal.batchSequence(batch.seq, 'files', 5_000);
        await close(journal, batch);
        await journal.batchEnded(
          batch.seq,
          { state: 'answered', by: 'system' },
          [{ kind: 'sent', atMs: 1, media: 'x/y', bytes: Buffer.from('all') }],
          7_000,
        );
        expect((await journal.reader.batch(batch.seq))?.parts[0]?.body.bytes).not.toBeNull();
        await passedOn(journal, batch.seq);
        expect((await journal.reader.batch(batch.seq))?.parts[0]?.body.bytes).toBeNull();
        const [run] = await journal.begin(system, [operation], 9, beginning);
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        expect(await journal.reader.batch(batch.seq)).not.toBeNull();
        if (run !== undefined) await journal.answered(run, [], 8_000);
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        expect(await journal.reader.batch(batch.seq)).toBeNull();
        expect(await journal.reader.unusedNumbers(system, 9)).toEqual([]);
      }));

    it('rule 27: of a batch that is not settled nothing goes, whatever became of its members: it may have to be made again', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, { keepBodies: false });
        const { call } = await journal.gather(started, leaving(started), gathering(), [], 3_000);
        await journal.wait(started, { for: 'batch' }, 3_000);
        const other = await waiting(journal);
        const batch = await due(journal);
        await close(journal, batch);
        await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'x' } }, [], 7_000);
        await passedOn(journal, batch.seq);
        await journal.act(discard(started.id), 8_000);
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        expect((await journal.batchMembers(batch.seq, 0, 9)).map(({ call: each, args }) => [each, args])).toEqual([
          [call, { n: 1 }],
          [other.call, { n: 1 }],
        ]);
        await journal.actOnBatch({ key: 'k', batch: batch.seq, act: 'happened', who: 'ann', why: 'x' }, 8_000);
        await passedOn(journal, batch.seq);
        expect((await journal.batchMembers(batch.seq, 0, 1))[0]?.args).toBeNull();
        while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 5, 50_000));
        expect(await journal.reader.story(started.id)).toBeNull();
      }));

    it('what an adapter no longer knows is parked at the start, out of its open batch', () =>
      withJournal(async (journal, opened) => {
        const one = await waiting(journal);
        const again = await opened.reopen();
        expect((await again.journal.recover([])).orphans).toEqual([one.id]);
        expect(await again.journal.reader.batches(system, ['open'], 9)).toEqual([]);
        await again.close();
      }));

    it('a run that begins before its outcome has been passed on to it waits for that, and is not parked', () =>
      withJournal(async (journal, opened) => {
        const started = await begun(journal);
        await journal.gather(started, leaving(started), gathering({ close: { events: 1, bytes: 100, afterMs: 1 } }), [], 3_000);
        const batch = await due(journal);
        await close(journal, batch);
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'system' }, [], 7_000);
        const again = await opened.reopen();
        await again.journal.recover(known);
        const [run] = await again.journal.begin(system, [operation], 9, { ...beginning, suspects: true });
        if (run === undefined) throw new Error('not begun');
        expect(run.recorded).toMatchObject([{ state: 'calling', batch: { seq: batch.seq, state: 'calling' } }]);
        await again.journal.wait(run, { for: 'batch' }, 7_000);
        expect(await again.journal.begin(system, [operation], 9, beginning)).toEqual([]);
        await passedOn(again.journal, batch.seq);
        const [told] = await again.journal.begin(system, [operation], 9, beginning);
        expect(told?.recorded).toMatchObject([{ state: 'answered', answer: { ...answer, place: 1 } }]);
        await again.close();
      }));

    it('tells how many batches are in which state, with how many members, since when', () =>
      withJournal(async (journal) => {
        const since = (await waiting(journal)).dueMs - 60_000;
        await waiting(journal);
        const batch = await due(journal);
        await close(journal, batch);
        await waiting(journal);
        expect(await journal.reader.batchTotals()).toMatchObject([
          { system, state: 'calling', batches: 1, members: 2, failing: 0, oldestMs: since },
          { system, state: 'open', batches: 1, members: 1, failing: 0 },
        ]);
        await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'x' } }, [], 7_000);
        expect((await journal.reader.batchTotals()).map(({ state, failing }) => [state, failing])).toEqual([
          ['in doubt', 1],
          ['open', 0],
        ]);
      }));

    it('who was given up is not in the file when it is made again: the batch opens without them, under its number', () =>
      withJournal(async (journal) => {
        const members = [await waiting(journal), await waiting(journal), await waiting(journal)];
        const batch = await due(journal);
        expect(await journal.batchSequence(batch.seq, 'files', 5_000)).toBe(1);
        await close(journal, batch);
        expect(await journal.reopenBatch(batch.seq)).toBe(false);
        await journal.act(discard(members[1]?.id ?? ''), 7_000);
        expect(await journal.reopenBatch(batch.seq)).toBe(true);
        const again = await due(journal);
        expect(again).toMatchObject({ seq: batch.seq, state: 'open', events: 2, nowMs: 5_000, answer: null });
        expect((await journal.batchMembers(batch.seq, 0, 9)).map(({ call }) => call)).toEqual([members[0]?.call, members[2]?.call]);
        expect(await journal.batchSequence(batch.seq, 'files', 9_000)).toBe(1);
        await close(journal, again);
        for (const index of [0, 2]) await journal.act(discard(members[index]?.id ?? ''), 7_000);
        expect(await journal.reopenBatch(batch.seq)).toBe(true);
        expect(await journal.tryBatch(batch.seq, 9_000)).toBeNull();
        await journal.batchEnded(batch.seq, { state: 'waiting', untilMs: 1, failure: null, counts: true }, [], 9_000);
        expect(await journal.reader.unusedNumbers(system, 9)).toMatchObject([{ number: 1, inDoubt: false }]);
      }));

    it('in doubt with nobody left in it is given up, with its number and what is not to be kept', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, { keepBodies: false });
        await journal.gather(started, leaving(started), gathering(), [], 3_000);
        await journal.wait(started, { for: 'batch' }, 3_000);
        const batch = await due(journal);
        await journal.batchSequence(batch.seq, 'files', 5_000);
        await close(journal, batch);
        await journal.act(discard(started.id), 7_000);
        const sent = { kind: 'sent', atMs: 1, media: 'x/y', bytes: Buffer.from('all') } as const;
        await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'x' } }, [sent], 7_000);
        await passedOn(journal, batch.seq);
        expect(await journal.reader.batches(system, ['discarded'], 9)).toHaveLength(1);
        expect(await journal.reader.unusedNumbers(system, 9)).toMatchObject([{ number: 1, inDoubt: true }]);
        expect((await journal.batchMembers(batch.seq, 0, 9))[0]?.args).toBeNull();
        expect((await journal.reader.batch(batch.seq))?.parts[0]?.body.bytes).toBeNull();
      }));

    it.each(['before', 'after'] as const)(
      'a reply to one member, %s nobody could tell, shows that the batch happened: it cannot be sent again',
      (when) =>
        withJournal(async (journal) => {
          const one = await waiting(journal, { correlation: 'R-1' });
          const two = await waiting(journal, { correlation: 'R-2' });
          const batch = await due(journal);
          await close(journal, batch, forever, 9_000);
          if (when === 'before') await journal.replied(system, 'R-1', 'yes', [], 7_000);
          await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'x' } }, [], 7_000);
          await passedOn(journal, batch.seq);
          if (when === 'after') await journal.replied(system, 'R-1', 'yes', [], 7_000);
          await expect(journal.actOnBatch({ key: 'k', batch: batch.seq, act: 'did not', who: 'ann', why: 'x' }, 8_000)).rejects.toMatchObject({
            code: 'NOT_POSSIBLE',
          });
          await passedOn(journal, batch.seq);
          expect((await journal.begin(system, [operation], 9, beginning)).map(({ id }) => id)).toEqual([one.id]);
          expect(await stateOf(journal, two.id)).toMatchObject({ state: 'waiting', waitingFor: 'reply', dueMs: 9_000 });
          expect(await journal.reader.batches(system, ['in doubt', 'calling'], 9)).toEqual([]);
        }),
    );

    it('made again after a person has said that it did not happen, it is given its time for replies anew', () =>
      withJournal(async (journal) => {
        const one = await waiting(journal, { correlation: 'R-1' });
        const batch = await due(journal);
        await close(journal, batch, forever, 7_500);
        await journal.batchEnded(batch.seq, { state: 'in doubt', failure: { code: 'IN_DOUBT', message: 'x' } }, [], 7_000);
        await passedOn(journal, batch.seq);
        await journal.wake(7_600);
        const [run] = await journal.begin(system, [operation], 9, beginning);
        if (run === undefined) throw new Error('not begun');
        await journal.park(run, { code: 'REPLY_TIMEOUT', message: 'x' }, 7_600);
        await journal.actOnBatch({ key: 'k', batch: batch.seq, act: 'did not', who: 'ann', why: 'x' }, 8_000);
        await passedOn(journal, batch.seq);
        expect(await stateOf(journal, one.id)).toMatchObject({ state: 'waiting', waitingFor: 'batch' });
        await close(journal, await due(journal), forever, 20_000);
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'system' }, [], 9_000);
        await passedOn(journal, batch.seq);
        expect(await stateOf(journal, one.id)).toMatchObject({ state: 'waiting', waitingFor: 'reply', dueMs: 20_000 });
      }));

    it.each(['CODE_CHANGED', 'CALL_UNKNOWN'] as const)(
      'that left and the code no longer fits (%s) is settled by a person; otherwise it is not',
      (code) =>
        withJournal(async (journal) => {
          const members = [await waiting(journal), await waiting(journal)];
          const batch = await due(journal);
          await close(journal, batch);
          const didNot = { key: 'k', batch: batch.seq, act: 'did not', who: 'ann', why: 'x' } as const;
          await expect(journal.actOnBatch(didNot, 8_000)).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
          await journal.batchEnded(batch.seq, { state: 'waiting', untilMs: forever, failure: { code, message: 'x' }, counts: true }, [], 7_000);
          await journal.act(discard(members[0]?.id ?? ''), 7_000);
          await journal.actOnBatch(didNot, 8_000);
          const again = await due(journal);
          expect(again).toMatchObject({ seq: batch.seq, state: 'open', events: 1, answer: null });
          await close(journal, again);
          await journal.batchEnded(batch.seq, { state: 'waiting', untilMs: forever, failure: { code, message: 'x' }, counts: true }, [], 7_000);
          await journal.actOnBatch({ ...didNot, key: 'l', act: 'happened' }, 8_000);
          await passedOn(journal, batch.seq);
          expect((await journal.begin(system, [operation], 9, beginning)).map(({ id }) => id)).toEqual([members[1]?.id]);
        }),
    );

    it('rule 27: what its reply has finished before the outcome was known keeps no bodies after it', () =>
      withJournal(async (journal) => {
        const started = await begun(journal, { keepBodies: false });
        await journal.gather(started, leaving(started), gathering({ correlation: 'R-1' }), [], 3_000);
        await journal.wait(started, { for: 'batch' }, 3_000);
        const batch = await due(journal);
        await close(journal, batch, forever, 9_000);
        await journal.replied(system, 'R-1', 'yes', [], 7_000);
        const [run] = await journal.begin(system, [operation], 9, beginning);
        if (run === undefined) throw new Error('not begun');
        await journal.answered(run, [], 7_000);
        expect((await journal.batchMembers(batch.seq, 0, 9))[0]?.args).not.toBeNull();
        await journal.batchEnded(batch.seq, { state: 'answered', by: 'system' }, [], 7_000);
        await passedOn(journal, batch.seq);
        expect((await journal.batchMembers(batch.seq, 0, 9))[0]?.args).toBeNull();
      }));
  });
}
