import { type Channel, type ConsumeMessage } from 'amqplib';
import { hash } from 'node:crypto';
import { type Consumer, type Delivery } from '../../contract/bus.ts';
import { type Clock } from '../../contract/clock.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Log } from '../../contract/log.ts';
import { AckWindow } from './ack-window.ts';
import { type AmqpMessage, readMessage } from './cloud-event.codec.ts';
import { type Connection, closeChannel } from './connection.ts';
import { busFailure } from './faults.ts';
import { type BindingSettings } from './rabbitmq.settings.ts';

const firstRetryMs = 100;
const maxRetryMs = 10_000;
/** Longer than RabbitMQ needs to elect the leader of a queue. */
const answerWithinMs = 5_000;
const maxUnackedBytes = 64_000_000;
const clippedBytes = 64_000;

export interface QueueSurroundings {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly log: Log;
  readonly system: string;
  readonly queue: string;
  readonly prefetch: number;
  readonly maxEventBytes: number;
  /** The binding that says how to read a plain message of this exchange and routing key. */
  rulesFor(exchange: string, routingKey: string): BindingSettings | null;
  /** Makes sure that queue and bindings are there. @throws GatehouseError */
  declare(): Promise<void>;
  deliver(delivery: Delivery): void;
  /** Present when what is too large goes to a dead letter exchange as a whole. @throws GatehouseError */
  readonly deadLetter?: ((message: ConsumeMessage, reason: string) => Promise<void>) | undefined;
}

/**
 * The consumer of one queue. What is wanted (open, held, closed) is one field, and one step after the other brings RabbitMQ there, again
 * after every loss of connection, channel or queue.
 */
export class QueueConsumer implements Consumer {
  readonly #around: QueueSurroundings;
  readonly #unsubscribe: () => void;
  #wanted: 'open' | 'held' | 'closed' = 'open';
  #channel: Channel | null = null;
  #acks: AckWindow | null = null;
  #consuming = false;
  /** The channel is about to be closed: what still comes over it comes again. */
  #leaving = false;
  #looking = false;
  #prefetch: number;
  /** Of bodies; null before the first, which may be as large as any. */
  #meanBytes: number | null = null;
  #step: Promise<void> = Promise.resolve();
  #retryMs = firstRetryMs;
  #cancelRetry: () => void = () => undefined;
  /** Why the queue is not consumed; null while it is, or is held on purpose. */
  failure: GatehouseError | null = null;

  constructor(around: QueueSurroundings) {
    this.#around = around;
    this.#prefetch = this.#window();
    this.#unsubscribe = around.connection.onUp(() => void this.#reach());
  }

  /** Resolves after the first try. */
  start(): Promise<void> {
    return this.#tried();
  }

