import { type Clock } from '../contract/clock.ts';
import { type Json } from '../contract/json.ts';
import { type Journal, type LinkKey } from '../contract/journal.ts';
import { type Memory } from '../contract/memory.ts';

/** What one link remembers, in the journal. */
export class LinkMemory implements Memory {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #owner: LinkKey;

  constructor(journal: Journal, clock: Clock, owner: LinkKey) {
    this.#journal = journal;
    this.#clock = clock;
    this.#owner = owner;
  }

  get(key: string): Promise<Json | null> {
    return this.#journal.recall(this.#owner, key);
  }

  put(key: string, value: Json): Promise<void> {
    return this.#journal.remember(this.#owner, key, value, this.#clock.wallMs());
  }

  remove(key: string): Promise<void> {
    return this.#journal.forget(this.#owner, key);
  }
}
