import { type StoryCall } from '../contract/journal-reader.ts';
import { type Json, canonical } from '../contract/json.ts';

/** A recorded call for a call of a dry run. `exact`: its arguments are the same. */
export interface Match {
  readonly call: StoryCall | null;
  readonly exact: boolean;
}

/** The calls of a translation, to be asked for one by one in the order of a dry run. */
export class RecordedAnswers {
  /** Runs in order, newest first, each with its calls by name; those of probes are no part of what the operation asks. */
  readonly #runs: readonly ReadonlyMap<string, readonly { readonly call: StoryCall; readonly args: string }[]>[];
  readonly #asked = new Map<string, number>();
  readonly #taken = new Set<number>();
  readonly #exact = new Set<number>();
  #strangers = 0;
  readonly #law: readonly StoryCall[];

  constructor(calls: readonly StoryCall[]) {
    const own = calls.filter(({ probeOf }) => probeOf === null);
    const runs = [...new Set(own.map(({ run }) => run))].sort((a, b) => b - a);
    const keyed = own.map((call) => ({ call, args: canonical(call.args) }));
    this.#runs = runs.map((run) =>
      Map.groupBy(
        keyed.filter(({ call }) => call.run === run),
        ({ call }) => call.name,
      ),
    );
    const left = own.filter(({ effect, state }) => effect !== 'read' && state !== 'not sent' && state !== 'gathered').map(({ run }) => run);
    this.#law = left.length === 0 ? [] : own.filter(({ run, state }) => run >= Math.min(...left) && state !== 'not sent');
  }

  /** The same call of the newest run that had as many equal ones, or the one of its name in the same place. */
  match(name: string, args: Json): Match {
    const wanted = canonical(args);
    const nth = this.#count(`${name} ${wanted}`);
    const place = this.#count(name);
    const equal = this.#runs.map((run) => (run.get(name) ?? []).filter((each) => each.args === wanted).map(({ call }) => call)[nth]);
    const same = equal.find((call) => call?.state === 'answered') ?? equal.find((call) => call !== undefined);
    if (same !== undefined) {
      this.#taken.add(same.seq);
      this.#exact.add(same.seq);
      return { call: same, exact: true };
    }
    this.#strangers += 1;
    const named = this.#runs.map((run) => (run.get(name) ?? []).map(({ call }) => call)[place]).filter((call) => call !== undefined);
    const free = named.filter(({ seq }) => !this.#taken.has(seq));
    const call = free.find(({ state }) => state === 'answered') ?? free[0] ?? null;
    if (call !== null) this.#taken.add(call.seq);
    return { call, exact: false };
  }

  /** Whether the recording would refuse a retry that asks what was asked here (rule 5). */
  refusesRetry(): boolean {
    const forgotten = this.#law.filter(({ seq }) => !this.#exact.has(seq));
    return forgotten.some(({ effect }) => effect !== 'read') || (forgotten.length > 0 && this.#strangers > 0);
  }

  #count(key: string): number {
    const before = this.#asked.get(key) ?? 0;
    this.#asked.set(key, before + 1);
    return before;
  }
}
