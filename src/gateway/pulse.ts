import { type Clock } from '../contract/clock.ts';
import { type Pulse } from '../contract/pulse.ts';
import { Durations } from './durations.ts';
import { Ring } from './ring.ts';

const stepMs = 10_000;
const steps = 360;
const minuteMs = 60_000;
const minutes = 60;

/** The gateway itself let them wait: that says nothing of the system. */
const heldBack = new Set(['SYSTEM_UNAVAILABLE', 'STOPPING']);

interface CallRings {
  readonly answered: Ring;
  readonly failed: Ring;
  readonly durations: Durations;
}

interface ErrorRing {
  readonly counts: Ring;
  lastMs: number;
}

/** Counts what one system does, for people: the last hour in memory, nothing of it in the journal. */
export class PulseMeter {
  readonly #clock: Clock;
  readonly #received = new Ring(steps);
  readonly #finished = new Ring(steps);
  readonly #parked = new Ring(steps);
  /** By name: as many as the adapter declares. */
  readonly #calls = new Map<string, CallRings>();
  /** By code: as many as there are codes. */
  readonly #errors = new Map<string, ErrorRing>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  received(): void {
    this.#received.add(this.#step());
  }

  finished(): void {
    this.#finished.add(this.#step());
  }

  parked(): void {
    this.#parked.add(this.#step());
  }

  /** A call has ended. `leftMs`: monotonic clock when it left; null when it did not. */
  called(name: string, outcome: { readonly end: string; readonly error?: { readonly code: string } }, leftMs: number | null): void {
    if (outcome.end === 'gathered') return;
    if (outcome.error === undefined) {
      const { answered, durations } = this.#call(name);
      answered.add(this.#step());
      if (leftMs !== null) durations.add(this.#minute(), this.#clock.monotonicMs() - leftMs);
      return;
    }
    const { code } = outcome.error;
    if (heldBack.has(code)) return;
    this.#call(name).failed.add(this.#step());
    const error = this.#errors.get(code) ?? { counts: new Ring(minutes), lastMs: 0 };
    error.counts.add(this.#minute());
    error.lastMs = this.#clock.wallMs();
    this.#errors.set(code, error);
  }

  read(system: string): Pulse {
    const [step, minute] = [this.#step(), this.#minute()];
    return {
      system,
      atMs: this.#clock.wallMs(),
      stepMs,
      received: this.#received.counts(step),
      finished: this.#finished.counts(step),
      parked: this.#parked.counts(step),
      calls: [...this.#calls].map(([name, { answered, failed, durations }]) => {
        const { whole, each } = durations.read(minute);
        const p95Ms = each.map((latency) => latency?.p95Ms ?? null);
        return { name, answered: answered.counts(step), failed: failed.counts(step), latency: whole, p95Ms };
      }),
      errors: [...this.#errors]
        .map(([code, { counts, lastMs }]) => ({ code, count: counts.counts(minute).reduce((sum, count) => sum + count, 0), lastMs }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => b.count - a.count),
    };
  }

  #call(name: string): CallRings {
    const known = this.#calls.get(name);
    if (known !== undefined) return known;
    const rings = { answered: new Ring(steps), failed: new Ring(steps), durations: new Durations(minutes) };
    this.#calls.set(name, rings);
    return rings;
  }

  #step(): number {
    return Math.floor(this.#clock.monotonicMs() / stepMs);
  }

  #minute(): number {
    return Math.floor(this.#clock.monotonicMs() / minuteMs);
  }
}
