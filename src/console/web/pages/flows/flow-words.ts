import { type Flow, type FlowEvent } from '../../../../contract/flow.ts';
import { isUnrouted } from '../../../../contract/reach.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';

/** What became of an event, in words. */
export function eventState(event: FlowEvent): string {
  const { state } = event;
  if (state === null) return 'received';
  if (state === 'published') return isUnrouted(event) ? '! no queue was bound' : 'published';
  return state === 'refused' ? '! refused by the bus' : 'on its way';
}

/** One line of the flow as a list. `again`: it was told before, with all that follows. */
export interface FlowLine {
  readonly depth: number;
  readonly of: { readonly event: FlowEvent } | { readonly translation: TranslationRow };
  readonly again: boolean;
}

/** The flow as nested lines, each node told once with what follows from it. */
export function linesOf({ translations, events, edges }: Flow): readonly FlowLine[] {
  const byName = new Map<string, FlowLine['of']>([
    ...events.map((event): [string, FlowLine['of']] => [event.node, { event }]),
    ...translations.map((translation): [string, FlowLine['of']] => [translation.id, { translation }]),
  ]);
  const effects = new Map<string, string[]>();
  const caused = new Set<string>();
  for (const { from, to } of edges) {
    effects.set(from, [...(effects.get(from) ?? []), to]);
    caused.add(to);
  }
  const lines: FlowLine[] = [];
  const told = new Set<string>();
  // Not by recursion: a cascade may be as deep as the gateway lets events pass through it.
  const tell = (root: string): void => {
    const open: { name: string; depth: number }[] = [{ name: root, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { name, depth } = next;
      const of = byName.get(name);
      if (of === undefined) continue;
      const again = told.has(name);
      lines.push({ depth, of, again });
      if (again) continue;
      told.add(name);
      for (const effect of (effects.get(name) ?? []).toReversed()) open.push({ name: effect, depth: depth + 1 });
    }
  };
  for (const name of byName.keys()) if (!caused.has(name)) tell(name);
  for (const name of byName.keys()) if (!told.has(name)) tell(name);
  return lines;
}
