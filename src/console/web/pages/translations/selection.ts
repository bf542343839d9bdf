import { computed, signal } from '@preact/signals';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';

/** More than these are chosen by a search, not one by one. */
export const mostSelected = 1_000;

/** The translations that a person has picked, wherever the list has been scrolled meanwhile. */
export class Selection {
  readonly ids = signal<ReadonlyMap<number, string>>(new Map());
  readonly size = computed(() => this.ids.value.size);

  has(seq: number): boolean {
    return this.ids.value.has(seq);
  }

  toggle({ seq, id }: TranslationRow): void {
    const next = new Map(this.ids.peek());
    if (!next.delete(seq) && next.size < mostSelected) next.set(seq, id);
    this.ids.value = next;
  }

  add(rows: readonly TranslationRow[]): void {
    const next = new Map(this.ids.peek());
    for (const { seq, id } of rows) if (next.size < mostSelected) next.set(seq, id);
    this.ids.value = next;
  }

  clear(): void {
    if (this.ids.peek().size > 0) this.ids.value = new Map();
  }
}
