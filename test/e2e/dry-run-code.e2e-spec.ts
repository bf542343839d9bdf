import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Adapter } from '../../src/contract/adapter.ts';
import { Operation } from '../../src/contract/operation.ts';
import { translationId } from '../../src/contract/translation-id.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { JournalSettings } from '../../src/journal/journal.settings.ts';
import { openSqliteJournal } from '../../src/journal/sqlite/sqlite.journal.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { Asked, type Code, Told, adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { type Rig, startRig } from '../support/gateway.ts';

let depot: PracticeDepot;
beforeEach(async () => {
  depot = await PracticeDepot.start();
});
afterEach(() => depot.close());

const made = { system: 'depot', operation: 'ask', data: { ref: 'A' } };
const answers = { Reserve: { reservation: 'R7' } };
const act = { version: null, who: 'ann', why: 'mended' };

/** A gateway whose translation parked with one code, started again with another. */
async function mendedAfter(before: Code, after: Code, work: (rig: Rig, id: string) => Promise<void>): Promise<void> {
  const first = await startDepotRig(depot, adapterWith(before));
  const id = await ask(first, 'A');
  await first.settled();
  await first.stop();
  await using rig = await startDepotRig(depot, adapterWith(after), { folder: first.folder });
  await work(rig, id);
}

