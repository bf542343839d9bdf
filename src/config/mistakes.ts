import { GatehouseError } from '../contract/errors.ts';

/** Every mistake of a configuration, collected so that all are said at once. */
export class Mistakes {
  readonly #found: string[] = [];

  add(path: string, origin: string, what: string): void {
    this.#found.push(`  ${path === '' ? '(top level)' : path}${origin === '' ? '' : ` (${origin})`}: ${what}`);
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /** @throws GatehouseError CONFIG_INVALID listing all, when there is any */
  check(): void {
    if (!this.any) return;
    const [head] = [`the configuration has ${this.#found.length} mistake${this.#found.length === 1 ? '' : 's'}:`];
    throw new GatehouseError('CONFIG_INVALID', [head, ...this.#found].join('\n'));
  }
}

/** The known name nearest to a wrong one, when it is near enough to be meant. */
export function nearest(wrong: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, distance: distanceOf(wrong.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(1, Math.floor(wrong.length / 3)) ? best.name : null;
}

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
