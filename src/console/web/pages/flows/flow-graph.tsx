import { type ComponentChildren, type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type Flow, type FlowEvent } from '../../../../contract/flow.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { isUnrouted } from '../../../../contract/reach.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { shownState, signs } from '../../kit/state.tsx';
import { type FlowLine, eventState, linesOf } from './flow-words.ts';
import { type PlacedNode, layoutOf, lineOf, nodeHeight, nodeWidth } from './layout.ts';

const shownChars = 26;

/** The cascade as a graph: layers by cause, a lane for each system. Each node is a link. */
export function FlowGraph({ flow }: { readonly flow: Flow }): JSX.Element {
  const graph = useRef<SVGSVGElement>(null);
  // The states change while the shape stays.
  const shape = `${flow.translations.map(({ id }) => id).join(' ')}|${flow.events.map(({ node }) => node).join(' ')}|${flow.edges.length}`;
  const { nodes, lanes, width, height } = useMemo(() => layoutOf(flow), [shape]);
  const lines = useMemo(
    () =>
      flow.edges.flatMap(({ from, to, kind }) => {
        const [a, b] = [nodes.get(from), nodes.get(to)];
        return a === undefined || b === undefined ? [] : [{ path: lineOf(a, b), kind }];
      }),
    [nodes],
  );
  // By keyboard one follows what came of what.
  const order = useMemo(
    () => linesOf(flow).flatMap(({ of: line, again }) => (again ? [] : 'event' in line ? line.event.node : line.translation.id)),
    [nodes],
  );
  const of = new Map<string, FlowLine['of']>([
    ...flow.events.map((event): [string, FlowLine['of']] => [event.node, { event }]),
    ...flow.translations.map((translation): [string, FlowLine['of']] => [translation.id, { translation }]),
  ]);
  const move = (by: 1 | -1): void => {
    const links = [...(graph.current?.querySelectorAll<SVGAElement>('a') ?? [])];
    const at = links.indexOf(document.activeElement as unknown as SVGAElement);
    links[at === -1 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  };
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'the next node', run: () => move(1) },
        { key: 'k', does: 'the node before', run: () => move(-1) },
      ],
      [],
    ),
  );
  return (
    <div class="flow-ground" tabIndex={0} role="group" aria-label="The flow as a graph; as a list below">
      <svg ref={graph} class="flow" width={width} height={height}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path class="arrow" d="M0,0 L8,4 L0,8 z" />
          </marker>
        </defs>
        {lanes.map(({ name, y, height: tall }, place) => (
          <g key={name}>
            <rect class={place % 2 === 0 ? 'lane lane-even' : 'lane'} x={0} y={y} width="100%" height={tall} />
            <text class="lane-name" x={14} y={y + 15}>
              {shownText(name)}
            </text>
          </g>
        ))}
        {lines.map(({ path, kind }, place) => (
          <path key={place} class={`edge edge-${kind === 'is replayed as' ? 'replay' : 'cause'}`} d={path} marker-end="url(#arrow)" />
        ))}
        {order.map((name) => (
          <Node key={name} of={of.get(name)} at={nodes.get(name)} />
        ))}
      </svg>
    </div>
  );
}

function Node({ of, at }: { readonly of: FlowLine['of'] | undefined; readonly at: PlacedNode | undefined }): JSX.Element | null {
  if (of === undefined || at === undefined) return null;
  return 'event' in of ? <EventNode event={of.event} at={at} /> : <TranslationNode row={of.translation} at={at} />;
}

function TranslationNode({ row, at }: { readonly row: TranslationRow; readonly at: PlacedNode }): JSX.Element {
  const state = shownState(row);
  const [name, words] = [clipped(row.operation), row.failure === null || state === 'in doubt' ? state : `${state} · ${row.failure.code}`];
  return (
    <NodeLink to={href('translations', row.id)} words={`${name} ${words}, ${row.operation} of ${row.system}`} at={at} kind="translation">
      <text class="node-name" x={at.x + 10} y={at.y + 16}>
        {name}
      </text>{' '}
      <text class={`node-state state-${state.replace(' ', '-')}`} x={at.x + 10} y={at.y + 32}>
        <tspan aria-hidden="true">{signs[state]} </tspan>
        {words}
      </text>
    </NodeLink>
  );
}

function EventNode({ event, at }: { readonly event: FlowEvent; readonly at: PlacedNode }): JSX.Element {
  const state = eventState(event);
  const name = clipped(event.type.split('.').slice(-3).join('.'));
  const query = new URLSearchParams({ eventId: event.id }).toString();
  return (
    <NodeLink to={`${href('translations')}?${query}`} words={`${name} ${state}, event ${event.type}`} at={at} kind="event">
      <text class="node-name" x={at.x + 16} y={at.y + 16}>
        {name}
      </text>{' '}
      <text class={isUnrouted(event) || event.state === 'refused' ? 'node-state state-parked' : 'node-state'} x={at.x + 16} y={at.y + 32}>
        {state}
      </text>
    </NodeLink>
  );
}

interface NodeLinkProps {
  readonly to: string;
  readonly words: string;
  readonly at: PlacedNode;
  readonly kind: 'event' | 'translation';
  readonly children: ComponentChildren;
}

function NodeLink({ to, words, at, kind, children }: NodeLinkProps): JSX.Element {
  return (
    <a
      href={to}
      aria-label={shownText(words)}
      class={`node node-${kind}`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      <title>{shownText(words)}</title>
      <rect x={at.x} y={at.y} width={nodeWidth} height={nodeHeight} rx={kind === 'event' ? nodeHeight / 2 : 4} />
      {children}
    </a>
  );
}

const clipped = (text: string): string => shownText(text.length > shownChars ? `${text.slice(0, shownChars - 1)}…` : text);
