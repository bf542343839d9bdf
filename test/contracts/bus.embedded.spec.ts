import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedBus } from '../../src/bus/embedded/embedded.bus.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { type OpenBus, busContract, eventNamed } from './bus.contract.ts';
import { arrival, receive } from './journal.contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-bus-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;

async function openBus(): Promise<OpenBus & { log(after: number): Promise<readonly { position: number }[]>; sweep(nowMs: number): Promise<void> }> {
  const clock = new SystemClock();
  const { journal, spool } = await openSqliteJournal(
    Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 }),
    clock,
  );
  await journal.recover([]);
  const bus = new EmbeddedBus(spool, clock);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await bus.close();
    await journal.close();
  };
  return {
    bus,
    outgoing: async (event) => {
      const [received] = await receive(journal, arrival(`out-${(made += 1)}`, { begin: true }));
      const [row] = received?.started === undefined ? [] : await journal.answered(received.started, [event], 1_000);
      if (row === undefined) throw new Error('no outbox row');
      return row;
    },
    restart: async () => {
      await close();
      return openBus();
    },
    close,
    log: (after) => spool.log(after, 100),
    sweep: async (nowMs) => {
      while (await journal.sweep({ keepMs: 1, dedupeMs: 1 }, 50, nowMs));
    },
  };
}

busContract('embedded', openBus);

describe('the embedded bus', () => {
  it('rule 33: every published event is in the log once, also what nobody was bound for; a resume point older than the log is refused', async () => {
    const opened = await openBus();
    for (const id of ['a', 'b', 'c']) {
      const outgoing = await opened.outgoing(eventNamed(id, 'x.y'));
      await opened.bus.publish(outgoing);
      await opened.bus.publish(outgoing);
    }
    expect((await opened.log(0)).map(({ position }) => position)).toEqual([1, 2, 3]);
    expect((await opened.log(2)).map(({ position }) => position)).toEqual([3]);
    await opened.sweep(Date.now() + 100_000);
    await expect(opened.log(1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await opened.log(3)).toEqual([]);
    await opened.close();
  });
});
