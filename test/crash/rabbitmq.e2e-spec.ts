import { describe, expect, it } from 'vitest';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { planKills, runAll } from './deterministic.ts';
import { runRandom } from './random.ts';

describe('killed at any line, on RabbitMQ', () => {
  it('before, during and after every call of every port, and RabbitMQ itself too', async () => {
    const broker = await Rabbitmq.start();
    try {
      // Every second one; `npm run crash -- --bus rabbitmq --deterministic` does all of them, at twelve calls of each.
      const planned = (await planKills(['rabbitmq'], { broker, mostOfOne: 1 })).filter((_kill, at) => at % 2 === 0);
      const { kills, unclean } = await runAll(planned, () => undefined);
      expect(unclean).toEqual([]);
      expect(kills).toBeGreaterThan(12);
      const figures = await runRandom({ backend: 'depot', rounds: 5, seed: 5, plant: null, bus: 'rabbitmq', broker, progress: () => undefined });
      expect(figures).toMatchObject({ kills: 5, brokerKills: 1, lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, parked: 0 });
    } finally {
      await broker.stop();
    }
  }, 600_000);
});
