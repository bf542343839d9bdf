import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bus } from '../../src/contract/bus.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { type StockroomOptions, PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { ebcdicForms } from '../../src/transports/terminal/tn3270/ebcdic.ts';
import { ask } from '../support/depot.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { type PoolOptions, settingsFor } from '../support/pools.ts';
import { ReservationTransport, stockroomAdapter } from '../support/reservations.ts';

const within = { timeout: 60_000 };
const eventually = { timeout: 60_000, interval: 20 };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

async function stockroom(options: StockroomOptions = {}): Promise<PracticeStockroom> {
  const host = await PracticeStockroom.start(options);
  undo.push(() => host.close());
  return host;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pool-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function gatewayAt(host: PracticeStockroom, folder: string, options: PoolOptions = {}): Promise<Rig> {
  const rig = await startRig({
    adapters: [stockroomAdapter],
    transports: [new ReservationTransport()],
    systems: { stockroom: { settings: { callTimeoutMs: 20_000, settleMs: 0 }, transports: { terminal: settingsFor('telnet', host, options) } } },
    folder,
  });
  undo.push(() => rig.stop());
  return rig;
}

const systemOf = (rig: Rig) => rig.gateway.desk.systems()[0];
const metricsOf = (rig: Rig): Promise<string> => new Metrics(rig.gateway.desk, rig.journal.reader, rig.bus as Bus).text();

describe('a gateway with a pool', () => {
  it('serves calls side by side and shows its sessions to people and to metrics', within, async () => {
    const users = ['GATE1', 'GATE2', 'GATE3'];
    const host = await stockroom({ users });
    const rig = await gatewayAt(host, newFolder(), { users });
    for (let n = 0; n < 12; n += 1) await ask(rig, `ref-${n}`);
    await rig.settled(30_000);
    expect(
      host
        .ledger()
        .map(({ ref }) => ref)
        .sort(),
    ).toEqual(Array.from({ length: 12 }, (_, n) => `ref-${n}`).sort());
    const [status] = systemOf(rig)?.sessions ?? [];
    expect(status).toMatchObject({ transport: 'terminal', waiting: 0, failedLogIns: 0 });
    expect(status?.sessions.map(({ user }) => user)).toEqual(users);
    expect(status?.sessions.reduce((sum, { uses }) => sum + uses, 0)).toBe(12);
    const [, line] = await rig.gateway.desk.check();
    expect(line).toMatchObject({ ok: true, message: expect.stringMatching(/^answers; sessions: .*idle/) as string });
    const metrics = await metricsOf(rig);
    expect(metrics).toMatch(/gatehouse_sessions\{system="stockroom",transport="terminal",state="idle"\} [123]/);
    expect(metrics).toContain('gatehouse_session_failed_log_ins{system="stockroom",transport="terminal"} 0');
    await rig.stop();
    expect(host.sessions()).toEqual({ attached: 0, held: 0 });
  });

  it('is held by one wrong password, also after a restart, and tries again when a person resumes it', within, async () => {
    const host = await stockroom();
    const folder = newFolder();
    const first = await gatewayAt(host, folder, { password: 'wrong-one' });
    for (let n = 0; n < 5; n += 1) await ask(first, `ref-${n}`);
    await expect.poll(() => systemOf(first)?.availability, eventually).toBe('held');
    expect(systemOf(first)?.reason).toContain('SR-011');
    await first.stop();

    const second = await gatewayAt(host, folder, { password: 'wrong-one' });
    await ask(second, 'ref-5');
    const [, line] = await second.gateway.desk.check();
    expect(line).toMatchObject({ ok: false, message: expect.stringContaining('CREDENTIALS_REFUSED') as string });
    expect(systemOf(second)?.sessions[0]?.sessions[0]?.state).toBe('refused');
    expect(host.signOns()).toHaveLength(1);
    await second.gateway.desk.resume('stockroom', '', 'anna', 'let us see');
    await expect.poll(() => host.signOns().length, eventually).toBe(2);
    await expect.poll(() => systemOf(second)?.availability, eventually).toBe('held');
    await second.stop();

    const third = await gatewayAt(host, folder);
    await third.gateway.desk.resume('stockroom', '', 'anna', 'the password is right now');
    await third.settled(30_000);
    expect(
      host
        .signOns()
        .map(({ is }) => is)
        .slice(0, 3),
    ).toEqual(['wrong-password', 'wrong-password', 'welcome']);
    expect(host.ledger()).toHaveLength(6);
  });

  it('keeps what the session showed with the call that lost its answer', within, async () => {
    const host = await stockroom();
    const rig = await gatewayAt(host, newFolder());
    host.fault({ kind: 'drop-before', screen: 'confirm', times: 1 });
    const id = await ask(rig, 'ref-1');
    await rig.settled(30_000);
    expect((await rig.story(id)).translation).toMatchObject({ state: 'parked' });
    await ask(rig, 'ref-2');
    await rig.settled(30_000);
    const [call] = (await rig.story(id)).calls;
    expect(call?.parts.map(({ body }) => Buffer.from(body.bytes ?? []).toString())).toEqual(
      expect.arrayContaining([expect.stringContaining('it was left at SR31') as string, expect.stringContaining('CONFIRM RESERVATION') as string]),
    );
    expect(host.ledger().map(({ ref }) => ref)).toEqual(['ref-2']);
  });

  it('leaves its password in no file, log, metric, error or status, in whatever form', within, async () => {
    const canary = 'Kanar1en-v0gel';
    const host = await stockroom({ password: canary, users: ['GATE1', 'GATE2'] });
    const folder = newFolder();
    const told: unknown[] = [];
    for (const password of [`${canary}x`, canary]) {
      const rig = await gatewayAt(host, folder, { password, users: ['GATE1', 'GATE2'] });
      if (password === canary) await rig.gateway.desk.resume('stockroom', '', 'anna', 'mended');
      host.fault({ kind: 'drop-after', screen: 'confirm', times: 1 });
      const id = await ask(rig, password === canary ? 'ref-2' : 'ref-1');
      await expect
        .poll(
          () => systemOf(rig)?.availability === 'held' || rig.journal.tallies().some(({ state, count }) => state === 'parked' && count > 0),
          eventually,
        )
        .toBe(true);
      told.push(rig.logs, systemOf(rig), await rig.gateway.desk.check(), await metricsOf(rig), await rig.story(id), rig);
      await rig.stop();
    }
    const texts = told.map((each) => inspect(each, { depth: 12, maxArrayLength: null, maxStringLength: null, showHidden: false }));
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name))] : [],
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.some((bytes) => bytes.includes('CREDENTIALS_REFUSED'))).toBe(true);
    const utf8 = Buffer.from(canary);
    const needles = [
      utf8,
      utf8.toString('hex'),
      utf8.toString('base64').slice(0, -4),
      Buffer.from(canary, 'utf16le'),
      ...ebcdicForms(canary),
      ...ebcdicForms(canary).map((form) => form.toString('hex')),
    ];
    expect(needles.length).toBeGreaterThan(8);
    for (const needle of needles) {
      expect(files.some((bytes) => bytes.includes(needle))).toBe(false);
      expect(texts.some((text) => text.includes(typeof needle === 'string' ? needle : needle.toString('latin1')))).toBe(false);
    }
  });
});
