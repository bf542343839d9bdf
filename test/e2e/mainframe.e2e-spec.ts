import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { MainframeAdapter } from '../../adapters/mainframe/mainframe.adapter.ts';
import { layout } from '../../adapters/mainframe/mainframe.layout.ts';
import { type Json } from '../../src/contract/json.ts';
import { type SystemSettings } from '../../src/contract/settings.ts';
import { DepotAdapter } from '../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../src/practice/line/line.transport.ts';
import { mainframeSettings } from '../../src/practice/mainframe/mainframe.bench.ts';
import { type MainframeOptions, PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { type MainframeScreen } from '../../src/practice/mainframe/screens.ts';
import { type TerminalFault } from '../../src/practice/terminal/terminal.faults.ts';
import { TerminalTransport } from '../../src/transports/terminal/terminal.transport.ts';
import { ended, exchangeOver } from '../support/exchange.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { need } from '../support/needs.ts';
import { terminalLink } from '../support/terminal-link.ts';

interface Ground extends AsyncDisposable {
  readonly practice: PracticeMainframe;
  readonly rig: Rig;
}

/** A call is long enough for a machine out of breath; what did not happen is known only at its deadline. */
async function start(options: MainframeOptions = {}, settings: Partial<SystemSettings> = {}): Promise<Ground> {
  const practice = await PracticeMainframe.start({ enhanced: true, ...options });
  const rig = await startRig({
    adapters: [MainframeAdapter],
    transports: [new TerminalTransport()],
    systems: {
      mainframe: {
        settings: { callTimeoutMs: 8_000, settleMs: 300, ...settings },
        transports: { terminal: mainframeSettings(practice, { screenTimeoutMs: 2_000 }) },
      },
    },
  });
  return {
    practice,
    rig,
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]();
      await practice.close();
    },
  };
}

const enquired = 'com.acme.customer.enquired.v1';
const updateRequested = 'com.acme.customer.update-requested.v1';
const change = { requestId: 'CHG-1', customer: '00010003', name: 'NEW MILL BAKERY' };
const withinMs = 120_000;
const repliesOf = async (rig: Rig): Promise<Json[]> => (await rig.replies()).map(({ data }) => JSON.parse(Buffer.from(data).toString()) as Json);

describe.concurrent('a customer on a 3270', { timeout: withinMs }, () => {
  beforeAll(() => void need('s3270', 's3270'));

  it.each<TerminalFault<MainframeScreen>>([
    { kind: 'silent', screen: 'choose' },
    { kind: 'silent', matching: 'CHECKED' },
    { kind: 'stale', screen: 'choose' },
    { kind: 'stale', matching: 'CHECKED' },
    { kind: 'drop-before', screen: 'menu' },
    { kind: 'drop-before', matching: 'CHECKED' },
    { kind: 'drop-after', matching: 'CHECKED' },
    { kind: 'half-open', matching: 'CHECKED' },
    { kind: 'half-open-after', matching: 'CHECKED' },
    { kind: 'redisplay' },
    { kind: 'unconfirmed' },
    { kind: 'commit-late', ms: 300 },
    { kind: 'busy' },
    { kind: 'slow', screen: 'update' },
    { kind: 'flash', screen: 'update', ms: 200 },
    { kind: 'chatty', screen: 'update', ms: 20 },
    { kind: 'broadcast', screen: 'choose' },
    { kind: 'broadcast', matching: 'SAVED' },
    { kind: 'keyboard-kept', screen: 'choose' },
    { kind: 'keyboard-kept', matching: 'SAVED' },
    { kind: 'session-limit' },
  ])('is changed once and answered although the host fails: %o', async (fault) => {
    await using ground = await start();
    const { practice, rig } = ground;
    practice.fault({ times: 1, ...fault });
    const id = await rig.post(updateRequested, change);
    await rig.settled(withinMs);
    await practice.caughtUp();
    expect(practice.faultsLeft(), 'the fault was met').toBe(0);
    const { translation } = await rig.story(id);
    const [saved, ...more] = practice.ledger();
    expect([translation.state, more], translation.failure?.message).toEqual(['published', []]);
    expect(saved).toMatchObject({ customer: '00010003', changes: { name: 'NEW MILL BAKERY' } });
    expect(await repliesOf(rig)).toEqual([{ requestId: 'CHG-1', customer: '00010003', update: saved?.number }]);
    expect(new Set(practice.signOns().map(({ is }) => is)), 'no password was called wrong').not.toContain('wrong-password');
  });

  it('is found as the updates before have left it', async () => {
    await using ground = await start();
    const { practice, rig } = ground;
    await rig.post(updateRequested, { ...change, phone: '' });
    await rig.post(updateRequested, { requestId: 'CHG-2', customer: '00010003', creditLimit: 0 });
    await rig.settled(withinMs);
    await rig.post(enquired, { requestId: 'ASK-1', customer: '00010003' });
    await rig.settled(withinMs);
    expect((await repliesOf(rig)).at(-1)).toEqual({
      requestId: 'ASK-1',
      customer: '00010003',
      name: 'NEW MILL BAKERY',
      street: '3 CHURCH LANE',
      city: 'HULL',
      creditLimit: 0,
    });
    expect(practice.ledger().map(({ changes }) => changes)).toEqual([{ name: 'NEW MILL BAKERY', phone: '' }, { limit: '0' }]);
    expect(practice.signOns(), 'one session served all').toHaveLength(1);
  });

  it.each([
    ['a newline, which would press Enter', 'name', 'A\nB'],
    ['a tabulator, which would change the field', 'street', 'A\tB'],
    ['an escape sequence', 'city', 'A\u001b[5~'],
    ['a character that the code page does not have', 'phone', '0113 \u20ac 5'],
  ])('with %s is refused by the name of its field before a session is opened', async (_what, field, value) => {
    await using ground = await start();
    const { practice, rig } = ground;
    const id = await rig.post(updateRequested, { requestId: 'CHG-1', customer: '00010003', [field]: value });
    await rig.settled(withinMs);
    const { translation } = await rig.story(id);
    expect([translation.state, translation.failure?.code]).toEqual(['parked', 'CALL_REFUSED_ARGUMENTS']);
    expect(translation.failure?.message).toContain(`'${field}'`);
    expect(practice.signOns()).toEqual([]);
  });
});

