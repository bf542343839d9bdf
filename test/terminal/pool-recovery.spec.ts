import { afterEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { type HeldPolicy } from '../../src/practice/terminal/sign-on-desk.ts';
import { type Lent } from '../../src/transports/terminal/pool/landmarks.ts';
import { FleetingMemory } from '../support/fleeting-memory.ts';
import { need } from '../support/needs.ts';
import { type OpenedPool, type PoolOptions, type Protocol, noAbort, openPool, textOf } from '../support/pools.ts';

const eventually = { timeout: 60_000, interval: 5 };
const within = { timeout: 60_000 };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

/** Of a pool whose calls never give back: its stop waits no longer for them. */
const doomed: PoolOptions = { pool: { logOffTimeoutMs: 50 } };

type Host = PracticeStockroom | PracticeMainframe;

async function hostFor(protocol: Protocol, options: { held?: HeldPolicy; holdMs?: number; users?: readonly string[] } = {}): Promise<Host> {
  if (protocol === 'tn3270') need('s3270', 's3270');
  const host = await (protocol === 'tn3270' ? PracticeMainframe : PracticeStockroom).start(options);
  open.push(host);
  return host;
}

async function poolFor(protocol: Protocol, host: Host, options: PoolOptions = {}): Promise<OpenedPool> {
  const opened = await openPool(protocol, host, options);
  open.push(opened.pool);
  return opened;
}

/** A call in the middle of its work, on a screen that is not home. */
async function atWork({ pool }: OpenedPool, protocol: Protocol, callId: string): Promise<Lent> {
  const lent = await pool.take(noAbort());
  lent.calls(callId);
  const at = { row: 15, column: protocol === 'tn3270' ? 25 : 27 };
  await lent.session.type('4', { name: 'choice', at, width: 1 });
  await lent.session.press('enter');
  const code = protocol === 'tn3270' ? 'CU50' : 'SR50';
  const { end, why } = await lent.session.wait({ name: code, anchors: [{ text: code, at: { row: 1, column: 2 } }] }, 20_000);
  if (end !== 'met') throw new Error(why);
  return lent;
}

/** The process is gone, the host does not know why: what was remembered is all that is left. */
function killed(host: Host, { memory }: OpenedPool): FleetingMemory {
  const left = new FleetingMemory();
  for (const [key, value] of memory.values) left.values.set(key, value);
  host.cut();
  return left;
}

describe.each([
  ['telnet', 'ask'],
  ['telnet', 'resume'],
  ['tn3270', 'ask'],
  ['tn3270', 'resume'],
] as const)('after the process was killed, over %s to a host that would %s', (protocol, held) => {
  it('the session that stands is recognised, kept as evidence for its call, brought home and lent', within, async () => {
    const host = await hostFor(protocol, { held });
    const first = await poolFor(protocol, host, doomed);
    await atWork(first, protocol, 'call-1');
    const memory = killed(host, first);
    await expect.poll(() => host.sessions(), eventually).toEqual({ attached: 0, held: 1 });

    const second = await poolFor(protocol, host, { memory });
    const lent = await second.pool.take(noAbort());
    expect(lent.session.screen().text()).toContain('MENU');
    expect(host.sessions()).toEqual({ attached: 1, held: 0 });
    expect(second.evidence.map(({ callId }) => callId)).toEqual(['call-1']);
    const shown = textOf(second.evidence[0]?.parts ?? []);
    expect(shown).toContain('gatehouse: taken over, at ');
    expect(shown).toMatch(/FIND A(N UPDATE| RESERVATION)/);
    expect(host.signOns().map(({ is }) => is)).toEqual(['welcome', 'held']);
    await lent.giveBack('home');
    await second.pool.close();
    expect(memory.values.size).toBe(0);
  });
});

describe('after the process was killed', () => {
  it('a session that the host has ended leaves a note that nothing is left to be seen', within, async () => {
    const host = await hostFor('telnet', { holdMs: 1 });
    const first = await poolFor('telnet', host, doomed);
    await atWork(first, 'telnet', 'call-1');
    const memory = killed(host, first);
    await expect.poll(() => host.sessions(), eventually).toEqual({ attached: 0, held: 0 });
    const second = await poolFor('telnet', host, { memory });
    await (await second.pool.take(noAbort())).giveBack('home');
    expect(second.evidence.map(({ parts }) => textOf(parts))).toEqual(['session of gatehouse: gone; the host wanted a new log-in']);
  });

  it('a session that stands is waited out, where the settings say so, and no key is pressed in it', within, async () => {
    const host = await hostFor('telnet', { held: 'ask' });
    const first = await poolFor('telnet', host, doomed);
    await atWork(first, 'telnet', 'call-1');
    const memory = killed(host, first);
    const second = await poolFor('telnet', host, { memory, pool: { whenLoggedOn: 'wait' } });
    const error = await second.pool.take(noAbort()).then(
      () => null,
      (thrown: unknown) => thrown as GatehouseError,
    );
    expect(error?.code).toBe('NO_SESSION');
    expect(host.sessions()).toEqual({ attached: 0, held: 1 });
    expect(second.evidence).toEqual([]);
    expect([...memory.values.keys()].sort()).toEqual(['log-in/gatehouse', 'on/gatehouse']);
  });

  it('every session that was on a call is looked at, although only one is asked for', within, async () => {
    const users = ['GATE1', 'GATE2', 'GATE3', 'GATE4'];
    const host = await hostFor('telnet', { users });
    const first = await poolFor('telnet', host, { users, ...doomed });
    const lent = [await first.pool.take(noAbort()), await first.pool.take(noAbort()), await first.pool.take(noAbort())];
    lent[0]?.calls('call-0');
    lent[2]?.calls('call-2');
    const memory = killed(host, first);
    const second = await poolFor('telnet', host, { users, memory });
    await (await second.pool.take(noAbort())).giveBack('home');
    await expect.poll(() => second.evidence.map(({ callId }) => callId).sort(), eventually).toEqual(['call-0', 'call-2']);
  });
});

describe('while the process lives', () => {
  it.each(['telnet', 'tn3270'] as const)(
    'what a broken call left over %s is evidence for it before anything is pressed',
    within,
    async (protocol) => {
      const host = await hostFor(protocol);
      const opened = await poolFor(protocol, host);
      const lent = await atWork(opened, protocol, 'call-7');
      await lent.giveBack({ broken: new GatehouseError('NO_ANSWER', 'nothing came') });
      await (await opened.pool.take(noAbort())).giveBack('home');
      expect(opened.evidence.map(({ callId }) => callId)).toEqual(['call-7']);
      expect(textOf(opened.evidence[0]?.parts ?? [])).toMatch(/NO_ANSWER; it was left at (SR|CU)50\n[^]*FIND A/);
      expect(host.signOns()).toHaveLength(1);
    },
  );

  it('a call that came to its end takes no evidence when its session breaks later', within, async () => {
    const host = await hostFor('telnet', { held: 'resume' });
    const opened = await poolFor('telnet', host);
    const lent = await opened.pool.take(noAbort());
    lent.calls('call-8');
    await lent.giveBack('home');
    host.cut();
    await expect.poll(() => opened.pool.status().sessions[0]?.state, eventually).toBe('closed');
    await (await opened.pool.take(noAbort())).giveBack('home');
    expect(opened.evidence).toEqual([]);
  });
});
