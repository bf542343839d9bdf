import { expect, it } from 'vitest';
import { markerWords } from './marker-words.ts';

it.each([
  ['{"pressed":"f6"}', 'pressed f6'],
  ['{"typed":"sku"}', 'typed sku'],
  ['{"step":2,"map":"menu"}', 'step 2, map menu'],
  [
    '{"waited":"timeout","why":"not met within 5 ms","afterMs":5,"screen":"abc","cursor":{"row":1,"column":1},"lock":"unlocked"}',
    'waited 5 ms, timeout: not met within 5 ms',
  ],
  ['{"ended":"the host closed the connection"}', 'ended: the host closed the connection'],
  ['{"clipped":99}', '99 bytes are left out of the recording from here on'],
  ['{"other":{"a":[1]}}', 'other {"a":[1]}'],
  ['no JSON \u001b[2J', String.raw`no JSON \x1b[2J`],
  ['[1]', '[1]'],
  ['null', 'null'],
  [JSON.stringify({ map: 'x'.repeat(999) }), `map ${'x'.repeat(236)}…`],
])('the marker %s reads: %s', (marker, words) => expect(markerWords(marker)).toBe(words));
