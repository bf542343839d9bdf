import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Journal, type Started } from '../../src/contract/journal.ts';
import { type Part } from '../../src/contract/transport.ts';
import { type OpenJournal, arrival, leaving, receive, openedFor } from './journal.contract.ts';

const known = [{ system: 'crm', operation: 'book' }];
const owner = { system: 'crm', transport: 'terminal' };
const screen: Part = { kind: 'received', atMs: 5_000, media: 'text/plain', bytes: Buffer.from('SR31 CONFIRM') };

async function begun(journal: Journal): Promise<Started> {
  const [received] = await receive(journal, arrival(randomUUID(), { begin: true }));
  if (received?.started === undefined) throw new Error('not started');
  return received.started;
}

/** What links keep in a journal: what they remember, and what they find out later about calls. */
export function journalLinksContract(name: string, open: () => Promise<OpenJournal>): void {
  const withJournal = openedFor(open, known);
  const partsOf = async (journal: Journal, { id }: Started): Promise<string[]> =>
    (await journal.reader.story(id))?.calls.flatMap(({ parts }) => parts.map(({ body }) => Buffer.from(body.bytes ?? []).toString())) ?? [];

  describe(`${name}: what links keep`, () => {
    it('a value that is remembered is there after a restart, and the newest one counts', () =>
      withJournal(async (journal, opened) => {
        expect(await journal.recall(owner, 'a')).toBeNull();
        await journal.remember(owner, 'a', { n: 1 }, 1_000);
        await journal.remember(owner, 'a', { n: 2, why: "it's" }, 2_000);
        const second = await opened.reopen();
        try {
          expect(await second.journal.recall(owner, 'a')).toEqual({ n: 2, why: "it's" });
          await second.journal.forget(owner, 'a');
          expect(await second.journal.recall(owner, 'a')).toBeNull();
        } finally {
          await second.close();
        }
      }));

    it('systems and transports do not see each other’s values', () =>
      withJournal(async (journal) => {
        await journal.remember(owner, 'a', 1, 1_000);
        expect(await journal.recall({ ...owner, system: 'erp' }, 'a')).toBeNull();
        expect(await journal.recall({ ...owner, transport: 'soap' }, 'a')).toBeNull();
        await journal.forget({ ...owner, system: 'erp' }, 'a');
        expect(await journal.recall(owner, 'a')).toBe(1);
      }));

    it('what is remembered in the turn before a call leaves is there when the call is', () =>
      withJournal(async (journal, opened) => {
        const started = await begun(journal);
        void journal.remember(owner, 'on', { callId: 'c1' }, 1_000);
        await journal.leave(started, leaving(started), 3_000);
        const second = await opened.reopen();
        try {
          expect(await second.journal.recall(owner, 'on')).toEqual({ callId: 'c1' });
        } finally {
          await second.close();
        }
      }));

    it('evidence joins the trace of a call that has left and is not answered, also after a restart and when it is parked', () =>
      withJournal(async (journal, opened) => {
        const started = await begun(journal);
        await journal.leave(started, leaving(started, { callId: 'c1' }), 3_000);
        expect(await journal.evidence('crm', 'c1', [screen])).toBe(true);
        await journal.park(started, { code: 'IN_DOUBT', message: 'no answer' }, 4_000);
        const second = await opened.reopen();
        try {
          await second.journal.recover(known);
          expect(await second.journal.evidence('crm', 'c1', [{ ...screen, bytes: Buffer.from('SR10') }])).toBe(true);
          expect(await partsOf(second.journal, started)).toEqual(['SR31 CONFIRM', 'SR10']);
        } finally {
          await second.close();
        }
      }));

    it('evidence for a call that is answered, unknown, or of another system is not kept', () =>
      withJournal(async (journal) => {
        const started = await begun(journal);
        const left = leaving(started, { callId: 'c1' });
        const seq = await journal.leave(started, left, 3_000);
        expect(await journal.evidence('erp', 'c1', [screen])).toBe(false);
        expect(await journal.evidence('crm', 'c2', [screen])).toBe(false);
        await journal.called(started, seq, left, { state: 'answered', answer: 1 }, [], 3_500);
        expect(await journal.evidence('crm', 'c1', [screen])).toBe(false);
        await journal.answered(started, [], 4_000);
        expect(await journal.evidence('crm', 'c1', [screen])).toBe(false);
        expect(await partsOf(journal, started)).toEqual([]);
      }));
  });
}
