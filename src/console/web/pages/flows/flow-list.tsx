import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type Flow } from '../../../../contract/flow.ts';
import { isUnrouted } from '../../../../contract/reach.ts';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, outcomeOf, shownState } from '../../kit/state.tsx';
import { Time } from '../../kit/time.tsx';
import { type FlowLine, eventState, linesOf } from './flow-words.ts';

const mostDepthClass = 12;
const firstLines = 200;

/** The cascade as a list: the same as the graph, for whoever cannot or would rather not see it. */
export function FlowList({ flow }: { readonly flow: Flow }): JSX.Element {
  const most = useSignal(firstLines);
  const lines = linesOf(flow);
  return (
    <>
      <ul class="flow-list">
        {lines.slice(0, most.value).map((line, place) => (
          <li key={place} class={`depth-${Math.min(line.depth, mostDepthClass)}`} aria-level={line.depth + 1}>
            <Line line={line} />
          </li>
        ))}
      </ul>
      {lines.length > most.value ? (
        <button type="button" class="act act-plain" onClick={() => (most.value += 1_000)}>
          Show more ({lines.length - most.value} are left)
        </button>
      ) : null}
    </>
  );
}

function Line({ line: { of, again, depth } }: { readonly line: FlowLine }): JSX.Element {
  const nested = <span class="unseen">level {depth + 1}: </span>;
  if ('event' in of)
    return (
      <>
        {nested}event <span class="mono">{shownText(of.event.type)}</span>{' '}
        <span class={isUnrouted(of.event) || of.event.state === 'refused' ? 'failure' : 'hint'}>{eventState(of.event)}</span>
        {of.event.publishedMs === null ? null : (
          <>
            {' '}
            <Time ms={of.event.publishedMs} />
          </>
        )}
        {again ? <span class="hint"> (see above)</span> : null}
      </>
    );
  const { translation } = of;
  return (
    <>
      {nested}
      <State of={shownState(translation)} /> {translation.system}{' '}
      <a href={href('translations', translation.id)}>
        {translation.operation} <span class="mono">{translation.id.slice(0, 8)}</span>
      </a>{' '}
      <span class="hint">{shownText(outcomeOf(translation).slice(0, 200))}</span>
      {again ? <span class="hint"> (see above)</span> : null}
    </>
  );
}
