import { Bus, type Consumer, type Delivery, type OutgoingEvent, type PublishOutcome, type QueueDepth } from '../../contract/bus.ts';
import { type Clock } from '../../contract/clock.ts';
import { type Spool } from '../../contract/spool.ts';
import { matchesTopic } from '../../contract/topic.ts';

const prefetch = 100;
/** The journal's own thread counts: no further than a person wants to know. */
const mostCounted = 10_000;

/** The bus inside the journal's own store: durable, at least once, nothing to install. */
export class EmbeddedBus extends Bus {
  readonly name = 'embedded';
  readonly #spool: Spool;
  readonly #clock: Clock;
  #bindings: Promise<Map<string, readonly string[]>> | null = null;
  readonly #consumers = new Set<EmbeddedConsumer>();
  readonly #unsubscribe: () => void;

  constructor(spool: Spool, clock: Clock) {
    super();
    this.#spool = spool;
    this.#clock = clock;
    this.#unsubscribe = spool.onAdded(() => {
      for (const consumer of this.#consumers) consumer.look();
    });
  }

  async consume(system: string, patterns: readonly string[], deliver: (delivery: Delivery) => void): Promise<Consumer> {
    await this.#spool.bind(system, patterns);
    (await this.#bound()).set(system, patterns);
    const consumer = new EmbeddedConsumer(this.#spool, system, deliver, (closed) => this.#consumers.delete(closed));
    this.#consumers.add(consumer);
    consumer.look();
    return consumer;
  }

  /** Marks it published, puts it into every bound queue and the log: one commit. */
  async publish({ seq, event }: OutgoingEvent): Promise<PublishOutcome> {
    const queues = [...(await this.#bound())]
      .filter(([, patterns]) => patterns.some((pattern) => matchesTopic(pattern, event.attributes.type)))
      .map(([queue]) => queue);
    await this.#spool.handOver(seq, queues, this.#clock.wallMs());
    return { end: 'confirmed', routed: queues.length > 0, recorded: true };
  }

  /** Queues outlive the process: what is published before its system consumes again is kept for it. */
  #bound(): Promise<Map<string, readonly string[]>> {
    this.#bindings ??= this.#spool.bindings().then((bindings) => new Map(bindings));
    return this.#bindings;
  }

  async check(): Promise<readonly string[]> {
    await this.#spool.logEnd();
    return [];
  }

  override async depth(system: string): Promise<QueueDepth> {
    const counted = await this.#spool.depth(system, mostCounted + 1);
    return { waiting: Math.min(counted, mostCounted), more: counted > mostCounted, consumers: null };
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    for (const consumer of this.#consumers) await consumer.close();
  }
}

/** Hands out what its queue holds, at most `prefetch` unacked. */
class EmbeddedConsumer implements Consumer {
  readonly #spool: Spool;
  readonly #queue: string;
  readonly #deliver: (delivery: Delivery) => void;
  readonly #closed: (consumer: EmbeddedConsumer) => void;
  #after = 0;
  #unacked = 0;
  #acked: number[] = [];
  #state: 'open' | 'held' | 'closed' = 'open';
  #looking: Promise<void> | null = null;
  #again = false;

  constructor(spool: Spool, queue: string, deliver: (delivery: Delivery) => void, closed: (consumer: EmbeddedConsumer) => void) {
    this.#spool = spool;
    this.#queue = queue;
    this.#deliver = deliver;
    this.#closed = closed;
  }

  /** Fetches when there may be something and there is room; one fetch at a time. */
  look(): void {
    if (this.#state !== 'open' || this.#unacked >= prefetch) return;
    if (this.#looking !== null) {
      this.#again = true;
      return;
    }
    this.#looking = this.#fetch()
      // A store that cannot be read ends the process by itself; the messages stay where they are.
      .catch(() => undefined)
      .finally(() => {
        this.#looking = null;
        if (!this.#again) return;
        this.#again = false;
        this.look();
      });
  }

  async #fetch(): Promise<void> {
    const messages = await this.#spool.fetch(this.#queue, this.#after, prefetch - this.#unacked);
    // Held meanwhile: these stay in the queue and are fetched again.
    if (this.#state !== 'open') return;
    for (const { seq, event } of messages) {
      this.#after = seq;
      this.#unacked += 1;
      this.#deliver({ content: { event }, ack: () => this.#ack(seq) });
    }
    if (messages.length > 0) this.#again = true;
  }

  #ack(seq: number): void {
    this.#acked.push(seq);
    if (this.#acked.length > 1) return;
    queueMicrotask(() => {
      const seqs = this.#acked;
      this.#acked = [];
      this.#unacked -= seqs.length;
      // A removal that is lost leads to a redelivery, which the journal knows.
      this.#spool.remove(this.#queue, seqs).catch(() => undefined);
      this.look();
    });
  }

  async hold(): Promise<void> {
    if (this.#state === 'open') this.#state = 'held';
    await this.#looking;
  }

  async resume(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'open';
    this.look();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#closed(this);
    await this.#looking;
  }
}
