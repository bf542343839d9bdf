import { type ConfirmChannel, type Message, type Options } from 'amqplib';
import { type PublishOutcome } from '../../contract/bus.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type AmqpWritten } from './cloud-event.codec.ts';
import { type Connection } from './connection.ts';
import { busFailure, replyCodeOf } from './faults.ts';

const notFound = 404;
const preconditionFailed = 406;

export interface PublisherSurroundings {
  readonly connection: Connection;
  /** Makes sure that the exchange is there. @throws GatehouseError */
  declare(): Promise<void>;
  /** The exchange was gone, and with it everything that was bound to it. */
  missing(): void;
}

interface Pending {
  readonly written: AmqpWritten;
  returned: boolean;
}

/**
 * Publishes on one confirm channel, mandatory. RabbitMQ answers a message that it will not take by closing the channel, which fails all that
 * are under way and does not say which was meant: from then on they go one by one, until as many went well as had failed.
 */
export class Publisher {
  readonly #around: PublisherSurroundings;
  #opening: Promise<ConfirmChannel> | null = null;
  /** What RabbitMQ said when it closed the channel. */
  #said: unknown = null;
  readonly #pending = new Set<Pending>();
  #oneByOne = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #queued = 0;
  /** Goes up with each failure of one in turn: what was queued before it does not leave. */
  #round = 0;
  #roundFailure: unknown = null;

  constructor(around: PublisherSurroundings) {
    this.#around = around;
  }

  /** @throws GatehouseError when it is not known to be safe at RabbitMQ: publish again, same id */
  publish(exchange: string, written: AmqpWritten): Promise<PublishOutcome> {
    if (this.#oneByOne === 0 && this.#queued === 0) return this.#publish(exchange, written);
    return this.#inTurn(exchange, written);
  }

  /** One after the other; when one fails, those behind it fail with it, so that none overtakes it. */
  #inTurn(exchange: string, written: AmqpWritten): Promise<PublishOutcome> {
    this.#queued += 1;
    const round = this.#round;
    const outcome = this.#turn.then(async () => {
      this.#queued -= 1;
      if (round !== this.#round) throw this.#roundFailure;
      try {
        return await this.#alone(exchange, written);
      } catch (error) {
        this.#round += 1;
        this.#roundFailure = error;
        throw error;
      }
    });
    this.#turn = outcome.catch(() => undefined);
    return outcome;
  }

  async #alone(exchange: string, written: AmqpWritten): Promise<PublishOutcome> {
    try {
      const outcome = await this.#publish(exchange, written);
      this.#oneByOne = Math.max(0, this.#oneByOne - 1);
      return outcome;
    } catch (error) {
      // Alone on its channel, so it was this one: too large, or of a kind that RabbitMQ does not take.
      if (replyCodeOf(this.#said) === preconditionFailed && error instanceof GatehouseError) return { end: 'refused', reason: error.message };
      throw error;
    }
  }

  async #publish(exchange: string, written: AmqpWritten): Promise<PublishOutcome> {
    const channel = await this.#channel();
    const pending: Pending = { written, returned: false };
    return new Promise<PublishOutcome>((resolve, reject) => {
      const confirmed = (error: unknown): void => {
        this.#pending.delete(pending);
        if (error === null || error === undefined) resolve({ end: 'confirmed', routed: !pending.returned });
        else reject(this.#failure(error, written.type));
      };
      try {
        this.#pending.add(pending);
        channel.publish(exchange, written.routingKey, asBuffer(written.content), optionsOf(written), confirmed);
      } catch (error) {
        this.#pending.delete(pending);
        if (error instanceof RangeError || error instanceof TypeError)
          resolve({ end: 'refused', reason: `it does not fit into an AMQP message: ${error.message}` });
        else {
          // A channel that was closed before anybody listened says so only here.
          this.#opening = null;
          reject(this.#failure(error, written.type));
        }
      }
    });
  }

  #failure(error: unknown, type: string): GatehouseError {
    return busFailure(this.#said ?? error, `publishing a '${type.slice(0, 100)}'`);
  }

  #channel(): Promise<ConfirmChannel> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<ConfirmChannel> {
    this.#said = null;
    await this.#around.declare();
    const channel = await this.#around.connection.confirmChannel();
    channel.on('return', (message) => this.#returned(message));
    channel.on('error', (error) => {
      this.#said = error;
      if (replyCodeOf(error) === notFound) this.#around.missing();
      if (replyCodeOf(error) === preconditionFailed) this.#oneByOne = Math.max(this.#oneByOne, this.#pending.size);
    });
    channel.on('close', () => {
      this.#opening = null;
    });
    return channel;
  }

  /** Comes before the confirm of the same message; two of one id under way are told apart by their type and otherwise share it. */
  #returned({ properties }: Message): void {
    for (const pending of this.#pending)
      if (pending.written.messageId === properties.messageId && pending.written.type === properties.type && !pending.returned) {
        pending.returned = true;
        return;
      }
  }

  /** @throws GatehouseError */
  async check(): Promise<void> {
    await this.#channel();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));

function optionsOf({ contentType, messageId, type, headers }: AmqpWritten): Options.Publish {
  return { persistent: true, mandatory: true, contentType, type, headers, ...(messageId === undefined ? {} : { messageId }) };
}
