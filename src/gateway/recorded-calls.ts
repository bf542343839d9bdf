import { type RecordedCall } from '../contract/journal.ts';

/**
 * The calls that earlier runs have left behind: law, in whatever order the code asks for them (rule 5). What the code asks beside them waits
 * until it has asked for all of them; if it never does, it has changed.
 */
export class RecordedCalls {
  readonly #toAsk: RecordedCall[];
  readonly #heldBack: { readonly name: string; go(): void }[] = [];
  readonly #asked = new Map<string, number>();

  constructor(recorded: readonly RecordedCall[]) {
    this.#toAsk = [...recorded];
  }

  get allAsked(): boolean {
    return this.#toAsk.length === 0;
  }

  /** Which equal call of the run this one is, from 0. */
  nth(name: string, digest: string): number {
    const equal = `${name} ${digest}`;
    const before = this.#asked.get(equal) ?? 0;
    this.#asked.set(equal, before + 1);
    return before;
  }

  /** The recorded call that the code asks for, null when there is none. With the last one, what was held back goes on. */
  take(name: string, digest: string): RecordedCall | null {
    const index = this.#toAsk.findIndex((call) => call.name === name && call.digest === digest);
    if (index < 0) return null;
    const [call] = this.#toAsk.splice(index, 1);
    if (this.allAsked) this.release();
    return call ?? null;
  }

  /** Resolves when the call may go on, or has been released because the run is over. */
  holdBack(name: string, digest: string): Promise<void> {
    return new Promise((go) => void this.#heldBack.push({ name: shortened(name, digest), go }));
  }

  release(): void {
    for (const { go } of this.#heldBack.splice(0)) go();
  }

  /** Both sides, when all `open` calls of the run are held back: nothing can come any more that would ask for the rest. Null otherwise. */
  mismatch(open: number): string | null {
    if (this.#heldBack.length === 0 || this.#heldBack.length < open) return null;
    const asks = this.#heldBack.map(({ name }) => name).join(', ');
    return `had left or been answered: ${this.#toAsk.map(nameOf).join(', ')}; the operation now asks for: ${asks}`;
  }

  /** The first effect that the code has not asked for, in words; null when it may return. Forgotten reads do no harm. */
  forgotten(): string | null {
    const call = this.#toAsk.find(({ effect }) => effect !== 'read');
    return call === undefined ? null : nameOf(call);
  }
}

const shortened = (name: string, digest: string, more = ''): string => `${name} (${digest.slice(0, 8)}${more})`;

const nameOf = ({ name, digest, state }: RecordedCall): string => shortened(name, digest, `, ${state}`);
