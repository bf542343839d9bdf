import { type DueBatch } from '../contract/batch.ts';
import { type Failure } from '../contract/journal.ts';
import { BatchAttempt, type AttemptSurroundings, passOnPage } from './batch-attempt.ts';
import { type System, failureOf } from './system.ts';

const maxIdleMs = 30_000;
/** A batch whose members change while it is made is made again at once, so often. */
const mostRebuilds = 20;

export interface BatchesSurroundings extends AttemptSurroundings {
  readonly systems: ReadonlyMap<string, System>;
  /** Resolves with a slot of the system; the answer gives it back. Null: the gateway is stopping. */
  slot(system: System): Promise<(() => void) | null>;
  /** Translations of this system may be able to start. */
  pump(system: System): void;
  journalFailed(error: unknown): void;
}

/**
 * Closes batches when they are due, one at a time a system: made like a call, with a slot, a rate token and a gate, judged by the same
 * verdicts. What became of a batch is one row; it is then passed on to the members a page at a time, so that nobody else waits.
 */
export class Batches {
  readonly #around: BatchesSurroundings;
  readonly #loops = new Map<System, Promise<void>>();
  readonly #telling = new Map<System, Promise<void>>();
  readonly #again = new Set<System>();
  readonly #timers = new Map<System, { readonly atMs: number; readonly cancel: () => void }>();
  #started = false;
  #stopped = false;

  constructor(around: BatchesSurroundings) {
    this.#around = around;
  }

  start(): void {
    this.#started = true;
    for (const system of this.#around.systems.values()) this.wake(system);
  }

  /** Begins nothing more; resolves when what is at work has ended, or after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#timers.values()) cancel();
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#around.clock.after(drainMs, resolve);
    });
    await Promise.race([Promise.allSettled([...this.#loops.values(), ...this.#telling.values()]), patience]);
    cancel();
  }

  /** A batch of this system is due at this time of the steady clock, ms. */
  due(system: System, dueMs: number): void {
    const { clock } = this.#around;
    const waitMs = Math.min(maxIdleMs, Math.max(0, dueMs - clock.steadyMs()));
    if (waitMs === 0) return this.wake(system);
    const atMs = clock.monotonicMs() + waitMs;
    const timer = this.#timers.get(system);
    if (this.#stopped || (timer !== undefined && timer.atMs <= atMs)) return;
    timer?.cancel();
    this.#timers.set(system, {
      atMs,
      cancel: clock.after(waitMs, () => {
        this.#timers.delete(system);
        this.wake(system);
      }),
    });
  }

  /** Something may have become possible. */
  wake(system: System): void {
    if (!this.#started || this.#stopped) return;
    if (this.#loops.has(system)) {
      this.#again.add(system);
      // It may stand in line for a slot for as long as the system is down; what a person has settled does not wait for that.
      this.#tellBeside(system);
      return;
    }
    const loop = this.#loop(system)
      .catch((error: unknown) => this.#failed(system, error))
      .finally(() => {
        this.#loops.delete(system);
        if (this.#again.delete(system)) this.wake(system);
      });
    this.#loops.set(system, loop);
  }

  #tellBeside(system: System): void {
    if (this.#telling.has(system)) return;
    const telling = this.#tell(system)
      .catch((error: unknown) => this.#failed(system, error))
      .finally(() => this.#telling.delete(system));
    this.#telling.set(system, telling);
  }

  async #tell(system: System): Promise<void> {
    const { journal, clock } = this.#around;
    while (!this.#stopped) {
      const { batch } = await journal.dueBatch(system.name, clock.steadyMs(), true);
      if (batch === null) return;
      await this.#passOn(system, batch.seq);
    }
  }

  /** Nobody else may have a reason to wake it. */
  #failed(system: System, error: unknown): void {
    this.#around.journalFailed(error);
    this.due(system, this.#around.clock.steadyMs() + maxIdleMs);
  }

  async #loop(system: System): Promise<void> {
    const { journal, clock } = this.#around;
    while (!this.#stopped) {
      const open = system.gate(system.settings.callTimeoutMs).open;
      const { batch, nextDueMs } = await journal.dueBatch(system.name, clock.steadyMs(), !open);
      if (batch === null) {
        if (nextDueMs !== null) this.due(system, nextDueMs);
        return;
      }
      if (batch.passing) await this.#passOn(system, batch.seq);
      else if (!(await this.#work(system, batch))) return;
    }
  }

  async #passOn(system: System, seq: number): Promise<void> {
    while (!this.#stopped && (await this.#around.journal.passOn(seq, passOnPage, this.#around.clock.wallMs()))) this.#around.pump(system);
    this.#around.pump(system);
  }

  /** @returns false when nothing can be done now: somebody wakes the loop when it can */
  async #work(system: System, batch: DueBatch): Promise<boolean> {
    const { clock, slot } = this.#around;
    const declaration = system.declaration(batch.call);
    const link = declaration === undefined ? undefined : system.linkOf(declaration);
    if (declaration === undefined || link?.give === undefined) {
      await this.#gone(system, batch);
      return true;
    }
    const timeoutMs = system.timeoutMsOf(declaration);
    const gate = system.gate(timeoutMs);
    if (!gate.open) {
      if (system.stopping) return false;
      // Its hours end before this call would be over; shorter ones behind it may still go.
      await this.#later(batch, clock.steadyMs() + maxIdleMs, failureOf(gate.error));
      return true;
    }
    const release = await slot(system);
    if (release === null) return false;
    try {
      if (this.#stopped) return false;
      for (let rebuilt = 0; ; rebuilt += 1) {
        const tried = await this.#around.journal.tryBatch(batch.seq, clock.wallMs());
        if (tried === null) return true;
        const attempt = new BatchAttempt(this.#around, system, tried, timeoutMs);
        const end = await attempt.make();
        if (end !== 'again' || rebuilt >= mostRebuilds) return end !== 'stop';
      }
    } finally {
      release();
    }
  }

  async #gone(system: System, batch: DueBatch): Promise<void> {
    const way = batch.state === 'open' ? 'discard its members' : 'settle the batch';
    const message = `${system.name}: the adapter no longer gathers calls of '${batch.call}': bring it back, or ${way}`;
    await this.#later(batch, this.#around.clock.steadyMs() + system.settings.retry.maxMs, { code: 'CALL_UNKNOWN', message });
  }

  /** No try has begun: none is given back. */
  async #later({ seq }: DueBatch, untilMs: number, failure: Failure): Promise<void> {
    await this.#around.journal.batchEnded(seq, { state: 'waiting', untilMs, failure, counts: true }, [], this.#around.clock.wallMs());
  }
}