  async hold(): Promise<void> {
    if (this.#wanted === 'open') this.#wanted = 'held';
    await this.#tried();
  }

  async resume(): Promise<void> {
    if (this.#wanted === 'held') this.#wanted = 'open';
    await this.#tried();
  }

  /** What was delivered and is not acked is delivered again, to somebody. */
  async close(): Promise<void> {
    this.#wanted = 'closed';
    this.#unsubscribe();
    this.#cancelRetry();
    await this.#tried();
  }

  /** A queue without a leader leaves requests open for as long as that lasts: it is said, and nobody waits for it longer than a while. */
  async #tried(): Promise<void> {
    const { clock, queue, system } = this.#around;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(answerWithinMs, () => {
        this.#say(
          new GatehouseError('BUS_UNREACHABLE', `RabbitMQ has not answered for ${answerWithinMs} ms about the queue '${queue}' of ${system}`),
        );
        resolve();
      });
    });
    await Promise.race([this.#reach(), late]);
    cancel();
  }

  /** Looks whether queue and bindings are still there, and makes them so. What is consumed goes on meanwhile, also when they are not. */
  look(): void {
    if (this.#looking || this.#channel === null || this.#wanted === 'closed') return;
    this.#looking = true;
    void this.#around
      .declare()
      .then(
        () => {
          this.failure = null;
        },
        (error: unknown) => this.#say(busFailure(error, `looking for the queue '${this.#around.queue}' of ${this.#around.system}`)),
      )
      .finally(() => {
        this.#looking = false;
      });
  }

  /** Waits until everything that was delivered is acked, or for `withinMs`. */
  async drained(withinMs: number): Promise<void> {
    await this.#acks?.idle(this.#around.clock, withinMs);
  }

  /** One step at a time; a step that fails is tried again later. */
  #reach(): Promise<void> {
    this.#step = this.#step.then(async () => {
      this.#cancelRetry();
      try {
        await this.#toWanted();
        this.failure = null;
        this.#retryMs = firstRetryMs;
      } catch (error) {
        this.#failed(busFailure(error, `consuming the queue '${this.#around.queue}' of ${this.#around.system}`));
      }
    });
    return this.#step;
  }

  async #toWanted(): Promise<void> {
    const { connection, declare, queue } = this.#around;
    if (this.#wanted === 'closed') return this.#drop();
    connection.check();
    if (this.#wanted === 'held' || (this.#consuming && !this.#fits())) await this.#leave();
    if (this.#wanted === 'held' || this.#consuming) return;
    if (this.#channel === null) {
      await declare();
      this.#stand(await connection.channel());
    }
    const channel = this.#channel;
    if (channel === null) return;
    this.#prefetch = this.#window();
    await channel.prefetch(this.#prefetch);
    await channel.consume(queue, (message) => this.#take(channel, message));
    // RabbitMQ may have taken the queue away in the same breath, and the channel with it.
    this.#consuming = this.#channel === channel;
  }

  #stand(channel: Channel): void {
    this.#channel = channel;
    this.#consuming = false;
    this.#leaving = false;
    this.#acks = new AckWindow(channel);
    channel.on('close', () => {
      if (this.#channel !== channel) return;
      this.#channel = null;
      this.#consuming = false;
      if (this.#wanted === 'closed') return;
      this.#around.log('warn', this.#names(), `the channel of ${this.#around.system} was closed; it is opened again`);
      // With the connection gone this fails at once and waits for the connection.
      void this.#reach();
    });
  }

  /**
   * Gives up the channel, and not only the consumer: what is on its way when a consumer is cancelled comes back behind the rest of a quorum
   * queue, what a closed channel leaves unacked comes back in its old place. From here on nothing is taken; what was taken is journaled and
   * acked first (rule 30). RabbitMQ may forget the last acks of a channel that is closed behind them, less often when it is asked something
   * in between: what then comes again is a duplicate.
   */
  async #leave(): Promise<void> {
    const { clock, queue } = this.#around;
    this.#leaving = true;
    await this.#acks?.idle(clock, answerWithinMs);
    await this.#channel?.checkQueue(queue);
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const channel = this.#channel;
    this.#channel = null;
    this.#consuming = false;
    if (channel !== null) await closeChannel(channel);
  }

  #failed(failure: GatehouseError): void {
    const { clock, connection } = this.#around;
    if (this.#wanted === 'closed') return;
    this.#say(failure);
    void this.#drop();
    // Without a connection there is nothing to try: it says when it is up.
    if (!connection.isUp) return;
    this.#cancelRetry = clock.after(this.#retryMs, () => void this.#reach());
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }

  /** A lost connection says so itself, once for all queues. */
  #say(failure: GatehouseError): void {
    const { log, connection } = this.#around;
    if (this.failure?.message !== failure.message && connection.isUp) log('error', { ...this.#names(), code: failure.code }, failure.message);
    this.failure = failure;
  }

  #take(channel: Channel, message: ConsumeMessage | null): void {
    if (message === null) {
      this.#around.log(
        'warn',
        this.#names(),
        `RabbitMQ took the queue '${this.#around.queue}' of ${this.#around.system} away; it is looked for again`,
      );
      // A deleted queue has to be declared again, which a new channel does first.
      void this.#drop().then(() => this.#reach());
      return;
    }
    if (this.#channel !== channel || this.#acks === null || this.#leaving) return;
    this.#measure(message.content.byteLength);
    const { deadLetter } = this.#around;
    this.#around.deliver({
      content: this.#contentOf(message),
      ack: this.#acks.delivered(message.fields.deliveryTag),
      ...(deadLetter === undefined ? {} : { deadLetter: (reason: string) => deadLetter(message, reason) }),
    });
  }

  #contentOf(message: ConsumeMessage): Delivery['content'] {
    const amqp = amqpMessage(message);
    const { content, exchange, routingKey } = amqp;
    try {
      if (content.byteLength > this.#around.maxEventBytes * structuredAllowance)
        throw new GatehouseError('EVENT_TOO_LARGE', `the message has ${content.byteLength} bytes; ${this.#around.maxEventBytes} are allowed`);
      return readMessage(amqp, this.#around.rulesFor(exchange, routingKey));
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      return {
        raw: content.subarray(0, clippedBytes),
        size: content.byteLength,
        sha256: hash('sha256', content, 'hex'),
        reason: error.message,
        code: error.code === 'EVENT_TOO_LARGE' ? 'EVENT_TOO_LARGE' : 'NOT_AN_EVENT',
        about: aboutOf(amqp),
      };
    }
  }

  /** Prefetch follows the size of bodies: many small ones, few large ones. */
  #measure(bytes: number): void {
    this.#meanBytes = this.#meanBytes === null ? bytes : this.#meanBytes * 0.9 + bytes * 0.1;
    if (!this.#fits()) void this.#reach();
  }

  #window(): number {
    return Math.max(1, Math.min(this.#around.prefetch, Math.floor(maxUnackedBytes / Math.max(1, this.#meanBytes ?? this.#around.maxEventBytes))));
  }

  /** Within a factor of two: each change costs a cancel and a consume. */
  #fits(): boolean {
    const wanted = this.#window();
    return wanted > this.#prefetch / 2 && (wanted < this.#prefetch * 2 || wanted === this.#prefetch);
  }

  #names(): Readonly<Record<string, string>> {
    return { bus: 'rabbitmq', system: this.#around.system, queue: this.#around.queue };
  }
}

/** A structured message carries its data escaped or as Base64, and its attributes: only its data is held against the limit, by intake. */
const structuredAllowance = 2;

function amqpMessage({ content, fields, properties }: ConsumeMessage): AmqpMessage {
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  return {
    content,
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    contentType: text(properties.contentType),
    contentEncoding: text(properties.contentEncoding),
    messageId: text(properties.messageId),
    headers: properties.headers ?? {},
  };
}

/** As extension attributes of what is parked: names of lower case letters, values that print. */
function aboutOf({ exchange, routingKey, contentType, messageId }: AmqpMessage): Record<string, string> {
  const given = { amqpexchange: exchange, amqproutingkey: routingKey, amqpcontenttype: contentType, amqpmessageid: messageId };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [
            [
              name,
              value
                .replaceAll(/\p{Cc}/gu, '?')
                .toWellFormed()
                .slice(0, 255),
            ],
          ],
    ),
  );
}