describe('adapter code in a dry run', () => {
  it('has the time and the ids of the run that was recorded, and waits for no pause', async () => {
    const code: Code = async ({ ref }, system) => {
      await system.pause(3_600_000);
      return new Told(`${ref} ${system.now()} ${system.id('x')} ${system.event.id}`);
    };
    const now: Code = ({ ref }, system) => new Told(`${ref} ${system.now()} ${system.id('x')} ${system.event.id}`);
    await using rig = await startDepotRig(depot, adapterWith(now));
    const id = await ask(rig, 'A');
    await rig.settled();
    await rig.stop();
    await using again = await startDepotRig(depot, adapterWith(code), { folder: rig.folder });
    const dry = await again.gateway.desk.dryRun({ translationId: id });
    expect([dry.end, dry.replies[0]?.same, dry.notes]).toEqual([{ end: 'replied' }, true, ['ask asks depot nothing for this event.']]);
  });

  it('makes at most a thousand calls, and must ask for what the adapter declares', async () => {
    const endless: Code = async ({ ref }, system) => {
      for (let n = 0; ; n += 1) await reserve({ ref: `${ref}${n}` }, system);
    };
    await using rig = await startDepotRig(depot, adapterWith(endless));
    const dry = await rig.gateway.desk.dryRun({ ...made, answers });
    expect([dry.end, dry.calls.length]).toMatchObject([{ end: 'parked', failure: { code: 'TOO_MANY_CALLS' } }, 1_000]);
    expect([depot.ledger(), await rig.rows()]).toEqual([[], []]);
  });

  it('that waits for what never comes is ended after ten seconds, and keeps nobody out for longer', async () => {
    const hangs: Code = async (event, system) => {
      await reserve(event, system);
      await new Promise(() => undefined);
      return new Told('never');
    };
    await using rig = await startDepotRig(depot, adapterWith(hangs));
    const dry = rig.gateway.desk.dryRun({ ...made, answers });
    const others = Array.from({ length: 9 }, () => rig.gateway.desk.dryRun({ ...made, data: {} }).then(({ end }) => end.end, String));
    expect((await dry).end).toMatchObject({ end: 'parked', failure: { code: 'STALLED' } });
    expect(await Promise.all(others)).toEqual([
      ...Array.from({ length: 7 }, () => 'parked'),
      ...[1, 2].map(() => expect.stringContaining('dry runs wait') as string),
    ]);
  });

  it('that catches everything turns no missing answer into a reply', async () => {
    const code: Code = async (event, system) => {
      try {
        return await reserve(event, system);
      } catch {
        return new Told('refused, says the adapter');
      }
    };
    await using rig = await startDepotRig(depot, adapterWith(code));
    expect((await rig.gateway.desk.dryRun(made)).end).toEqual({ end: 'needs answer', calls: ['Reserve'] });
  });

  it('takes an answer that is given before one that would be assumed, and never before one that was recorded', async () => {
    const other: Code = ({ ref }, system) => reserve({ ref: `${ref}-other` }, system);
    await using rig = await startDepotRig(depot, adapterWith(reserve));
    const id = await ask(rig, 'A');
    await rig.settled();
    const recorded = await rig.gateway.desk.dryRun({ translationId: id, answers });
    expect(recorded.calls.map(({ answeredBy, parts }) => [answeredBy, ...parts.map(({ same }) => same)])).toEqual([['recorded', true, true]]);
    await rig.stop();
    await using changed = await startDepotRig(depot, adapterWith(other), { folder: rig.folder });
    for (const [given, by] of [
      [answers, 'given'],
      [{}, 'assumed'],
    ] as const) {
      const dry = await changed.gateway.desk.dryRun({ translationId: id, answers: given });
      expect(dry.calls.map(({ answeredBy, parts }) => [answeredBy, parts[0]?.same])).toEqual([[by, false]]);
      expect(dry.notes.at(-1)).toContain('CODE_CHANGED');
    }
  });

  it('a doubt has no answer until one is given', async () => {
    depot.fault({ kind: 'commit-then-drop', matching: 'A' });
    const order: Code = async ({ ref }, system) => {
      const answer = await system.call('Order', { ref, sku: 'BOLT' });
      return new Told(JSON.stringify(answer));
    };
    await mendedAfter(order, order, async (rig, id) => {
      expect((await rig.story(id)).translation.failure?.code).toBe('IN_DOUBT');
      const dry = await rig.gateway.desk.dryRun({ translationId: id });
      expect([dry.end, dry.calls[0]?.parts[0]?.same]).toEqual([{ end: 'needs answer', calls: ['Order'] }, true]);
    });
  });

  it('arguments that a mapping gets wrong park as they would, and are drafted once it is mended', async () => {
    const wrong: Code = async ({ ref }, system) => {
      await system.call('Reserve', { ref, bogus: 1 } as never);
      return new Told('reserved');
    };
    await mendedAfter(wrong, wrong, async (rig, id) => {
      const dry = await rig.gateway.desk.dryRun({ translationId: id });
      expect([dry.end, dry.calls[0]?.failure?.code]).toMatchObject([
        { end: 'parked', failure: { code: 'CALL_REFUSED_ARGUMENTS' } },
        'CALL_REFUSED_ARGUMENTS',
      ]);
    });
    await mendedAfter(wrong, reserve, async (rig, id) => {
      const dry = await rig.gateway.desk.dryRun({ translationId: id, answers });
      expect([dry.end, dry.calls[0]?.parts.length]).toEqual([{ end: 'replied' }, 1]);
      await rig.gateway.desk.act({ ...act, key: 'k', translationId: id }, { kind: 'retry' });
      await rig.settled();
      expect((await rig.story(id)).translation.state).toBe('published');
    });
  });

  it('rule 6: is not run when it has ended the process twice', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
    const settings = Object.assign(new JournalSettings(), { path: join(folder, 'journal.db'), reserveBytes: 0 });
    const id = translationId('depot', 'ask', '/test', 'killer');
    const park = null;
    const wanted = { id, system: 'depot', operation: 'ask', key: null, businessKey: 'A', passWhenParked: false, keepBodies: true, begin: true, park };
    const event = {
      attributes: { specversion: '1.0', id: 'killer', source: '/test', type: 'test.asked.v1' } as const,
      data: Buffer.from('{"ref":"A"}'),
    };
    const known = [{ system: 'depot', operation: 'ask' }];
    for (let died = 0; died < 2; died += 1) {
      const { journal } = await openSqliteJournal(settings, new SystemClock());
      await journal.recover(known);
      const at = { nowMs: Date.now(), build: 'test' };
      if (died === 0) await journal.receive([{ event, size: 11, digest: 'd', correlation: 'c', hops: 0, translations: [wanted] }], at);
      else await journal.begin('depot', ['ask'], 1, { ...at, suspects: true });
      await journal.close();
    }
    await using rig = await startDepotRig(depot, adapterWith(reserve), { folder });
    expect((await rig.story(id)).translation.failure?.code).toBe('KILLS_THE_GATEWAY');
    await expect(rig.gateway.desk.dryRun({ translationId: id })).rejects.toMatchObject({ code: 'NOT_POSSIBLE' });
  });

  it('says of a router that it asks nothing', async () => {
    class AskAgain {
      translate(told: Told): Asked {
        return Object.assign(new Asked(), { ref: `${told.text}-again` });
      }
    }
    Operation({ accepts: Told, replies: [Asked] })(AskAgain);
    class Router {}
    Adapter({ system: 'router', about: 'Sends answers on as questions.', layouts: [], calls: {}, operations: [AskAgain] })(Router);
    const line = Object.assign(new LineSettings(), { port: depot.port });
    await using rig = await startRig({
      adapters: [adapterWith(reserve), Router],
      transports: [new LineTransport()],
      systems: { depot: { transports: { line } }, router: {} },
    });
    const dry = await rig.gateway.desk.dryRun({ system: 'router', operation: 'ask-again', data: { text: 'A' } });
    expect([dry.end, dry.notes]).toEqual([{ end: 'replied' }, ['ask-again asks router nothing for this event.']]);
  });
});

describe('a replay', () => {
  it('is seen from both sides, with whether its event was edited', async () => {
    await using rig = await startDepotRig(depot, adapterWith(reserve));
    const id = await ask(rig, 'A');
    await rig.settled();
    const request = { ...act, translationId: id };
    const same = await rig.gateway.desk.act({ ...request, key: 'same' }, { kind: 'replay' });
    const edited = await rig.gateway.desk.act({ ...request, key: 'edited' }, { kind: 'replay', data: { ref: 'B' } });
    await rig.settled();
    expect(await rig.story(id)).toMatchObject({
      edited: false,
      replays: [same.translationId, edited.translationId],
      editedReplays: [edited.translationId],
    });
    const views = await Promise.all([same, edited].map(({ translationId }) => rig.story(translationId)));
    expect(views.map(({ edited: isEdited, translation }) => [translation.replayOf, isEdited])).toEqual([
      [id, false],
      [id, true],
    ]);
  });
});
