import { GatehouseError } from '../../../contract/errors.ts';

/** An event of a film: seconds since its beginning, what it is (output, input, marker, resize), and its data. */
export interface CastEvent {
  readonly at: number;
  readonly kind: 'o' | 'i' | 'm' | 'r';
  readonly data: string;
}

/** A recording of a terminal, read back. It may come from anywhere: its sizes and times are within bounds, its data is as it was written. */
export interface Cast {
  readonly rows: number;
  readonly columns: number;
  readonly terminal: string;
  /** Seconds since 1970, null when it does not say. */
  readonly recordedS: number | null;
  readonly events: readonly CastEvent[];
  /** Lines that are no event: torn where the journal has left out the middle, or foreign. */
  readonly unread: number;
  /** Number of events before the first line that is none: what comes after it may be played on the wrong screen. */
  readonly tornAt: number | null;
}

/** The largest screen that a terminal of ours has. */
const maxSize = 255;
/** A film that says it lasts longer is wrong, and would keep a player waiting. */
const maxSeconds = 7 * 86_400;

/**
 * Reads an asciicast of version 2, as recordings are kept.
 * @throws GatehouseError NOT_POSSIBLE when it does not begin as one
 * @see https://docs.asciinema.org/manual/asciicast/v2/
 */
export function readCast(text: string): Cast {
  const [first = '', ...lines] = text.split('\n');
  const header = parsed(first);
  if (typeof header !== 'object' || header === null || !('version' in header) || header.version !== 2)
    throw new GatehouseError('NOT_POSSIBLE', 'this is no recording of a terminal: it does not begin as an asciicast of version 2');
  const { width, height, timestamp, env } = header as Record<string, unknown>;
  const [rows, columns] = [sizeOf(height), sizeOf(width)];
  if (rows === null || columns === null)
    throw new GatehouseError('NOT_POSSIBLE', `this recording is of no screen: its size is not between 1 and ${maxSize} rows and columns`);
  const events: CastEvent[] = [];
  let unread = 0;
  let tornAt: number | null = null;
  let lastAt = 0;
  for (const line of lines) {
    if (line.trim() === '') continue;
    const event = eventOf(line, lastAt);
    if (event === null) {
      unread += 1;
      tornAt ??= events.length;
      continue;
    }
    lastAt = event.at;
    events.push(event);
  }
  const named = typeof env === 'object' && env !== null && 'TERM' in env ? env.TERM : null;
  return {
    rows,
    columns,
    terminal: typeof named === 'string' ? named.slice(0, 40) : '',
    recordedS: typeof timestamp === 'number' && timestamp >= 0 && timestamp < 1e11 ? timestamp : null,
    events,
    unread,
    tornAt,
  };
}

/** Rows and columns of a resize event; null when they are none. */
export function resizeOf(data: string): { readonly rows: number; readonly columns: number } | null {
  const [, width, height] = /^(\d{1,3})x(\d{1,3})$/.exec(data) ?? [];
  const [rows, columns] = [sizeOf(Number(height)), sizeOf(Number(width))];
  return rows === null || columns === null ? null : { rows, columns };
}

function eventOf(line: string, lastAt: number): CastEvent | null {
  const event = parsed(line);
  if (!Array.isArray(event)) return null;
  const [at, kind, data] = event as unknown[];
  if (typeof at !== 'number' || !(at >= 0 && at <= maxSeconds) || typeof data !== 'string') return null;
  if (kind !== 'o' && kind !== 'i' && kind !== 'm' && kind !== 'r') return null;
  if (kind === 'r' && resizeOf(data) === null) return null;
  return { at: Math.max(at, lastAt), kind, data };
}

const sizeOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxSize ? value : null;

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
