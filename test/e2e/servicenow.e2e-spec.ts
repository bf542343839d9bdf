import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { type Json } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import { PracticeServiceNow, type ServiceNowFaultKind } from '../../src/practice/servicenow/servicenow.server.ts';
import { SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { type Rig, startRig } from '../support/gateway.ts';

let practice: PracticeServiceNow;
beforeEach(async () => {
  practice = await PracticeServiceNow.start();
});
afterEach(() => practice.stop());

function start(more: { settings?: object; folder?: string; drainMs?: number } = {}): Promise<Rig> {
  const { settings = {}, ...rest } = more;
  const soap = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('built-in', 'practice') });
  return startRig({
    ...rest,
    adapters: [ServiceNowAdapter],
    transports: [new SoapTransport()],
    systems: { servicenow: { settings: { callTimeoutMs: 300, settleMs: 300, ...settings }, transports: { soap } } },
  });
}

const open = 'com.acme.service.requested.v1';
const update = 'com.acme.incident.update-requested.v1';
const search = 'com.acme.incidents.requested.v1';
const notes = (): string[] => practice.journal().map(({ text }) => text);
const dataOf = async (rig: Rig): Promise<Json[]> => (await rig.replies()).map(({ data }) => JSON.parse(Buffer.from(data).toString()) as Json);
const there = (fields: Record<string, string> = {}): { number: string; sysId: string } => {
  const { number = '', sys_id: sysId = '' } = practice.seed({ short_description: 'No mail', ...fields });
  return { number, sysId };
};
const noteTo = (incident: string, more: object = {}): Json => ({ requestId: 'U1', incident, workNote: 'Called back', ...more }) as Json;

describe('an update whose answer was lost', () => {
  it.each<ServiceNowFaultKind>(['commit-then-drop', 'commit-late', 'silent', 'unknown-fault', 'html-503', 'html-200', 'empty-200', 'truncated'])(
    '%s: the mark decides, and the note stands there once',
    async (kind) => {
      const { number, sysId } = there();
      await using rig = await start({ settings: { settleMs: 500 } });
      practice.fault({ kind, call: 'update', times: 1, ms: 350 });
      const id = await rig.post(update, noteTo(number));
      await rig.settled();
      await practice.caughtUp();
      expect((await rig.story(id)).calls.some(({ probeOf }) => probeOf !== null)).toBe(true);
      expect(notes()).toEqual(['Called back']);
      expect(practice.updates()).toHaveLength(1);
      expect(await dataOf(rig)).toEqual([{ requestId: 'U1', number, sysId }]);
    },
  );

  it('and whose gateway ended meanwhile is found by the next one', async () => {
    const { number, sysId } = there();
    await using first = await start({ drainMs: 0, settings: { callTimeoutMs: 5_000 } });
    practice.fault({ kind: 'commit-late', call: 'update', times: 1, ms: 0 });
    await first.post(update, noteTo(number));
    await expect.poll(() => practice.updates().length).toBe(1);
    await first.stop();
    await using second = await start({ folder: first.folder });
    await second.settled();
    expect(notes()).toEqual(['Called back']);
    expect(await dataOf(second)).toEqual([{ requestId: 'U1', number, sysId }]);
  });

  it('is made again although somebody at a screen changed the incident, when its last mark still stands', async () => {
    await using rig = await start({ settings: { settleMs: 500 } });
    await rig.post(open, { requestId: 'R1', callerId: 'ann', summary: 'No mail' });
    await rig.settled();
    const { number = '', sysId = '' } = practice.ledger()[0] ?? {};
    practice.fault({ kind: 'html-503', call: 'update', times: 1 });
    await rig.post(update, noteTo(number));
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    practice.edit(sysId, { category: 'mail' });
    await rig.settled();
    expect(notes()).toEqual(['Called back']);
    expect((await rig.rows()).every(({ state }) => state === 'published')).toBe(true);
  });

  it('is put before a person when the incident never had a mark and was changed meanwhile', async () => {
    const { number, sysId } = there();
    await using rig = await start({ settings: { callTimeoutMs: 1_000 } });
    practice.fault({ kind: 'silent', call: 'update', times: 1 });
    const id = await rig.post(update, noteTo(number));
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    practice.edit(sysId, { category: 'mail' });
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({ state: 'parked', failure: { code: 'IN_DOUBT' } });
    expect(practice.updates()).toEqual([]);
  });

  it('is put before a person when another write has covered its mark', async () => {
    const { number, sysId } = there();
    await using rig = await start({ settings: { callTimeoutMs: 1_000 } });
    practice.fault({ kind: 'commit-late', call: 'update', times: 1, ms: 0 });
    const id = await rig.post(update, noteTo(number));
    await expect.poll(() => practice.updates().length).toBe(1);
    practice.edit(sysId, { correlation_display: 'gatehouse another after modification 0' });
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({
      state: 'parked',
      failure: { code: 'IN_DOUBT', message: expect.stringContaining('covered') },
    });
    expect(notes()).toEqual(['Called back']);
  });

  it('and whose incident is gone is put before a person', async () => {
    const { number } = there();
    await using rig = await start({ settings: { callTimeoutMs: 1_000 } });
    practice.fault({ kind: 'silent', call: 'update', times: 1 });
    const id = await rig.post(update, noteTo(number));
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    practice.remove(number);
    await rig.settled();
    expect((await rig.story(id)).translation.failure).toMatchObject({ code: 'IN_DOUBT', message: expect.stringContaining('no longer there') });
  });
});

