import { type Channel, type ChannelModel, type ConfirmChannel, type Options, connect } from 'amqplib';
import { writeMessage } from '../../src/bus/rabbitmq/cloud-event.codec.ts';
import { type CloudEvent } from '../../src/contract/event.ts';

export interface Seen {
  readonly id: string;
  readonly type: string;
  readonly causation: string;
  readonly data: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A client of RabbitMQ that is no part of the gateway: sends events, and sees every reply. */
export class Witness {
  readonly seen: Seen[] = [];
  readonly #model: ChannelModel;
  readonly #sending: ConfirmChannel;
  readonly channel: Channel;
  readonly #exchange: string;
  #count = 0;
  #onSeen: ((causation: string) => void) | null = null;
  #more: () => void = () => undefined;

  private constructor(model: ChannelModel, sending: ConfirmChannel, channel: Channel, exchange: string) {
    this.#model = model;
    this.#sending = sending;
    this.channel = channel;
    this.#exchange = exchange;
  }

  /** `queue`: keeps replies in a durable queue of this name, also while nobody looks. `countOnly`: for more of them than memory has room for. */
  static async open(
    port: number,
    exchange: string,
    options: { types?: readonly string[]; queue?: string; countOnly?: boolean } = {},
  ): Promise<Witness> {
    const model = await connect({ hostname: '127.0.0.1', port });
    model.on('error', () => undefined);
    const channel = await model.createChannel();
    const sending = await model.createConfirmChannel();
    for (const each of [channel, sending]) each.on('error', () => undefined);
    const witness = new Witness(model, sending, channel, exchange);
    if (exchange !== '') {
      await channel.assertExchange(exchange, 'topic', { durable: true });
      const durable = options.queue !== undefined;
      const { queue } = await channel.assertQueue(options.queue ?? '', durable ? { durable } : { exclusive: true });
      for (const type of options.types ?? ['#']) await channel.bindQueue(queue, exchange, type);
      await channel.consume(
        queue,
        (message) => {
          if (message === null) return;
          const headers = message.properties.headers ?? {};
          const text = (name: string): string => String(headers[`cloudEvents:${name}`] ?? '');
          witness.#count += 1;
          witness.#onSeen?.(text('causationid'));
          witness.#more();
          if (options.countOnly !== true)
            witness.seen.push({ id: text('id'), type: text('type'), causation: text('causationid'), data: message.content, headers });
          if (durable) channel.ack(message);
        },
        { noAck: !durable },
      );
    }
    return witness;
  }

  /**
   * Resolves when RabbitMQ has all of them. What it does not take, as queues do that were just started, is sent again behind the others.
   * The answer is in the order in which they were taken.
   */
  async send(...events: readonly CloudEvent[]): Promise<readonly CloudEvent[]> {
    const message = (event: CloudEvent): Promise<void> => {
      const { content, routingKey, headers, contentType, messageId } = writeMessage(event, { mode: 'binary', attributePrefix: 'cloudEvents:' });
      return this.raw(this.#exchange, routingKey, content, { headers, contentType, ...(messageId === undefined ? {} : { messageId }) });
    };
    const nacked: CloudEvent[] = [];
    await Promise.all(
      events.map((event) =>
        message(event).catch((error: unknown) => {
          if (!String(error).includes('message nacked')) throw error;
          nacked.push(event);
        }),
      ),
    );
    if (nacked.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await Promise.all(nacked.map(message));
    }
    return [...events.filter((event) => !nacked.includes(event)), ...nacked];
  }

  raw(exchange: string, routingKey: string, content: Uint8Array, options: Options.Publish = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sending.publish(exchange, routingKey, Buffer.from(content), { persistent: true, ...options }, (error: unknown) =>
        error === null ? resolve() : reject(error instanceof Error ? error : new Error(String(error))),
      );
    });
  }

  /** Messages seen so far. */
  get count(): number {
    return this.#count;
  }

  async seenAtLeast(count: number): Promise<void> {
    while (this.#count < count)
      await new Promise<void>((resolve) => {
        this.#more = () => this.#count >= count && resolve();
      });
  }

  /** Calls back with what each reply was caused by. */
  onSeen(listener: (causation: string) => void): void {
    this.#onSeen = listener;
  }

  replies(type: string): readonly Seen[] {
    return this.seen.filter((each) => each.type === type);
  }

  async close(): Promise<void> {
    await this.#model.close().catch(() => undefined);
  }
}
