import { type Lock } from '../screen/screen.ts';
import { type Place } from '../screen/place.ts';

/** The line that s3270 ends every answer with. @see s3270(1), STATUS FORMAT */
export interface Status {
  readonly lock: Lock;
  readonly connected: boolean;
  readonly cursor: Place;
}

/** The status, or null when the line is none. */
export function statusOf(line: string): Status | null {
  const words = line.split(' ');
  const [keyboard = '', , , connection = ''] = words;
  const row = Number(words[8]);
  const column = Number(words[9]);
  if (words.length < 11 || !/^[ULE]$/.test(keyboard) || !/^(?:N|C\(.*\))$/.test(connection) || !Number.isInteger(row) || !Number.isInteger(column))
    return null;
  const connected = connection !== 'N';
  const lock = !connected ? 'disconnected' : keyboard === 'U' ? 'unlocked' : keyboard === 'L' ? 'waiting' : 'operator-error';
  return { lock, connected, cursor: { row: row + 1, column: column + 1 } };
}