describe('an update', () => {
  it('of an incident that is closed between look-up and update is refused by what the system says', async () => {
    const { number, sysId } = there();
    await using rig = await start({ settings: { callTimeoutMs: 5_000 } });
    practice.fault({ kind: 'slow', call: 'update', times: 1, ms: 800 });
    await rig.post(update, noteTo(number));
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    practice.edit(sysId, { state: '7' });
    await rig.settled();
    expect(await dataOf(rig)).toEqual([expect.objectContaining({ code: 'INCIDENT_CLOSED', reason: expect.stringContaining('Update Aborted') })]);
    expect(practice.updates()).toEqual([]);
  });

  it('carries any text to the letter, but for the tags that ServiceNow would show as HTML', async () => {
    const { number } = there();
    await using rig = await start();
    await rig.post(update, noteTo(number, { workNote: `]]> & <b>"quoted"</b> ^NE^ ä € 😀\n[CODE]<i>x</i>[/code]` }));
    await rig.settled();
    expect(notes()).toEqual([`]]> & <b>"quoted"</b> ^NE^ ä € 😀\n[ CODE]<i>x</i>[ /code]`]);
  });

  it('of one incident by one name runs in order, and every note stands there once', async () => {
    const { number } = there();
    await using rig = await start();
    for (let n = 0; n < 10; n += 1) await rig.post(update, noteTo(number, { requestId: `U${n}`, workNote: `note ${n}` }));
    practice.fault({ kind: 'commit-then-drop', matching: 'note 4', call: 'update', times: 1 });
    await rig.settled();
    expect(notes()).toEqual(Array.from({ length: 10 }, (_, n) => `note ${n}`));
  });
});

describe('an insert whose answer was lost', () => {
  const requested = { requestId: 'R1', callerId: 'ann', summary: 'No mail' };

  it('is told by its mark from an incident of another event with the same correlation_id', async () => {
    there({ correlation_id: 'R1' });
    await using rig = await start();
    practice.fault({ kind: 'commit-then-drop', call: 'insert', times: 1 });
    await rig.post(open, requested);
    await rig.settled();
    expect(await dataOf(rig)).toEqual([{ requestId: 'R1', number: 'INC0010002', sysId: practice.ledger()[0]?.sysId }]);
    expect(practice.ledger()).toHaveLength(1);
  });

  it('is put before a person when two incidents have its correlation_id and neither its mark', async () => {
    there({ correlation_id: 'R1' });
    there({ correlation_id: 'R1' });
    await using rig = await start();
    practice.fault({ kind: 'html-503', call: 'insert', times: 1 });
    const id = await rig.post(open, requested);
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({
      state: 'parked',
      failure: { code: 'IN_DOUBT', message: expect.stringContaining('2 incident(s)') },
    });
    expect(practice.ledger()).toEqual([]);
  });

  it('is not taken for one whose correlation_id differs in case only', async () => {
    there({ correlation_id: 'r1' });
    await using rig = await start();
    practice.fault({ kind: 'html-503', call: 'insert', times: 1 });
    await rig.post(open, requested);
    await rig.settled();
    expect(practice.ledger().map(({ number }) => number)).toEqual(['INC0010002']);
  });

  it('cannot be led astray by a requestId that is query syntax: the event is parked before anything leaves', async () => {
    await using rig = await start();
    const id = await rig.post(open, { ...requested, requestId: '^NE^x' });
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({ state: 'parked', failure: { code: 'EVENT_INVALID' } });
    expect(practice.ledger()).toEqual([]);
  });
});

