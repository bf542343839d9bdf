import { describe, expect, it } from 'vitest';
import { type Planned, killsAbout, planKills, runAll, runPlanted, sessionMethods } from './deterministic.ts';
import { terminalPlants } from './plants.ts';
import { runRandom } from './random.ts';

const clean = { lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, parked: 0, oddities: [] };

describe.concurrent('killed in the middle of a dialog', () => {
  it('before and after the commit key, and at keys, values and waits: one reservation, and no session left at the host', async () => {
    // All of them, and every call of the journal: `npm run crash -- --deterministic --backend terminal`.
    const methods = [...sessionMethods, 'journal.leave'];
    const planned = await planKills(['outside'], { backend: 'terminal', load: 'one', mostOfOne: 1, methods });
    const key = killsAbout('terminal', [['session.press', 'f6']], 'one');
    expect(planned.length).toBe(methods.length * 3);
    const { kills, inDoubt, unclean } = await runAll([...planned, ...key], () => undefined);
    expect(unclean).toEqual([]);
    expect([kills, inDoubt]).toEqual([planned.length + 2, 0]);
  }, 600_000);

  it('of a call without a probe: made when it had not left, in doubt when its answer was on the way', async () => {
    const { kills, inDoubt, unclean } = await runAll(killsAbout('terminal', [['link.exchange', 'ReserveBlindly']]), () => undefined);
    expect(unclean).toEqual([]);
    expect([kills, inDoubt]).toEqual([2, 1]);
  }, 300_000);

  it('of a 3270: before and after the save key and what is recorded of it, one update', async () => {
    // All of them: `npm run crash -- --deterministic --backend mainframe`.
    const [leave] = await planKills(['outside'], { backend: 'mainframe', load: 'one', mostOfOne: 1, methods: ['journal.leave'] });
    const key = killsAbout('mainframe', [['session.press', 'f5']], 'one');
    const { kills, inDoubt, unclean } = await runAll([leave as Planned, ...key], () => undefined);
    expect(unclean).toEqual([]);
    expect([kills, inDoubt]).toEqual([3, 0]);
  }, 600_000);

  it('at three random moments under load', async () => {
    const figures = await runRandom({ backend: 'terminal', rounds: 3, seed: 7, plant: null, bus: 'outside', progress: () => undefined });
    expect(figures).toMatchObject({ kills: 3, ...clean });
    expect(figures.events).toBeGreaterThan(8);
  }, 300_000);

  it.each(terminalPlants)('the harness sees a planted fault: %s', async (plant) => {
    const { planted, honest } = await runPlanted(plant, 'terminal');
    expect({ caught: planted > 0, honest }).toEqual({ caught: true, honest: 0 });
  });
});
