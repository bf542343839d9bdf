import { describe, expect, it } from 'vitest';
import { killsAbout, planKills, runAll, runPlanted } from './deterministic.ts';
import { filePlants } from './plants.ts';
import { runRandom } from './random.ts';

const clean = { lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, parked: 0, oddities: [] };

describe('killed while files are dropped, answered and picked up', () => {
  it('at the boundaries of drops, batches, replies, pickups and extracts: every record once', async () => {
    // All of them, at twelve calls of each: `npm run crash -- --deterministic --backend files`.
    const methods = ['journal.leave', 'journal.replied', 'journal.bringIn', 'journal.closeBatch'];
    const planned = await planKills(['outside'], { backend: 'files', mostOfOne: 1, methods });
    const about = killsAbout('files', [
      ['place.rename', 'out/ORDER_'],
      ['place.rename', 'claims/gatehouse/'],
      ['place.rename', 'archive/'],
    ]);
    expect(planned.length).toBeGreaterThan(methods.length * 3);
    const { kills, unclean } = await runAll([...planned, ...about], () => undefined, { width: 6 });
    expect(unclean).toEqual([]);
    expect(kills).toBeGreaterThan(15);
  }, 600_000);

  it('between the two steps that give a free name, while the receiver takes the file at once: in doubt, or happened, never twice', async () => {
    const { kills, inDoubt, unclean } = await runAll(killsAbout('files', [['disk.link', 'SNATCHED_']]), () => undefined);
    expect(unclean).toEqual([]);
    expect(kills).toBe(2);
    expect(inDoubt).toBeGreaterThanOrEqual(2);
  }, 300_000);

  it('at three random moments under load', async () => {
    const figures = await runRandom({ backend: 'files', rounds: 3, seed: 5, plant: null, bus: 'outside', progress: () => undefined });
    expect(figures).toMatchObject({ kills: 3, ...clean });
    expect(figures.events).toBeGreaterThan(15);
  }, 300_000);

  it('over SFTP: around the rename of a drop that is taken at once', async () => {
    const planned = killsAbout('files-sftp', [['place.rename', 'out/SNATCHED_']]);
    const { kills, unclean } = await runAll(planned, () => undefined);
    expect(unclean).toEqual([]);
    expect(kills).toBe(2);
  }, 300_000);

  it.concurrent.each(filePlants)(
    'the harness sees a planted fault: %s',
    async (plant) => {
      const { planted, honest } = await runPlanted(plant, 'files');
      expect({ caught: planted > 0, honest }).toEqual({ caught: true, honest: 0 });
    },
    300_000,
  );
});
