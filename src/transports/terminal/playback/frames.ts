import { type TerminalAct, type TerminalWait } from '../inspection.ts';
import { type Screen } from '../screen/screen.ts';
import { type Cast } from './cast.ts';
import { Projector } from './projector.ts';

/** A screen at which a dialog stood, and how it came there. */
export interface Frame {
  readonly atMs: number;
  readonly screen: Screen;
  /** The map that was recognised when it was recorded. */
  readonly map: string | null;
  readonly before: readonly TerminalAct[];
  readonly wait: TerminalWait | null;
  readonly notes: readonly string[];
  readonly doubtful: boolean;
}

type Marker = Readonly<Record<string, unknown>>;

/** What happened since the frame before. */
interface Pending {
  before: TerminalAct[];
  wait: TerminalWait | null;
  notes: string[];
  map: string | null;
  atMs: number;
  /** A wait has ended: what follows belongs to the next frame. */
  stands: boolean;
}

const nothing = (): Pending => ({ before: [], wait: null, notes: [], map: null, atMs: 0, stands: false });

/** Keys that only move the cursor within a form: no screen comes of them. */
const moves: ReadonlySet<string> = new Set(['tab', 'backtab', 'up', 'down', 'left', 'right', 'home', 'end', 'ctrl-u', 'backspace', 'delete']);

/** The screens of a film at which a wait ended, a key was pressed, or the film did. */
export async function* framesOf(film: Cast): AsyncGenerator<Frame> {
  const projector = new Projector(film);
  let pending = nothing();
  let last: Screen | null = null;
  let typed: string | null = null;
  const doubtful = (at: number): boolean => film.tornAt !== null && at > film.tornAt;
  const frame = async (upTo: number): Promise<Frame> => {
    const { before, wait, notes, map, atMs } = pending;
    const screen = await projector.show(upTo);
    last = screen;
    pending = nothing();
    return { atMs, screen, before, wait, notes, map, doubtful: doubtful(upTo) };
  };
  try {
    for (const [at, event] of film.events.entries()) {
      if (event.kind === 'i') {
        if (pending.stands) yield await frame(at);
        typed = event.data;
      }
      if (event.kind !== 'm') {
        if (event.kind === 'o' && pending.stands) yield await frame(at);
        continue;
      }
      const marker = markerOf(event.data);
      if ('typed' in marker) {
        if (pending.stands) yield await frame(at);
        pending.before.push({ typed: String(marker['typed']), value: typed ?? '' });
        typed = null;
      } else if ('pressed' in marker) {
        // The form as it was when the key went: what was typed is seen there.
        const pressed = String(marker['pressed']).slice(0, 40);
        if (pending.stands || (!moves.has(pressed) && pending.before.some((act) => 'typed' in act))) {
          if (!pending.stands) pending.atMs = Math.round(event.at * 1_000);
          yield await frame(at);
        }
        pending.before.push({ pressed });
      } else if ('waited' in marker) {
        const wait = waitOf(marker);
        // Waits for the echo of what is typed come between, without anything new to see: they are no frames of their own.
        if (pending.stands) yield await frame(at);
        pending.wait = wait;
        pending.map = wait.condition;
        pending.atMs = Math.round(event.at * 1_000);
        const here = await projector.show(at);
        pending.stands =
          last === null ||
          pending.before.some((act) => 'pressed' in act && !moves.has(act.pressed)) ||
          wait.end !== 'met' ||
          !isEcho(here, last, pending);
      } else if ('recognised' in marker) {
        if (typeof marker['recognised'] === 'string') pending.map = marker['recognised'];
        else pending.notes.push(words(marker));
      } else pending.notes.push(words(marker));
    }
    if (pending.stands || pending.before.length > 0 || pending.notes.length > 0 || last === null) {
      pending.atMs = Math.round((film.events.at(-1)?.at ?? 0) * 1_000);
      yield await frame(film.events.length);
    }
  } finally {
    projector.dispose();
  }
}

/** Only typing lies between them. */
const isEcho = (here: Screen, last: Screen, { before }: Pending): boolean => before.length > 0 || here.looksLike(last);

function waitOf(marker: Marker): TerminalWait {
  const { waited, condition, why, afterMs } = marker;
  return {
    end: String(waited).slice(0, 40),
    condition: typeof condition === 'string' ? condition.slice(0, 200) : null,
    why: (typeof why === 'string' ? why : '').slice(0, 1_000),
    afterMs: typeof afterMs === 'number' ? afterMs : 0,
  };
}

function markerOf(data: string): Marker {
  try {
    const marker: unknown = JSON.parse(data);
    if (typeof marker === 'object' && marker !== null && !Array.isArray(marker)) return marker as Marker;
  } catch {
    // Other tools mark with text.
  }
  return { marked: data.slice(0, 200) };
}

/** `step 2, map reserve-form` */
const words = (marker: Marker): string =>
  Object.entries(marker)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}`)
    .join(', ')
    .slice(0, 500);
