import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Page, type TranslationRow } from '../../../../contract/journal-reader.ts';
import { Empty } from '../../kit/empty.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, type ShownState, shownState, signs } from '../../kit/state.tsx';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';

const lookedThrough = 300;
const shownFlows = 40;

interface RecentFlow {
  readonly correlation: string;
  readonly rows: readonly TranslationRow[];
}

/** Asks for a correlation id, and offers those of late; the ones that reach over several translations first. */
export function RecentFlows(): JSX.Element {
  const again = useSignal(0);
  const { value, failure } = useLoaded<Page>(`/api/translations?limit=${lookedThrough}`, again);
  const asked = useSignal('');
  const input = useRef<HTMLInputElement>(null);
  useShortcuts(
    useMemo(
      () => [
        { key: '/', does: 'ask for a correlation id', run: () => input.current?.focus() },
        { key: 'r', does: 'look for newer flows', run: () => (again.value += 1) },
      ],
      [],
    ),
  );
  const flows = flowsIn(value?.rows ?? []);
  return (
    <>
      <form
        class="row flow-ask"
        onSubmit={(event) => {
          event.preventDefault();
          if (asked.value.trim() !== '') go(href('flows', asked.value.trim()));
        }}
      >
        <label>
          Correlation id{' '}
          <input
            ref={input}
            name="correlation"
            size={40}
            autoComplete="off"
            value={asked.value}
            onInput={(event) => (asked.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="act act-main">
          Show the flow
        </button>
      </form>
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {value !== null && flows.length === 0 ? (
        <Empty title="No event has come yet">
          <p>Send one; what follows from it will stand here. How to send one is on the page of the translations.</p>
        </Empty>
      ) : (
        <div class="wide">
          <table class="members">
            <caption class="hint">Of the last {lookedThrough} translations, those that go together</caption>
            <thead>
              <tr>
                <th scope="col">Last</th>
                <th scope="col">Correlation</th>
                <th scope="col">Begins with</th>
                <th scope="col">Systems</th>
                <th scope="col">Translations</th>
              </tr>
            </thead>
            <tbody>
              {flows.slice(0, shownFlows).map(({ correlation, rows }) => (
                <tr key={correlation}>
                  <td>
                    <Time ms={rows[0]?.receivedMs ?? 0} />
                  </td>
                  <td class="mono clip" title={shownText(correlation)}>
                    <a href={href('flows', correlation)}>{shownText(correlation.slice(0, 80))}</a>
                  </td>
                  <td class="clip" title={shownText(rows.at(-1)?.type ?? '')}>
                    {shownText(rows.at(-1)?.type ?? '')}
                  </td>
                  <td>{[...new Set(rows.map(({ system }) => system))].join(', ')}</td>
                  <td>
                    {statesIn(rows).map(([state, count]) => (
                      <span key={state}>
                        {count} <State of={state} />{' '}
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function flowsIn(rows: readonly TranslationRow[]): readonly RecentFlow[] {
  const flows = new Map<string, TranslationRow[]>();
  for (const row of rows) flows.set(row.correlation, [...(flows.get(row.correlation) ?? []), row]);
  return [...flows].map(([correlation, of]) => ({ correlation, rows: of })).sort((a, b) => Number(b.rows.length > 1) - Number(a.rows.length > 1));
}

function statesIn(rows: readonly TranslationRow[]): readonly (readonly [ShownState, number])[] {
  const counts = new Map<ShownState, number>();
  for (const row of rows) counts.set(shownState(row), (counts.get(shownState(row)) ?? 0) + 1);
  return (Object.keys(signs) as ShownState[]).flatMap((state) => (counts.has(state) ? [[state, counts.get(state) ?? 0] as const] : []));
}