describe('an update of a customer on a 3270', { timeout: withinMs }, () => {
  beforeAll(() => void need('s3270', 's3270'));

  it('that somebody else has made while its answer was lost is left to a person', async () => {
    await using ground = await start({ users: ['clerk'] }, { callTimeoutMs: 20_000 });
    const { practice, rig } = ground;
    practice.fault({ kind: 'drop-before', matching: 'CHECKED', times: 1 });
    const id = await rig.post(updateRequested, change);
    await expect.poll(() => practice.faultsLeft(), { timeout: withinMs }).toBe(0);
    const clerk = await terminalLink(layout, { protocol: 'tn3270', port: practice.port, user: 'clerk', secret: practice.password });
    const byHand = await exchangeOver(
      clerk,
      'UpdateCustomer',
      { customer: '00010003', name: 'NEW MILL BAKERY', ref: 'BY-HAND' },
      { timeoutMs: 60_000 },
    );
    await clerk.close();
    expect(ended(byHand)).toBe('answer');
    await rig.settled(withinMs);
    const { translation } = await rig.story(id);
    expect([translation.state, translation.failure?.code]).toEqual(['parked', 'IN_DOUBT']);
    expect(practice.ledger().map(({ ref }) => ref)).toEqual(['BY-HAND']);
  });

  it('waits while the host calls the password wrong, which is tried once, and is changed when a person resumes the system', async () => {
    await using ground = await start();
    const { practice, rig } = ground;
    practice.fault({ kind: 'deny', times: 1 });
    const id = await rig.post(updateRequested, change);
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability, { timeout: withinMs }).toBe('held');
    // A second try would have been welcome.
    expect([practice.faultsLeft(), practice.signOns()]).toEqual([0, []]);
    await rig.gateway.desk.resume('mainframe', '', 'anna', 'the host says that it was its mistake');
    await rig.settled(withinMs);
    expect((await rig.story(id)).translation.state).toBe('published');
    expect(practice.ledger()).toHaveLength(1);
  });
});

describe('a gateway without s3270', () => {
  it('says what to install, goes on with other systems, and with this one when it is there', { timeout: withinMs }, async () => {
    need('s3270', 's3270');
    const path = process.env['PATH'];
    const empty = mkdtempSync(join(tmpdir(), 'gatehouse-path-'));
    const practice = await PracticeMainframe.start();
    const depot = await PracticeDepot.start();
    process.env['PATH'] = empty;
    try {
      await using rig = await startRig({
        adapters: [MainframeAdapter, DepotAdapter],
        transports: [new TerminalTransport(), new LineTransport()],
        systems: {
          mainframe: { settings: { callTimeoutMs: 20_000 }, transports: { terminal: mainframeSettings(practice) } },
          depot: { transports: { line: Object.assign(new LineSettings(), { port: depot.port }) } },
        },
      });
      const id = await rig.post(updateRequested, change);
      const other = await rig.post('com.acme.stock.wanted.v1', { requestId: 'R1', customerId: 'C', sku: 'BOLT', quantity: 1 });
      await expect.poll(async () => (await rig.story(other)).translation.state, { timeout: withinMs }).toBe('published');
      await expect.poll(() => rig.gateway.desk.systems().map(({ availability }) => availability), { timeout: withinMs }).toContain('held');
      const line = (await rig.gateway.desk.check()).find(({ system }) => system === 'mainframe');
      expect(line).toMatchObject({ ok: false, message: expect.stringContaining('install the package s3270') as string });
      expect((await rig.story(id)).translation.state).not.toBe('parked');
      process.env['PATH'] = path;
      await rig.gateway.desk.resume('mainframe', '', 'anna', 'it is installed');
      await rig.settled(withinMs);
      expect((await rig.story(id)).translation.state).toBe('published');
    } finally {
      process.env['PATH'] = path;
      await practice.close();
      await depot.close();
      rmSync(empty, { recursive: true });
    }
  });
});
