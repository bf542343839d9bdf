import { type Channel, type Message } from 'amqplib';
import { type Clock } from '../../contract/clock.ts';

/**
 * The deliveries of one channel that are not acked. Acks that come in one turn leave as one, up to the first gap: what one commit of the
 * journal holds costs one frame.
 */
export class AckWindow {
  readonly #channel: Channel;
  /** In the order of delivery; true once it may be acked. */
  readonly #open = new Map<number, boolean>();
  #flushing = false;
  #idle: (() => void) | null = null;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.on('close', () => {
      this.#open.clear();
      this.#idle?.();
    });
  }

  /** Notes a delivery. @returns its ack, which never throws: one that is lost leads to a redelivery, and the journal knows that */
  delivered(tag: number): () => void {
    this.#open.set(tag, false);
    return () => {
      if (!this.#open.has(tag)) return;
      this.#open.set(tag, true);
      if (this.#flushing) return;
      this.#flushing = true;
      queueMicrotask(() => this.#flush());
    };
  }

  #flush(): void {
    this.#flushing = false;
    let upTo = 0;
    let single = false;
    const send = (tag: number, all: boolean): void => {
      try {
        this.#channel.ack({ fields: { deliveryTag: tag } } as Message, all);
      } catch {
        // The channel is gone, and with it what was delivered on it.
      }
    };
    for (const [tag, done] of this.#open) {
      if (!done) {
        // Behind a gap each goes alone.
        if (upTo > 0 && !single) send(upTo, true);
        single = true;
        continue;
      }
      this.#open.delete(tag);
      if (single) send(tag, false);
      else upTo = tag;
    }
    if (upTo > 0 && !single) send(upTo, true);
    if (this.#open.size === 0) this.#idle?.();
  }

  /** Resolves when nothing is open, or after `withinMs`. @returns whether nothing is */
  async idle(clock: Clock, withinMs: number): Promise<boolean> {
    if (this.#open.size > 0)
      await new Promise<void>((resolve) => {
        const cancel = clock.after(withinMs, resolve);
        this.#idle = () => {
          cancel();
          resolve();
        };
      });
    return this.#open.size === 0;
  }
}
