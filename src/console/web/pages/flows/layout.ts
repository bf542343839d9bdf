import { type Flow, type FlowEdge } from '../../../../contract/flow.ts';

export const nodeWidth = 190;
export const nodeHeight = 40;
const layerGap = 60;
const rowGap = 10;
const lanePadding = 14;
/** Room for the name of the lane. */
const laneHead = 22;

/** The lane of events that nothing shown has published. */
export const outside = 'from outside';

export interface PlacedNode {
  /** Node of an event, or id of a translation. */
  readonly node: string;
  readonly lane: string;
  readonly x: number;
  readonly y: number;
}

export interface Lane {
  readonly name: string;
  readonly y: number;
  readonly height: number;
}

export interface FlowLayout {
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  readonly lanes: readonly Lane[];
  readonly width: number;
  readonly height: number;
}

/**
 * Layers from left to right by cause, lanes from top to bottom by system: a reply stands in the lane of the system that gave it. No two nodes
 * cover each other. Each node and edge is looked at a few times, so that a large flow is placed at once.
 */
export function layoutOf(flow: Flow): FlowLayout {
  const names = [...flow.events.map(({ node }) => node), ...flow.translations.map(({ id }) => id)];
  const known = new Set(names);
  const edges = flow.edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const layers = layersOf(names, edges);
  const laneOf = lanesOf(flow, edges);
  const laneNames = [outside, ...new Set(flow.translations.map(({ system }) => system))].filter((lane) => [...laneOf.values()].includes(lane));
  const nodes = new Map<string, PlacedNode>();
  const lanes: Lane[] = [];
  const causes = grouped(edges);
  let top = 0;
  let last = 0;
  for (const lane of laneNames) {
    const byLayer = new Map<number, string[]>();
    for (const name of names) if (laneOf.get(name) === lane) put(byLayer, layers.get(name) ?? 0, name);
    let rows = 1;
    for (const [layer, members] of [...byLayer].sort(([a], [b]) => a - b)) {
      last = Math.max(last, layer);
      rows = Math.max(rows, members.length);
      const heights = new Map(members.map((name, place) => [name, middle(causes.get(name) ?? [], nodes) ?? top + place]));
      members.sort((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
      for (const [row, node] of members.entries())
        nodes.set(node, {
          node,
          lane,
          x: lanePadding + layer * (nodeWidth + layerGap),
          y: top + laneHead + row * (nodeHeight + rowGap),
        });
    }
    const height = laneHead + rows * (nodeHeight + rowGap) - rowGap + lanePadding;
    lanes.push({ name: lane, y: top, height });
    top += height;
  }
  return { nodes, lanes, width: 2 * lanePadding + last * (nodeWidth + layerGap) + nodeWidth, height: top };
}

/** The longest way from a beginning; in a circle, which only events with odd ids make, the order in which they came. */
function layersOf(names: readonly string[], edges: readonly FlowEdge[]): ReadonlyMap<string, number> {
  const effects = new Map<string, string[]>();
  const open = new Map(names.map((name) => [name, 0]));
  for (const { from, to } of edges) {
    put(effects, from, to);
    open.set(to, (open.get(to) ?? 0) + 1);
  }
  const layers = new Map<string, number>();
  const ready = names.filter((name) => open.get(name) === 0);
  const settle = (name: string): void => {
    const layer = layers.get(name) ?? 0;
    layers.set(name, layer);
    for (const effect of effects.get(name) ?? []) {
      const left = (open.get(effect) ?? 0) - 1;
      open.set(effect, left);
      if (left < 0) continue;
      layers.set(effect, Math.max(layers.get(effect) ?? 0, layer + 1));
      if (left === 0) ready.push(effect);
    }
  };
  for (let at = 0; at < ready.length; at += 1) settle(ready[at] ?? '');
  for (const name of names) {
    if ((open.get(name) ?? 0) <= 0) continue;
    open.set(name, 0);
    const from = ready.length;
    ready.push(name);
    for (let at = from; at < ready.length; at += 1) settle(ready[at] ?? '');
  }
  return layers;
}

function lanesOf({ translations, events }: Flow, edges: readonly FlowEdge[]): ReadonlyMap<string, string> {
  const lanes = new Map(translations.map(({ id, system }) => [id, system]));
  const publishers = new Map(edges.filter(({ kind }) => kind === 'publishes').map(({ from, to }) => [to, from]));
  for (const { node } of events) lanes.set(node, lanes.get(publishers.get(node) ?? '') ?? outside);
  return lanes;
}

function grouped(edges: readonly FlowEdge[]): ReadonlyMap<string, readonly string[]> {
  const causes = new Map<string, string[]>();
  for (const { from, to } of edges) put(causes, to, from);
  return causes;
}

/** The mean height of those that are placed. */
function middle(names: readonly string[], nodes: ReadonlyMap<string, PlacedNode>): number | null {
  const heights = names.flatMap((name) => nodes.get(name)?.y ?? []);
  return heights.length === 0 ? null : heights.reduce((sum, each) => sum + each, 0) / heights.length;
}

function put<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** A line from one node to another, to the right; back and around where it must go left. */
export function lineOf(from: PlacedNode, to: PlacedNode): string {
  const [startX, startY] = [from.x + nodeWidth, from.y + nodeHeight / 2];
  const [endX, endY] = [to.x, to.y + nodeHeight / 2];
  const bend = Math.max(layerGap / 2, Math.abs(endX - startX) / 2);
  return `M${startX},${startY} C${startX + bend},${startY} ${endX - bend},${endY} ${endX},${endY}`;
}