describe('a search', () => {
  it('takes = in a value as plain text', async () => {
    const { number } = there({ correlation_id: 'a=b' });
    there({ correlation_id: 'b' });
    await using rig = await start();
    await rig.post(search, { requestId: 'Q1', correlationId: 'a=b' });
    await rig.settled();
    expect(await dataOf(rig)).toMatchObject([{ incidents: [{ number }], more: false }]);
  });

  it('leaves empty columns out', async () => {
    const { number, sysId } = there({ impact: '', category: 'mail', assigned_to: 'bo' });
    await using rig = await start();
    await rig.post(search, { requestId: 'Q1', assignedTo: 'bo' });
    await rig.settled();
    const [reply] = (await dataOf(rig)) as { incidents: Record<string, string>[] }[];
    expect(Object.keys(reply?.incidents[0] ?? {}).sort()).toEqual(['assignedTo', 'number', 'openedAt', 'state', 'summary', 'sysId', 'updatedAt']);
    expect(reply?.incidents[0]).toMatchObject({ number, sysId });
  });

  it('reads no incident twice and says so when incidents leave the result between two pages', async () => {
    const all = Array.from({ length: 120 }, () => there({ assignment_group: 'Network' }));
    await using rig = await start({ settings: { callTimeoutMs: 5_000 } });
    practice.fault({ kind: 'slow', call: 'getRecords', matching: '<__first_row>49<', times: 1, ms: 800 });
    await rig.post(search, { requestId: 'Q1', assignmentGroup: 'Network', limit: 500 });
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    practice.edit(all[3]?.sysId ?? '', { assignment_group: 'Mail' });
    await rig.settled();
    const [reply] = (await dataOf(rig)) as { incidents: { number: string }[]; more: boolean; shifted: boolean }[];
    const numbers = reply?.incidents.map(({ number }) => number) ?? [];
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(reply).toMatchObject({ more: false, shifted: true });
  });

  it.each([1, 49, 50, 51, 98, 99, 100, 119, 120, 121])(
    'for at most %i of 120 gives them in order, each once, and says whether there are more',
    async (limit) => {
      const all = Array.from({ length: 120 }, () => there({ assignment_group: 'Network' }).number);
      await using rig = await start();
      await rig.post(search, { requestId: 'Q1', assignmentGroup: 'Network', limit });
      await rig.settled();
      const [reply] = (await dataOf(rig)) as { incidents: { number: string }[]; more: boolean; shifted: boolean }[];
      expect(reply?.incidents.map(({ number }) => number)).toEqual(all.slice(0, limit));
      expect(reply).toMatchObject({ more: limit < 120, shifted: false });
    },
  );
});

describe('the faults of the table', () => {
  it('a request that was throttled was not executed and is made again', async () => {
    const { number } = there();
    await using rig = await start();
    practice.fault({ kind: 'throttled', call: 'update', times: 2 });
    await rig.post(update, noteTo(number));
    await rig.settled();
    expect(notes()).toEqual(['Called back']);
  });

  it('missing rights hold the system and park nothing', async () => {
    const { number } = there();
    await using rig = await start();
    practice.fault({ kind: 'no-rights', call: 'getRecords', times: 1 });
    await rig.post(update, noteTo(number));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('held');
    expect(await rig.rows({ states: ['parked'] })).toEqual([]);
    await rig.gateway.desk.resume('servicenow', '', 'ann', 'rights given');
    await rig.settled();
    expect(notes()).toEqual(['Called back']);
  });
});
