import { describe, expect, it } from 'vitest';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { planKills, runAll } from './deterministic.ts';
import { runRandom } from './random.ts';

describe('killed at any line, on RabbitMQ', () => {
  it('before, during and after every call of every port, and RabbitMQ itself too', async () => {
    const broker = await Rabbitmq.start();
    try {
      const { kills, unclean } = await runAll(await planKills(['rabbitmq'], { broker, mostOfOne: 1 }), () => undefined);
      expect(unclean).toEqual([]);
      expect(kills).toBeGreaterThan(25);
      const figures = await runRandom({ backend: 'depot', rounds: 5, seed: 5, plant: null, bus: 'rabbitmq', broker, progress: () => undefined });
      expect(figures).toMatchObject({ kills: 5, brokerKills: 1, lost: 0, repeatedOnce: 0, missingReplies: 0, doubleReplies: 0, parked: 0 });
    } finally {
      await broker.stop();
    }
  }, 600_000);
});
