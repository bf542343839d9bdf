import { type Latency } from '../contract/pulse.ts';
import { Ring } from './ring.ts';

/** Four to a doubling, from 1 ms to 70 minutes: each is 19 % wide, so its middle is off by less than a tenth. */
const perDoubling = 4;
const bins = 22 * perDoubling + 1;

/** How long things took in the last `slots` stretches of time, as histograms on a logarithmic scale. */
export class Durations {
  readonly #ring: Ring;

  constructor(slots: number) {
    this.#ring = new Ring(slots, bins);
  }

  add(tick: number, ms: number): void {
    this.#ring.add(tick, binOf(ms));
  }

  /** Of all slots together, and of each, oldest first. */
  read(tick: number): { readonly whole: Latency | null; readonly each: readonly (Latency | null)[] } {
    const slots = this.#ring.read(tick);
    const sum = new Uint32Array(bins);
    for (const slot of slots) for (const [bin, count] of slot.entries()) sum[bin] = (sum[bin] ?? 0) + count;
    return { whole: latencyOf(sum), each: slots.map(latencyOf) };
  }
}

function binOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(bins - 1, Math.ceil(Math.log2(ms) * perDoubling));
}

/** The geometric middle of a bin, ms. */
const middleOf = (bin: number): number => (bin === 0 ? 1 : Math.round(10 * 2 ** ((bin - 0.5) / perDoubling)) / 10);

function latencyOf(counts: Uint32Array): Latency | null {
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count === 0) return null;
  const at = (share: number): number => {
    let left = Math.ceil(count * share);
    return middleOf(counts.findIndex((each) => (left -= each) <= 0));
  };
  return { count, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
