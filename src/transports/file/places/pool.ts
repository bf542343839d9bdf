import { GatehouseError } from '../../../contract/errors.ts';
import { Lost, abortWords } from './faults.ts';

/** A connection as the pool sees it. */
export interface Pooled {
  /** False once it is lost, or when an operation was given up on it: it gets no more work. */
  readonly usable: boolean;
  /** Ends it; operations still on it fail with `Lost`. */
  end(): void;
}

export interface PoolOptions<C> {
  /** For messages. */
  readonly name: string;
  readonly connections: number;
  /** Operations one connection carries side by side. */
  readonly each: number;
  readonly idleMs: number;
  readonly connectTimeoutMs: number;
  /** @throws GatehouseError, classified */
  dial(signal: AbortSignal): Promise<C>;
}

interface Slot<C> {
  readonly connection: C;
  load: number;
  idle: NodeJS.Timeout | null;
}

interface Waiter<C> {
  give(slot: Slot<C>): void;
  refuse(error: unknown): void;
}

export interface Lease<C> {
  readonly connection: C;
  release(): void;
}

/**
 * Warm connections to one place. One is dialled at a time: wrong credentials must cost one failed login, not one a connection. Who waits is
 * served in order, by what comes first, a connection that is free again or a new one. A lost connection is dialled anew by the next operation.
 */
export class Pool<C extends Pooled> {
  readonly #options: PoolOptions<C>;
  readonly #slots = new Set<Slot<C>>();
  readonly #waiting = new Set<Waiter<C>>();
  readonly #closing = new AbortController();
  #dialling: Promise<void> | null = null;

  constructor(options: PoolOptions<C>) {
    this.#options = options;
  }

  /** A connection to work on; give it back with `release`, whatever happens. @throws GatehouseError as `dial` does, NO_SESSION, UNREACHABLE, STOPPING */
  async lease(signal: AbortSignal): Promise<Lease<C>> {
    this.#refuseWhenOver(signal);
    const slot = this.#best() ?? (await this.#wait(signal));
    let released = false;
    return {
      connection: slot.connection,
      release: () => {
        if (!released) this.#release(slot);
        released = true;
      },
    };
  }

  async use<T>(signal: AbortSignal, work: (connection: C) => Promise<T>): Promise<T> {
    const { connection, release } = await this.lease(signal);
    try {
      return await work(connection);
    } finally {
      release();
    }
  }

  close(): void {
    this.#closing.abort();
    const error = new GatehouseError('STOPPING', `${this.#options.name}: the connections are closed`);
    for (const waiter of this.#waiting) waiter.refuse(error);
    for (const slot of this.#slots) this.#drop(slot);
  }

  #refuseWhenOver(signal: AbortSignal): void {
    if (this.#closing.signal.aborted) throw new GatehouseError('STOPPING', `${this.#options.name}: the connections are closed`);
    if (signal.aborted) throw new Lost(abortWords(signal), false);
  }

  /** The least loaded connection with room, taken. A second one is dialled beside it as soon as one is shared. */
  #best(): Slot<C> | null {
    let best: Slot<C> | null = null;
    for (const slot of this.#slots) {
      if (!slot.connection.usable) {
        if (slot.load === 0) this.#drop(slot);
      } else if (slot.load < this.#options.each && (best === null || slot.load < best.load)) best = slot;
    }
    if (best === null || this.#waiting.size > 0) return null;
    if (best.load > 0) this.#dial();
    return this.#taken(best);
  }

  #taken(slot: Slot<C>): Slot<C> {
    slot.load += 1;
    if (slot.idle !== null) clearTimeout(slot.idle);
    slot.idle = null;
    return slot;
  }

  #wait(signal: AbortSignal): Promise<Slot<C>> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const waiter: Waiter<C> = {
        give: (slot) => {
          done();
          resolve(slot);
        },
        refuse: (error) => {
          done();
          reject(error);
        },
      };
      const abort = (): void => {
        const { name, connections, each } = this.#options;
        const busy = [...this.#slots].some(({ connection }) => connection.usable);
        waiter.refuse(
          signal.reason instanceof GatehouseError
            ? signal.reason
            : busy
              ? new GatehouseError(
                  'NO_SESSION',
                  `${name}: none of ${connections} connections with ${each} operations each was free within the time of the call`,
                )
              : new GatehouseError('UNREACHABLE', `${name}: no connection within the time of the call`),
        );
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
      this.#serve();
      if (this.#waiting.has(waiter)) this.#dial();
    });
  }

  #dial(): void {
    if (this.#dialling !== null || this.#closing.signal.aborted || this.#slots.size >= this.#options.connections) return;
    const deadline = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.connectTimeoutMs)]);
    this.#dialling = this.#options.dial(deadline).then(
      (connection) => {
        this.#dialling = null;
        if (this.#closing.signal.aborted) return connection.end();
        const slot: Slot<C> = { connection, load: 0, idle: null };
        this.#slots.add(slot);
        this.#rest(slot);
        this.#serve();
        if (this.#waiting.size > 0) this.#dial();
        return undefined;
      },
      (error: unknown) => {
        this.#dialling = null;
        // With another connection at work, who waits gets that one: servers limit how many they grant.
        if ([...this.#slots].some(({ connection, load }) => connection.usable && load > 0)) return;
        for (const waiter of this.#waiting) waiter.refuse(error);
      },
    );
  }

  #serve(): void {
    for (const slot of this.#slots)
      while (slot.connection.usable && slot.load < this.#options.each) {
        const [waiter] = this.#waiting;
        if (waiter === undefined) return;
        waiter.give(this.#taken(slot));
      }
  }

  #release(slot: Slot<C>): void {
    slot.load -= 1;
    if (!slot.connection.usable) {
      if (slot.load === 0) this.#drop(slot);
    } else if (slot.load === 0) this.#rest(slot);
    this.#serve();
    if (this.#waiting.size > 0) this.#dial();
  }

  #rest(slot: Slot<C>): void {
    slot.idle = setTimeout(() => this.#drop(slot), this.#options.idleMs).unref();
  }

  #drop(slot: Slot<C>): void {
    if (slot.idle !== null) clearTimeout(slot.idle);
    this.#slots.delete(slot);
    slot.connection.end();
  }
}
