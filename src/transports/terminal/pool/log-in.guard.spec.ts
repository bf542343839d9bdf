import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FleetingMemory } from '../../../../test/support/fleeting-memory.ts';
import { ManualClock } from '../../../../test/support/manual-clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { Secret } from '../../../contract/secret.ts';
import { LogInGuard } from './log-in.guard.ts';
import { PoolSettings } from './pool.settings.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const refused = new GatehouseError('CREDENTIALS_REFUSED', 'no');
const noAnswer = new GatehouseError('NO_ANSWER', 'silence');
const noSession = new GatehouseError('NO_SESSION', 'still on');
const unreachable = new GatehouseError('UNREACHABLE', 'gone');

class Rig {
  readonly clock = new ManualClock();
  readonly memory = new FleetingMemory();
  readonly settings = Object.assign(new PoolSettings(), { logInWaitMs: 1_000, maxLogInWaitMs: hourMs, unclearLogInsADay: 2 });

  /** As after a restart. */
  load(password = 'first'): Promise<LogInGuard> {
    return LogInGuard.load({ system: 'host', settings: this.settings, clock: this.clock, memory: this.memory }, 'GATE01', [
      new Secret('env:P', password),
    ]);
  }
}

async function fail(guard: LogInGuard, error: GatehouseError, shown = true): Promise<void> {
  await guard.begin();
  await guard.failed(error, shown);
}

describe('the guard of log-ins', () => {
  it('a refused password is not tried again, not after any time and not after a restart', async () => {
    const rig = new Rig();
    const guard = await rig.load();
    expect(guard.objection()).toBeNull();
    await fail(guard, refused);
    for (const each of [guard, await rig.load()]) {
      expect(each.objection()?.code).toBe('CREDENTIALS_REFUSED');
      expect(each.refusal?.message).toContain('GATE01');
    }
    rig.clock.advance(30 * dayMs);
    expect((await rig.load()).refusal).not.toBeNull();
  });

  it('is tried again with another password, or when a person says so', async () => {
    const rig = new Rig();
    await fail(await rig.load(), refused);
    const resumed = await rig.load();
    await resumed.reset();
    expect([resumed.objection(), (await rig.load()).objection()]).toEqual([null, null]);
    await fail(resumed, refused);
    expect((await rig.load('second')).objection()).toBeNull();
    expect(rig.memory.values.size).toBe(0);
  });

  it('rests twice as long after each failure in a row, up to the longest, and a success begins anew', async () => {
    const rig = new Rig();
    const guard = await rig.load();
    const rests: number[] = [];
    for (let n = 0; n < 14; n += 1) {
      await fail(guard, noSession);
      const untilMs = guard.restsUntilMs() ?? 0;
      rests.push(untilMs - rig.clock.steadyMs());
      expect(guard.objection()?.code).toBe('NO_SESSION');
      rig.clock.advance(untilMs - rig.clock.steadyMs());
      expect(guard.objection()).toBeNull();
    }
    expect(rests.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(rests.at(-1)).toBe(hourMs);
    await guard.begin();
    await guard.succeeded();
    await fail(guard, noSession);
    expect((guard.restsUntilMs() ?? 0) - rig.clock.steadyMs()).toBe(1_000);
  });

  it('a host that is away leaves nothing behind before the password was shown, and counts afterwards', async () => {
    const rig = new Rig();
    const guard = await rig.load();
    await fail(guard, unreachable, false);
    expect([guard.objection(), rig.memory.values.size]).toEqual([null, 0]);
    await fail(guard, unreachable, true);
    expect(guard.objection()?.code).toBe('NO_SESSION');
  });

  it('a process that ends between password and answer has used up one of the day’s log-ins', async () => {
    const rig = new Rig();
    await (await rig.load()).begin();
    const second = await rig.load();
    expect(second.objection()?.message).toContain('the gateway ended during a log-in');
    rig.clock.advance(hourMs);
    expect(second.objection()).toBeNull();
    await second.begin();
    const third = await rig.load();
    rig.clock.advance(hourMs);
    expect(third.objection()?.message).toContain('2 log-ins in 24 hours have had no clear end');
    rig.clock.advance(dayMs);
    expect(third.objection()).toBeNull();
  });

  it('what is remembered is too little to find the password by', async () => {
    const rig = new Rig();
    await fail(await rig.load('Canary-77'), refused);
    const [row = ''] = [...rig.memory.values.values()];
    expect(row).not.toContain('Canary');
    expect((JSON.parse(row) as { check: string }).check).toMatch(/^[0-9a-f]{4}$/);
  });

  it('whatever happens, and however often it starts anew, the host sees no more unclear log-ins a day than it may, and a refused password once', async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constantFrom('refused', 'silent', 'silent', 'full', 'away', 'killed', 'killed', 'in') }),
      fc.record({ does: fc.constant('later'), ms: fc.integer({ min: 1, max: 4 * hourMs }) }),
      fc.record({ does: fc.constant('restart') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const rig = new Rig();
        let guard = await rig.load();
        let unclear: number[] = [];
        let isRefused = false;
        for (const each of steps) {
          if ('ms' in each) rig.clock.advance(each.ms);
          if (each.does === 'restart') guard = await rig.load();
          if (each.does === 'later' || each.does === 'restart' || guard.objection() !== null) continue;
          expect(isRefused).toBe(false);
          await guard.begin();
          const nowMs = rig.clock.steadyMs();
          if (each.does === 'in') await guard.succeeded();
          if (each.does === 'in') unclear = [];
          if (each.does === 'refused') await guard.failed(refused, (isRefused = true));
          if (each.does === 'full') await guard.failed(noSession, true);
          if (each.does === 'away') await guard.failed(unreachable, false);
          if (each.does === 'silent') await guard.failed(noAnswer, true);
          if (each.does === 'killed') guard = await rig.load();
          if (each.does === 'silent' || each.does === 'killed') unclear.push(nowMs);
          expect(unclear.filter((atMs) => atMs > nowMs - dayMs).length).toBeLessThanOrEqual(rig.settings.unclearLogInsADay);
        }
      }),
    );
  });
});
