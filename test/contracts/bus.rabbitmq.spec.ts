import { afterAll, beforeAll } from 'vitest';
import { RabbitmqBus } from '../../src/bus/rabbitmq/rabbitmq.bus.ts';
import { RabbitmqSettings } from '../../src/bus/rabbitmq/rabbitmq.settings.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { Rabbitmq } from '../support/rabbitmq.ts';
import { type OpenBus, busContract } from './bus.contract.ts';

let rabbitmq: Rabbitmq;
beforeAll(async () => {
  rabbitmq = await Rabbitmq.start();
}, 120_000);
afterAll(() => rabbitmq.stop(), 30_000);

let made = 0;

/** Each test has an exchange and queues of its own. */
async function openBus(names = { exchange: `contract-${(made += 1)}`, queuePrefix: `contract-${made}.` }): Promise<OpenBus> {
  const settings = Object.assign(new RabbitmqSettings(), { host: '127.0.0.1', port: rabbitmq.port, password: new Secret('p', 'guest'), ...names });
  const bus = new RabbitmqBus({
    settings,
    clock: new SystemClock(),
    log: () => undefined,
    maxEventBytes: 100_000,
    gateway: 'contract',
    drainMs: 50,
  });
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await bus.close();
  };
  return {
    bus,
    outgoing: async (event) => ({ seq: 1, event }),
    restart: async () => {
      await close();
      return openBus(names);
    },
    close,
  };
}

busContract('rabbitmq', () => openBus());
