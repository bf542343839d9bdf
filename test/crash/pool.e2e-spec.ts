import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { ask } from '../support/depot.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { settingsFor } from '../support/pools.ts';
import { ReservationTransport, stockroomAdapter } from '../support/reservations.ts';

const child = resolve(import.meta.dirname, '../../dist/test/crash/pool-child.js');
const within = { timeout: 120_000 };
const eventually = { timeout: 60_000, interval: 10 };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).toReversed()) await each();
});

/** A gateway that dies as soon as the fault of the host has met it. @returns the folder it leaves */
async function killedAt(host: PracticeStockroom, screen: 'confirm' | 'sign-on'): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pool-crash-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  host.fault({ kind: 'silent', screen, times: 1 });
  const started = spawn(process.execPath, [child, folder, String(host.telnetPort), 'ref-1'], { stdio: 'ignore' });
  const ended = once(started, 'close');
  await expect.poll(() => (started.exitCode === null ? host.faultsLeft() : -1), eventually).toBe(0);
  started.kill('SIGKILL');
  await ended;
  return folder;
}

async function nextLife(host: PracticeStockroom, folder: string): Promise<Rig> {
  const terminal = settingsFor('telnet', host, { pool: { logInWaitMs: 60_000 } });
  const rig = await startRig({
    adapters: [stockroomAdapter],
    transports: [new ReservationTransport()],
    systems: { stockroom: { settings: { callTimeoutMs: 20_000, settleMs: 0 }, transports: { terminal } } },
    folder,
  });
  undo.push(() => rig.stop());
  return rig;
}

describe('a gateway that was killed', () => {
  it('with a call on a session finds the session again, and keeps what it shows with the call', within, async () => {
    const host = await PracticeStockroom.start();
    undo.push(() => host.close());
    const folder = await killedAt(host, 'confirm');
    await expect.poll(() => host.sessions(), eventually).toEqual({ attached: 0, held: 1 });
    const rig = await nextLife(host, folder);
    await ask(rig, 'ref-2');
    await expect.poll(() => host.ledger().map(({ ref }) => ref), eventually).toEqual(['ref-2']);
    expect(host.signOns().map(({ is }) => is)).toEqual(['welcome', 'held']);
    const [left] = await rig.rows({ businessKey: 'ref-1' });
    const [call] = (await rig.story(left?.id ?? '')).calls;
    const parts = call?.parts.map(({ body }) => Buffer.from(body.bytes ?? []).toString()).join('\n');
    expect(parts).toContain('session of gatehouse: taken over, at SR31');
    expect(parts).toContain('CONFIRM RESERVATION');
  });

  it('between password and answer does not show the password again before its rest is over', within, async () => {
    const host = await PracticeStockroom.start();
    undo.push(() => host.close());
    const rig = await nextLife(host, await killedAt(host, 'sign-on'));
    const [, line] = await rig.gateway.desk.check();
    expect(line).toMatchObject({ ok: false, message: expect.stringContaining('the gateway ended during a log-in') as string });
    expect(host.signOns()).toEqual([]);
    await rig.gateway.desk.resume('stockroom', '', 'anna', 'the host is well');
    await expect.poll(() => host.signOns().length, eventually).toBe(1);
  });
});
