import { type Screen } from '../screen/screen.ts';
import { type MapOutput } from './screen-map.ts';
import { readValue } from './value.ts';

/** One output of a screen, or why it cannot be read. Rows of a higher region are joined by newlines. */
export function readOutput({ at, ...type }: MapOutput, screen: Screen): ReturnType<typeof readValue> {
  const lines = screen
    .text(at)
    .split('\n')
    .map((line) => line.trim());
  return readValue(type, lines.join('\n'));
}
