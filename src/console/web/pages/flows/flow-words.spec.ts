import { describe, expect, it } from 'vitest';
import { type Flow } from '../../../../contract/flow.ts';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { linesOf } from './flow-words.ts';

const event = (node: string): Flow['events'][number] => ({
  node,
  id: node,
  source: '/s',
  type: 't',
  state: null,
  routed: null,
  readable: false,
  publishedMs: null,
});
const told = (flow: Flow): string[] =>
  linesOf(flow).map(({ depth, of, again }) => `${'-'.repeat(depth)}${'event' in of ? of.event.node : of.translation.id}${again ? ' again' : ''}`);

describe('a flow as a list', () => {
  const edges: Flow['edges'] = [
    { from: 'asked', to: 't1', kind: 'starts' },
    { from: 'asked', to: 't2', kind: 'starts' },
    { from: 't1', to: 'told', kind: 'publishes' },
    { from: 't2', to: 'told', kind: 'publishes' },
  ];
  const translations = [{ id: 't1' }, { id: 't2' }] as TranslationRow[];

  it('tells each node under its cause, and what follows from it once', () =>
    expect(told({ correlation: 'c', translations, events: [event('asked'), event('told')], edges, more: false })).toEqual([
      'asked',
      '-t1',
      '--told',
      '-t2',
      '--told again',
    ]));

  it('tells a circle, too, and ends', () =>
    expect(
      told({
        correlation: 'c',
        translations: translations.slice(0, 1),
        events: [event('told')],
        edges: [
          { from: 'told', to: 't1', kind: 'starts' },
          { from: 't1', to: 'told', kind: 'publishes' },
        ],
        more: false,
      }),
    ).toEqual(['told', '-t1', '--told again']));
});
