import { RabbitmqBus } from '../../src/bus/rabbitmq/rabbitmq.bus.ts';
import { RabbitmqSettings } from '../../src/bus/rabbitmq/rabbitmq.settings.ts';
import { type Bus } from '../../src/contract/bus.ts';
import { Catalogue } from '../../src/contract/catalogue.ts';
import { type Clock } from '../../src/contract/clock.ts';
import { type CloudEvent, eventTypeOf } from '../../src/contract/event.ts';
import { type Log } from '../../src/contract/log.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { type Rabbitmq } from '../support/rabbitmq.ts';
import { Witness } from '../support/witness.ts';
import { type GatewaySide } from './backends/backend.ts';
import { type Reply, payloadOf } from './events.ts';
import { type GatewayProcess } from './process.ts';
import { publishedOutside } from './verify.ts';

export type BusKind = 'embedded' | 'outside' | 'rabbitmq';

/** Where the child finds its RabbitMQ. */
export interface RabbitmqPlace {
  readonly port: number;
  readonly exchange: string;
}

/** What stands on the other side of the bus, and outlives the gateway: it sends the events and sees the replies. */
export interface Ground {
  readonly rabbitmq: RabbitmqPlace | null;
  /** @returns whether somebody has said that the event is safe */
  post(gateway: GatewayProcess, event: CloudEvent): Promise<boolean>;
  /** How many events the gateway must know of before it can be quiet. */
  readonly sent: number;
  /** Every reply that was published, repeats included. `own`: those that the gateway's own log has. */
  replies(own: readonly Reply[]): Promise<readonly Reply[]>;
  /** RabbitMQ dies and comes back. */
  killBroker(): Promise<void>;
  close(): Promise<void>;
}

let made = 0;

export function rabbitmqBusOf({ port, exchange }: RabbitmqPlace, { clock, log }: { clock: Clock; log: Log }): Bus {
  const settings = Object.assign(new RabbitmqSettings(), {
    host: '127.0.0.1',
    port,
    password: new Secret('p', 'guest'),
    exchange,
    queuePrefix: `${exchange}.`,
    prefetch: 20,
  });
  return new RabbitmqBus({ settings, clock, log, maxEventBytes: 4_000_000, gateway: 'crash', drainMs: 500 });
}

/** `side`: of the backend whose events and replies travel here. */
export async function groundOf(kind: BusKind, folder: string, broker: Rabbitmq | null, side: GatewaySide): Promise<Ground> {
  if (kind !== 'rabbitmq') return withoutBroker(kind, folder);
  if (broker === null) throw new Error('there is no RabbitMQ to crash on');
  return OnRabbitmq.open(broker, side);
}

const withoutBroker = (kind: BusKind, folder: string): Ground => ({
  rabbitmq: null,
  post: (gateway, event) => gateway.post(event),
  sent: 0,
  replies: async (own) => (kind === 'embedded' ? own : publishedOutside(folder)),
  killBroker: async () => undefined,
  close: async () => undefined,
});

class OnRabbitmq implements Ground {
  readonly rabbitmq: RabbitmqPlace;
  readonly #broker: Rabbitmq;
  readonly #system: string;
  readonly #replyTypes: readonly string[];
  readonly #sent = new Set<string>();
  readonly #seen: Reply[] = [];
  #witness: Witness | null = null;
  #opening: Promise<Witness>;

  private constructor(broker: Rabbitmq, system: string, replyTypes: readonly string[]) {
    this.#broker = broker;
    this.#system = system;
    this.#replyTypes = replyTypes;
    this.rabbitmq = { port: broker.port, exchange: `crash-${process.pid}-${(made += 1)}` };
    this.#opening = this.#open();
  }

  /** The queue is there before the first event, as in a place where the gateway ran yesterday. */
  static async open(broker: Rabbitmq, { system, adapter }: GatewaySide): Promise<OnRabbitmq> {
    const operations = new Catalogue([adapter]).operations();
    const produced = new Catalogue([adapter]).sources().flatMap(({ declaration }) => declaration.produces.map(eventTypeOf));
    const ground = new OnRabbitmq(broker, system, [...new Set([...operations.flatMap(({ replies }) => [...replies.keys()]), ...produced])]);
    const bus = rabbitmqBusOf(ground.rabbitmq, { clock: new SystemClock(), log: () => undefined });
    await bus.consume(
      system,
      operations.map(({ acceptsType }) => acceptsType),
      () => undefined,
    );
    await bus.close();
    await ground.#opening;
    return ground;
  }

  async #open(): Promise<Witness> {
    const { port, exchange } = this.rabbitmq;
    this.#witness = await Witness.open(port, exchange, {
      types: this.#replyTypes,
      queue: `${exchange}.replies`,
    });
    return this.#witness;
  }

  get sent(): number {
    return this.#sent.size;
  }

  async post(_gateway: GatewayProcess, event: CloudEvent): Promise<boolean> {
    const witness = await this.#opening;
    try {
      await witness.send(event);
      this.#sent.add(event.attributes.id);
      return true;
    } catch {
      return false;
    }
  }

  #collect(): void {
    for (const { id, type, causation: cause, data } of this.#witness?.seen.splice(0) ?? [])
      this.#seen.push({ id, type, cause, data: payloadOf({ data }) });
  }

  async replies(): Promise<readonly Reply[]> {
    const { channel } = await this.#opening;
    const queue = `${this.rabbitmq.exchange}.replies`;
    while ((await channel.checkQueue(queue)).messageCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The answer to this comes behind the last delivery.
    await channel.checkQueue(queue);
    this.#collect();
    return this.#seen;
  }

  async killBroker(): Promise<void> {
    const before = await this.#opening;
    await this.#broker.kill();
    this.#collect();
    await before.close();
    await this.#broker.up();
    this.#opening = this.#open();
    await this.#opening;
  }

  async close(): Promise<void> {
    const witness = await this.#opening;
    const { exchange } = this.rabbitmq;
    await witness.channel.deleteQueue(`${exchange}.${this.#system}`);
    await witness.channel.deleteQueue(`${exchange}.replies`);
    await witness.channel.deleteExchange(exchange);
    await witness.close();
  }
}
