import { describe, expect, it } from 'vitest';
import { killsAbout, planKills, runAll, runPlanted } from './deterministic.ts';
import { filePlants } from './plants.ts';
import { runRandom } from './random.ts';

const clean = { lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, parked: 0, oddities: [] };

describe('killed while files are dropped, answered and picked up', () => {
  it('at the boundaries of drops, batches, replies, pickups and extracts: every record once', async () => {
    // All of them, at twelve calls of each: `npm run crash -- --deterministic --backend files`.
    const methods = ['journal.leave', 'journal.sequence', 'journal.replied', 'journal.bringIn', 'journal.closeBatch', 'journal.identify'];
    const planned = await planKills(['outside'], { backend: 'files', mostOfOne: 1, methods });
    const about = killsAbout('files', [
      ['place.rename', 'out/ORDER_'],
      ['place.rename', 'out/BATCH_'],
      ['place.rename', 'claims/gatehouse/'],
      ['place.rename', '.gatehouse-claims/'],
      ['place.rename', 'archive/'],
    ]);
    expect(planned.length).toBeGreaterThan(methods.length * 3);
    const { kills, unclean } = await runAll([...planned, ...about], () => undefined);
    expect(unclean).toEqual([]);
    expect(kills).toBeGreaterThan(20);
  }, 600_000);

  it('between the two steps that give a free name, while the receiver takes the file at once: in doubt, or happened, never twice', async () => {
    const { kills, inDoubt, unclean } = await runAll(
      killsAbout('files', [
        ['disk.link', 'SNATCHED_'],
        ['disk.link', 'GONE_'],
      ]),
      () => undefined,
    );
    expect(unclean).toEqual([]);
    expect(kills).toBe(4);
    expect(inDoubt).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it('at four random moments under load', async () => {
    const figures = await runRandom({ backend: 'files', rounds: 4, seed: 5, plant: null, bus: 'outside', progress: () => undefined });
    expect(figures).toMatchObject({ kills: 4, ...clean });
    expect(figures.events).toBeGreaterThan(20);
  }, 180_000);

  it('over SFTP: around the renames of drops, claims and archives', async () => {
    const planned = killsAbout('files-sftp', [
      ['place.rename', 'out/SNATCHED_'],
      ['place.rename', '.gatehouse-claims/'],
    ]);
    const { kills, unclean } = await runAll(planned, () => undefined);
    expect(unclean).toEqual([]);
    expect(kills).toBe(4);
  }, 180_000);

  it.each(filePlants)(
    'the harness sees a planted fault: %s',
    async (plant) => {
      const { planted, honest } = await runPlanted(plant, 'files');
      expect({ caught: planted > 0, honest }).toEqual({ caught: true, honest: 0 });
    },
    120_000,
  );
});
