import { type Clock } from '../contract/clock.ts';
import { type Journal, type Started } from '../contract/journal.ts';
import { type System } from './system.ts';

const maxIdleMs = 30_000;

export interface ScheduleSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly build: string;
  work(system: System, started: Started, released: () => void): Promise<void>;
  journalFailed(error: unknown): void;
}

/**
 * Who works next: the oldest ready translation of a system when a slot is free (rules 17, 18), what is due when its time has come, and
 * what was at work at an unclean end alone, with nothing beside it (rule 6).
 */
export class Schedule {
  readonly #around: ScheduleSurroundings;
  readonly #systems: ReadonlyMap<string, System>;
  readonly #pumping = new Set<System>();
  readonly #again = new Set<System>();
  readonly #work = new Set<Promise<void>>();
  /** Who waits for a slot of a system without being a translation, in order. */
  readonly #waiters = new Map<System, ((taken: boolean) => void)[]>();
  #alone = false;
  #stopped = false;
  #cancelWake: () => void = () => undefined;
  #wakeAtMs = Infinity;

  constructor(around: ScheduleSurroundings, systems: ReadonlyMap<string, System>) {
    this.#around = around;
    this.#systems = systems;
  }

  /** Runs what was interrupted, alone, then lets everything go. */
  async start(): Promise<void> {
    for (const system of this.#systems.values()) system.suspects = true;
    await this.#runSuspects();
    await this.#wake();
    for (const system of this.#systems.values()) this.pump(system);
  }

  /** Begins nothing more; resolves when what is at work has ended, or after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelWake();
    for (const waiter of [...this.#waiters.values()].flatMap((waiters) => waiters.splice(0))) waiter(false);
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#around.clock.after(drainMs, resolve);
    });
    await Promise.race([this.#idle(), patience]);
    cancel();
  }

  async #idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  /** Takes a slot for a translation that intake is about to begin in its own commit. */
  reserve(system: System): boolean {
    if (this.#stopped || this.#alone || system.suspects || this.#pumping.has(system) || !system.startable()) return false;
    system.running += 1;
    return true;
  }

  /** The reserved slot was not needed. */
  release(system: System): void {
    system.running -= 1;
    this.pump(system);
  }

  /** Resolves when a slot of the system is taken for the caller, before any translation that has not begun; the answer gives it back. Null: it stops. */
  async slot(system: System): Promise<(() => void) | null> {
    if (this.#stopped) return null;
    const taken = await new Promise<boolean>((resolve) => {
      this.#waiters.set(system, [...(this.#waiters.get(system) ?? []), resolve]);
      this.pump(system);
    });
    return taken ? () => this.release(system) : null;
  }

  #serve(system: System): void {
    const waiters = this.#waiters.get(system) ?? [];
    while (waiters.length > 0 && !this.#pumping.has(system) && !system.suspects && system.startable()) {
      system.running += 1;
      waiters.shift()?.(true);
    }
  }

  /** Works a translation whose slot is taken. */
  launch(system: System, started: Started): void {
    let released = false;
    const free = (): void => {
      if (released) return;
      released = true;
      system.running -= 1;
      this.pump(system);
    };
    const work = this.#around.work(system, started, free).finally(() => {
      free();
      this.#work.delete(work);
    });
    this.#work.add(work);
  }

  /** Fills the free slots of a system from the journal. Cheap when there is nothing to do. */
  pump(system: System): void {
    if (this.#stopped || this.#alone) return;
    this.#serve(system);
    if (this.#pumping.has(system)) {
      this.#again.add(system);
      return;
    }
    if (!system.startable()) return;
    if (system.suspects) {
      void this.#runSuspects().catch(this.#around.journalFailed);
      return;
    }
    this.#pumping.add(system);
    void this.#fill(system)
      .catch(this.#around.journalFailed)
      .finally(() => {
        this.#pumping.delete(system);
        if (this.#again.delete(system)) this.pump(system);
      });
  }

  async #fill(system: System): Promise<void> {
    const free = system.slots - system.running;
    system.running += free;
    let begun: readonly Started[] = [];
    try {
      begun = await this.#begin(system, free, false);
    } finally {
      system.running -= free;
    }
    for (const started of begun) {
      system.running += 1;
      this.launch(system, started);
    }
    if (begun.length === free && free > 0) this.#again.add(system);
  }

  async #begin(system: System, limit: number, suspects: boolean): Promise<readonly Started[]> {
    const options = { nowMs: this.#around.clock.wallMs(), suspects, build: this.#around.build };
    const safe = system.trial ? await this.#around.journal.begin(system.name, system.operations(true), limit, options) : [];
    return safe.length > 0 ? safe : this.#around.journal.begin(system.name, system.operations(false), limit, options);
  }

  /** One at a time in the whole process: the one that ends it again is known by that. */
  async #runSuspects(): Promise<void> {
    if (this.#alone) return;
    this.#alone = true;
    try {
      await this.#idle();
      for (const system of this.#systems.values()) {
        while (system.suspects && !this.#stopped && system.startable()) {
          const [started] = await this.#begin(system, 1, true);
          if (started === undefined) {
            system.suspects = false;
          } else {
            system.running += 1;
            this.launch(system, started);
            await this.#idle();
          }
        }
      }
    } finally {
      this.#alone = false;
    }
    for (const system of this.#systems.values()) this.pump(system);
  }

  /** Something is due at this time of the steady clock. */
  due(dueMs: number): void {
    const waitMs = Math.max(1, dueMs - this.#around.clock.steadyMs());
    if (this.#around.clock.monotonicMs() + waitMs < this.#wakeAtMs) this.#wakeIn(waitMs);
  }

  #wakeIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancelWake();
    this.#wakeAtMs = this.#around.clock.monotonicMs() + ms;
    this.#cancelWake = this.#around.clock.after(ms, () => void this.#wake().catch(this.#around.journalFailed));
  }

  async #wake(): Promise<void> {
    const { clock, journal } = this.#around;
    // What becomes due while the journal is asked may be in its answer or not: the earlier timer stands.
    this.#cancelWake();
    this.#wakeAtMs = Infinity;
    const { systems, nextDueMs } = await journal.wake(clock.steadyMs());
    const waitMs = nextDueMs === null ? maxIdleMs : Math.min(maxIdleMs, Math.max(1, nextDueMs - clock.steadyMs()));
    if (clock.monotonicMs() + waitMs < this.#wakeAtMs) this.#wakeIn(waitMs);
    for (const name of systems) {
      const system = this.#systems.get(name);
      if (system !== undefined) this.pump(system);
    }
  }
}
