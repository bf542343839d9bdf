import { type JSX } from 'preact';
import { type Flow } from '../../../../contract/flow.ts';
import { Copy } from '../../kit/copy.tsx';
import { Empty } from '../../kit/empty.tsx';
import { href, path } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, shownState, signs, type ShownState } from '../../kit/state.tsx';
import { useChanges } from '../../kit/use-changes.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { FlowGraph } from './flow-graph.tsx';
import { FlowList } from './flow-list.tsx';
import './flows.css';
import { RecentFlows } from './recent-flows.tsx';

const againMs = 1_000;

/** Page 6: what one event set going, across operations and systems. */
export function FlowsPage(): JSX.Element {
  const [, correlation] = path.value;
  return (
    <div class="flows">
      <h1>Flows</h1>
      {correlation === undefined ? <RecentFlows /> : <OneFlow key={correlation} correlation={correlation} />}
    </div>
  );
}

function OneFlow({ correlation }: { readonly correlation: string }): JSX.Element {
  const changes = useChanges(`correlation=${encodeURIComponent(correlation)}`, againMs);
  const { value, failure, slow } = useLoaded<Flow>(`/api/flows/${encodeURIComponent(correlation)}`, changes);
  return (
    <section aria-labelledby="flow">
      <p>
        <a href={href('flows')}>← Other flows</a>
      </p>
      <h2 id="flow">
        <span class="hint">correlation</span> <span class="mono">{shownText(correlation)}</span>
        <Copy text={correlation} what="correlation id" />
      </h2>
      {value === null ? (
        failure === null ? (
          <p class="hint">{slow ? 'Loading…' : ''}</p>
        ) : (
          <Empty title="There is no such flow">
            <p class="failure" role="alert">
              {failure}
            </p>
            <p>
              A correlation id stands on every <a href={href('translations')}>translation</a>.
            </p>
          </Empty>
        )
      ) : (
        <>
          <Summary flow={value} />
          {value.more ? <p class="hint">The flow is larger: the first {value.translations.length} translations are shown.</p> : null}
          <FlowGraph flow={value} />
          <details class="flow-words">
            <summary>As a list</summary>
            <FlowList flow={value} />
          </details>
        </>
      )}
    </section>
  );
}

/** How many are in which state. */
function Summary({ flow: { translations, events } }: { readonly flow: Flow }): JSX.Element {
  const counts = new Map<ShownState, number>();
  for (const row of translations) counts.set(shownState(row), (counts.get(shownState(row)) ?? 0) + 1);
  return (
    <p class="flow-summary" role="status">
      {translations.length} {translations.length === 1 ? 'translation' : 'translations'}, {events.length} {events.length === 1 ? 'event' : 'events'}:
      {(Object.keys(signs) as ShownState[])
        .filter((state) => counts.has(state))
        .map((state) => (
          <span key={state}>
            {' '}
            {counts.get(state)} <State of={state} />
          </span>
        ))}
    </p>
  );
}
