import { type ConsumeMessage } from 'amqplib';
import { Bus, type Consumer, type Delivery, type OutgoingEvent, type PublishOutcome, type QueueDepth } from '../../contract/bus.ts';
import { type Clock } from '../../contract/clock.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Log } from '../../contract/log.ts';
import { matchesTopic } from '../../contract/topic.ts';
import { writeMessage } from './cloud-event.codec.ts';
import { Connection } from './connection.ts';
import { Publisher } from './publisher.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { type BindingSettings, type RabbitmqSettings } from './rabbitmq.settings.ts';
import { Topology, exchangeOf, queueOf } from './topology.ts';

const drainMsByDefault = 5_000;
const refusedRetryMsByDefault = 30_000;
/** Somebody may delete an exchange and its bindings, which nobody tells a consumer. */
const lookAgainMs = 30_000;

export interface RabbitmqSurroundings {
  readonly settings: RabbitmqSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxEventBytes: number;
  /** Name of the gateway, in RabbitMQ's list of connections. */
  readonly gateway: string;
  /** How long a close waits for acks of what was delivered; 5 s. */
  readonly drainMs?: number;
  /** Wait before refused credentials are tried again; 30 s. */
  readonly refusedRetryMs?: number;
}

/**
 * RabbitMQ as the bus. Two connections: one only consumes and acks, one only publishes, so that an alarm, which stops RabbitMQ from reading
 * what publishes, does not stop acks. A topic exchange, and one queue a system.
 */
export class RabbitmqBus extends Bus {
  readonly name = 'rabbitmq';
  readonly #around: RabbitmqSurroundings;
  readonly #consuming: Connection;
  readonly #publishing: Connection;
  readonly #consumers = new Map<string, QueueConsumer>();
  readonly #topology: Topology;
  readonly #exchange: Topology;
  readonly #publisher: Publisher;
  #started: Promise<unknown> | null = null;
  #cancelLook: () => void = () => undefined;

  constructor(around: RabbitmqSurroundings) {
    super();
    this.#around = around;
    const connection = (purpose: string): Connection =>
      new Connection({ ...around, refusedRetryMs: around.refusedRetryMs ?? refusedRetryMsByDefault, name: `${around.gateway} ${purpose}` });
    this.#consuming = connection('consumes');
    this.#publishing = connection('publishes');
    this.#topology = new Topology(around.settings, this.#consuming, around.log);
    this.#exchange = new Topology(around.settings, this.#publishing, around.log);
    this.#publisher = new Publisher({
      connection: this.#publishing,
      declare: () => this.#exchange.exchange(),
      missing: () => this.#look(),
    });
  }

  /** Resolves after the first try to connect, so that a gateway starts, says what is wrong and goes on when it is mended. */
  #start(): Promise<unknown> {
    this.#started ??= Promise.all([this.#consuming.start(), this.#publishing.start()]).then(() => this.#lookLater());
    return this.#started;
  }

  #look(): void {
    for (const consumer of this.#consumers.values()) consumer.look();
  }

  #lookLater(): void {
    this.#cancelLook = this.#around.clock.after(lookAgainMs, () => {
      this.#look();
      this.#lookLater();
    });
  }

  async consume(system: string, patterns: readonly string[], deliver: (delivery: Delivery) => void): Promise<Consumer> {
    await this.#start();
    const { settings, clock, log, maxEventBytes } = this.#around;
    const consumer = new QueueConsumer({
      connection: this.#consuming,
      clock,
      log,
      system,
      queue: queueOf(settings, system),
      prefetch: settings.prefetch,
      maxEventBytes,
      rulesFor: (exchange, routingKey) => this.#rulesFor(system, exchange, routingKey),
      declare: () => this.#topology.queue(system, patterns),
      deliver,
      deadLetter: settings.oversized === 'dead-letter' ? (message, reason) => this.#deadLetter(system, message, reason) : undefined,
    });
    this.#consumers.set(system, consumer);
    await consumer.start();
    return consumer;
  }

  #rulesFor(system: string, exchange: string, routingKey: string): BindingSettings | null {
    const { settings } = this.#around;
    return (
      settings.bindings.find(
        (binding) =>
          binding.system === system &&
          exchangeOf(settings, binding) === exchange &&
          binding.routingKeys.some((pattern) => matchesTopic(pattern, routingKey)),
      ) ?? null
    );
  }

  async publish({ seq, event }: OutgoingEvent): Promise<PublishOutcome> {
    await this.#start();
    // A reply waits for the end of an alarm; somebody who posts is told, and keeps the event.
    if (seq === 0) this.#refuseWhenBlocked();
    return this.#publisher.publish(this.#around.settings.exchange, writeMessage(event, this.#around.settings));
  }

  #refuseWhenBlocked(): void {
    if (this.#publishing.blocked !== null)
      throw new GatehouseError('BUS_UNREACHABLE', `RabbitMQ takes no events for now: ${this.#publishing.blocked}`);
  }

  /** Whole, as it came, with the reason beside it. */
  async #deadLetter(system: string, { content, properties, fields }: ConsumeMessage, reason: string): Promise<void> {
    this.#refuseWhenBlocked();
    const { deadLetterExchange } = this.#around.settings;
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    const outcome = await this.#publisher.publish(deadLetterExchange, {
      content,
      routingKey: fields.routingKey,
      contentType: text(properties.contentType),
      type: text(properties.type),
      ...(text(properties.messageId) === '' ? {} : { messageId: text(properties.messageId) }),
      headers: {
        ...(properties.headers as Record<string, string> | undefined),
        'gatehouse-reason': reason,
        'gatehouse-system': system,
        'gatehouse-exchange': fields.exchange,
      },
    });
    if (outcome.end === 'refused') throw new GatehouseError('BUS_INCOMPLETE', `RabbitMQ does not take it as a dead letter: ${outcome.reason}`);
    if (!outcome.routed) throw new GatehouseError('BUS_INCOMPLETE', `no queue is bound to the dead letter exchange '${deadLetterExchange}'`);
  }

  async check(): Promise<readonly string[]> {
    await this.#start();
    this.#consuming.check();
    this.#publishing.check();
    for (const { failure } of this.#consumers.values()) if (failure !== null) throw failure;
    this.#refuseWhenBlocked();
    await this.#publisher.check();
    if (!this.#around.settings.declare) for (const system of this.#consumers.keys()) await this.#topology.look(system);
    return [...new Set([...this.#topology.warnings.values(), ...this.#exchange.warnings.values()])];
  }

  override async depth(system: string): Promise<QueueDepth> {
    await this.#start();
    return this.#topology.depth(system);
  }

  /** Every ack for what the journal holds has left before the connection goes. */
  async close(): Promise<void> {
    this.#cancelLook();
    const consumers = [...this.#consumers.values()];
    await Promise.all(consumers.map((consumer) => consumer.hold()));
    await Promise.all(consumers.map((consumer) => consumer.drained(this.#around.drainMs ?? drainMsByDefault)));
    await Promise.all(consumers.map((consumer) => consumer.close()));
    await Promise.all([this.#consuming.close(), this.#publishing.close()]);
  }
}
