import { type Channel } from 'amqplib';
import { type QueueDepth } from '../../contract/bus.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Log } from '../../contract/log.ts';
import { type Connection, closeChannel } from './connection.ts';
import { busFailure, replyCodeOf } from './faults.ts';
import { type BindingSettings, type RabbitmqSettings } from './rabbitmq.settings.ts';

const preconditionFailed = 406;
/** RabbitMQ 4 drops what was delivered 20 times unless told otherwise; older ones refuse the argument. */
const endlessSince = 4;

export const queueOf = ({ queuePrefix }: RabbitmqSettings, system: string): string => `${queuePrefix}${system}`;

export const exchangeOf = (settings: RabbitmqSettings, binding: BindingSettings): string => binding.exchange ?? settings.exchange;

function queueArguments(version: string): Record<string, unknown> {
  return {
    'x-queue-type': 'quorum',
    'x-single-active-consumer': true,
    ...endless(version),
  };
}

const endless = (version: string): Record<string, unknown> => (Number.parseInt(version, 10) >= endlessSince ? { 'x-delivery-limit': -1 } : {});

/** What the gateway needs at RabbitMQ: its exchange, one queue a system, their bindings. Declared, or only looked at. */
export class Topology {
  readonly #settings: RabbitmqSettings;
  readonly #connection: Connection;
  readonly #log: Log;
  /** What is not as it should be and stops nothing: a queue that was found with other arguments, a binding that is not there. */
  readonly warnings = new Map<string, string>();

  /** Queues that were compared since the connection is up: RabbitMQ writes an error into its log for each that differs. */
  readonly #looked = new Set<string>();

  constructor(settings: RabbitmqSettings, connection: Connection, log: Log) {
    this.#settings = settings;
    this.#log = log;
    this.#connection = connection;
    connection.onUp(() => this.#looked.clear());
  }

  /** @throws GatehouseError BUS_INCOMPLETE with what to create */
  async exchange(): Promise<void> {
    const { exchange, declare, oversized, deadLetterExchange } = this.#settings;
    await this.#try(declare ? `declaring the topic exchange '${exchange}'` : `looking for the exchange '${exchange}'`, (channel) =>
      declare ? channel.assertExchange(exchange, 'topic', { durable: true }) : channel.checkExchange(exchange),
    );
    if (oversized === 'park') return;
    if (declare) await this.#declare('dead letters', deadLetterExchange, { 'x-queue-type': 'quorum', ...endless(this.#connection.version) });
    await this.#try(`the dead letter exchange '${deadLetterExchange}'`, async (channel) => {
      if (!declare) return channel.checkExchange(deadLetterExchange);
      await channel.assertExchange(deadLetterExchange, 'fanout', { durable: true });
      return channel.bindQueue(deadLetterExchange, deadLetterExchange, '');
    });
  }

  /** @throws GatehouseError BUS_INCOMPLETE with what to create */
  async queue(system: string, patterns: readonly string[]): Promise<void> {
    const queue = queueOf(this.#settings, system);
    if (!this.#settings.declare) {
      await this.#try(`looking for the queue '${queue}' of ${system}`, (channel) => channel.checkQueue(queue));
      return;
    }
    await this.exchange();
    await this.#declare(system, queue, queueArguments(this.#connection.version));
    const bind = (from: string, pattern: string): Promise<unknown> =>
      this.#try(`binding the queue '${queue}' to the exchange '${from}' with '${pattern}'`, (channel) => channel.bindQueue(queue, from, pattern));
    for (const pattern of patterns) await bind(this.#settings.exchange, pattern);
    for (const binding of this.#settings.bindings.filter((each) => each.system === system)) {
      const from = exchangeOf(this.#settings, binding);
      // The default exchange has every queue bound by its name, and takes no other binding.
      if (from === '') continue;
      for (const key of binding.routingKeys) {
        const what = `${queue} ${from} ${key}`;
        // The exchange of somebody else may come later: what is bound already flows meanwhile.
        await bind(from, key).then(
          () => this.warnings.delete(what),
          (error: unknown) => this.#bindingFailed(what, error),
        );
      }
    }
  }

  #bindingFailed(what: string, error: unknown): void {
    if (!(error instanceof GatehouseError) || error.code === 'BUS_UNREACHABLE') throw error;
    this.#warn(what, `${error.message}; create the exchange or give the right, or take the binding out; it is tried again by itself`);
  }

  #warn(what: string, warning: string): void {
    if (this.warnings.get(what) !== warning) this.#log('warn', { bus: 'rabbitmq' }, warning);
    this.warnings.set(what, warning);
  }

  /**
   * In what a queue that is only looked at differs from what is needed. RabbitMQ compares the arguments of a queue only with those of
   * somebody who declares it, which changes nothing about a queue that is there.
   */
  async look(system: string): Promise<void> {
    const queue = queueOf(this.#settings, system);
    if (this.#looked.has(queue)) return;
    await this.#try(`looking for the queue '${queue}' of ${system}`, (channel) => channel.checkQueue(queue));
    this.#looked.add(queue);
    try {
      await this.#try(`comparing the queue '${queue}'`, (channel) =>
        channel.assertQueue(queue, { durable: true, arguments: queueArguments(this.#connection.version) }),
      );
      this.warnings.delete(queue);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.code === 'BUS_UNREACHABLE') throw error;
      this.#warn(
        queue,
        error.code === 'BUS_REFUSED'
          ? `whether the queue '${queue}' is a quorum queue with a single active consumer and no delivery limit cannot be told: the user may not declare it`
          : differs(queue, queueArguments(this.#connection.version), error),
      );
    }
  }

  /** As RabbitMQ counts: what was handed out and is not acked waits no more. */
  async depth(system: string): Promise<QueueDepth> {
    const queue = queueOf(this.#settings, system);
    const { messageCount, consumerCount } = await this.#try(`looking for the queue '${queue}' of ${system}`, (channel) => channel.checkQueue(queue));
    return { waiting: messageCount, more: false, consumers: consumerCount };
  }

  /** A queue that is there with other arguments is used as it is, and said: nobody's messages are thrown away for an argument. */
  async #declare(of: string, queue: string, wanted: Record<string, unknown>): Promise<void> {
    const doing = `declaring the queue '${queue}' of ${of}`;
    try {
      await this.#try(doing, (channel) => channel.assertQueue(queue, { durable: true, arguments: wanted }));
      this.warnings.delete(queue);
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.native !== String(preconditionFailed)) throw error;
      await this.#try(`looking for the queue '${queue}' of ${of}`, (channel) => channel.checkQueue(queue));
      this.#warn(queue, differs(queue, wanted, error));
    }
  }

  /** RabbitMQ closes the channel on which something was refused: each step has its own. */
  async #try<T>(doing: string, step: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await this.#connection.channel();
    try {
      return await step(channel);
    } catch (error) {
      const failure = busFailure(error, doing);
      throw replyCodeOf(error) === undefined || this.#settings.declare || failure.code !== 'BUS_INCOMPLETE'
        ? failure
        : new GatehouseError('BUS_INCOMPLETE', `${failure.message}; create it, or set declare: true`, { cause: error, native: failure.native });
    } finally {
      await closeChannel(channel);
    }
  }
}

const differs = (queue: string, wanted: Record<string, unknown>, error: Error): string =>
  `the queue '${queue}' was found with other arguments than ${JSON.stringify(wanted)}; order or events can be lost: ${error.message}`;
