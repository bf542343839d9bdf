import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Page } from '../../../../contract/journal-reader.ts';
import { get } from '../../kit/api.ts';
import { Empty } from '../../kit/empty.tsx';
import { query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { FirstEvent } from './first-event.tsx';
import { search } from './search-bar.tsx';
import { type Condition, apiQuery, conditions, searchNames } from './search.ts';

/** Nothing fits: what to take away so that something does. */
export function NoRows(): JSX.Element {
  const asked = conditions(query.value);
  const without = useSignal<ReadonlyMap<string, boolean>>(new Map());
  useEffect(() => {
    if (asked.length < 2) return undefined;
    const aborter = new AbortController();
    for (const { name } of asked) {
      const rest = new URLSearchParams(query.value);
      rest.delete(name);
      const path = `/api/translations?${apiQuery(rest, Date.now())}&limit=1`;
      get<Page>(path, { signal: aborter.signal }).then(
        ({ rows }) => (without.value = new Map([...without.peek(), [name, rows.length > 0]])),
        () => undefined,
      );
    }
    return () => aborter.abort();
  }, [query.value]);
  if (asked.length === 0) return <FirstEvent />;
  const helps = ({ name }: Condition): boolean => without.value.get(name) === true;
  return (
    <Empty title="Nothing fits this search">
      <p>{asked.some(helps) ? 'There are some without one of these:' : 'Take something away:'}</p>
      <p class="chips">
        {[...asked]
          .sort((a, b) => Number(helps(b)) - Number(helps(a)))
          .map((condition) => (
            <button
              key={condition.name}
              type="button"
              class={`chip${helps(condition) ? ' chip-helps' : ''}`}
              onClick={() => search({ [condition.name]: '' })}
            >
              without {shownText(condition.words)}
              {helps(condition) ? <span class="unseen"> (there are some then)</span> : null}
            </button>
          ))}
        {asked.length < 2 ? null : (
          <button type="button" class="chip" onClick={() => search(Object.fromEntries(searchNames.map((name) => [name, ''])))}>
            show everything
          </button>
        )}
      </p>
      {query.value.has('text') ? (
        <p class="hint">
          A text finds the beginning of ids, keys, error codes, systems, operations and parts of event types, and whole words of what was said where
          that is searched.
        </p>
      ) : null}
    </Empty>
  );
}
