import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flow, type FlowEdge, type FlowEvent } from '../../../../contract/flow.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { layoutOf, nodeHeight, nodeWidth, outside } from './layout.ts';

const translation = (id: string, system: string): TranslationRow => ({ id, system }) as TranslationRow;
const event = (node: string): FlowEvent => ({
  node,
  id: node,
  source: '/s',
  type: 't',
  state: null,
  routed: null,
  readable: false,
  publishedMs: null,
});
const flowOf = (translations: TranslationRow[], events: string[], edges: FlowEdge[]): Flow => ({
  correlation: 'c',
  translations,
  events: events.map(event),
  edges,
  more: false,
});

describe('the layout of a flow', () => {
  it('goes from left to right by cause, with a lane a system, and a reply in the lane of who gave it', () => {
    const { nodes, lanes } = layoutOf(
      flowOf(
        [translation('t1', 'crm'), translation('t2', 'depot')],
        ['asked', 'told'],
        [
          { from: 'asked', to: 't1', kind: 'starts' },
          { from: 't1', to: 'told', kind: 'publishes' },
          { from: 'told', to: 't2', kind: 'starts' },
        ],
      ),
    );
    const order = ['asked', 't1', 'told', 't2'].map((name) => nodes.get(name));
    expect(order.map((each) => each?.x)).toEqual(order.map((each) => each?.x).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(order.map((each) => each?.lane)).toEqual([outside, 'crm', 'crm', 'depot']);
    expect(lanes.map(({ name }) => name)).toEqual([outside, 'crm', 'depot']);
  });

  it('covers nothing with anything, keeps to its lanes and its size, and has every cause left of its effect unless they go in a circle', () => {
    const arbitrary = fc.record({
      events: fc.integer({ min: 0, max: 12 }),
      systems: fc.array(fc.constantFrom('crm', 'depot', 'ledger'), { maxLength: 12 }),
      links: fc.array(fc.tuple(fc.nat(23), fc.nat(23)), { maxLength: 40 }),
      forwards: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, ({ events, systems, links, forwards }) => {
        const eventNames = Array.from({ length: events }, (_, n) => `e${n}`);
        const names = [...eventNames, ...systems.map((_, n) => `t${n}`)];
        const edges = links.flatMap(([a, b]): FlowEdge[] => {
          const [from, to] = forwards ? [Math.min(a, b), Math.max(a, b)] : [a, b];
          return from === to ? [] : [{ from: names[from] ?? 'nobody', to: names[to] ?? 'nobody', kind: 'starts' }];
        });
        const flow = flowOf(
          systems.map((system, n) => translation(`t${n}`, system)),
          eventNames,
          edges,
        );
        const { nodes, lanes, width, height } = layoutOf(flow);
        expect(nodes.size).toBe(names.length);
        const placed = [...nodes.values()];
        for (const [index, a] of placed.entries()) {
          const lane = lanes.find(({ name }) => name === a.lane);
          expect(a.y >= (lane?.y ?? Infinity) && a.y + nodeHeight <= (lane?.y ?? 0) + (lane?.height ?? 0)).toBe(true);
          expect(a.x + nodeWidth <= width && a.y + nodeHeight <= height).toBe(true);
          for (const b of placed.slice(index + 1)) expect(Math.abs(a.x - b.x) >= nodeWidth || Math.abs(a.y - b.y) >= nodeHeight).toBe(true);
        }
        if (forwards) for (const { from, to } of edges) expect((nodes.get(from)?.x ?? -1) < (nodes.get(to)?.x ?? Infinity)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
