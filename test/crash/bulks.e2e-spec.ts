import { describe, expect, it } from 'vitest';
import { bulkPlants } from './bulk-plants.ts';
import { planBulkKills, runBulkPlant, runBulks } from './bulk-runs.ts';

describe('a bulk action of a gateway that is killed', () => {
  it('is done to each of its translations once, and to no other, at whichever line it dies', async () => {
    const planned = await planBulkKills(1);
    expect(planned.length).toBeGreaterThan(11);
    const { kills, faults } = await runBulks(planned.map((kill) => ({ kills: [kill] })));
    expect(faults).toEqual([]);
    expect(kills).toBe(planned.length);
  }, 300_000);

  it('that is killed in every one of three lives goes on in the fourth', async () => {
    const kills = [
      { method: 'bulks.freeze', n: 2, when: 'after' },
      { method: 'bulks.act', n: 13, when: 'during' },
      { method: 'bulks.act', n: 9, when: 'after' },
    ] as const;
    expect(await runBulks([{ kills }])).toEqual({ kills: 3, faults: [] });
  });

  it.each(bulkPlants)('the harness sees a planted fault: %s', async (plant) => expect(await runBulkPlant(plant)).toMatchObject({ caught: true }));
});
