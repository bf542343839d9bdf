import { type Cast, type CastEvent } from '../../transports/terminal/playback/cast.ts';
import { Projector } from '../../transports/terminal/playback/projector.ts';
import { type Screen } from '../../transports/terminal/screen/screen.ts';
import { type Stroke } from './key-reader.ts';
import { markerWords } from './marker-words.ts';
import { type Stage } from './stage.ts';

export interface Showing {
  /** Twice as fast is 2. */
  readonly speed: number;
  /** The longest that nothing moves, seconds of the recording. */
  readonly idleS: number;
  /** Stops at each marker. */
  readonly step: boolean;
}

/** Output that comes closer together than this is shown in one go. */
const togetherMs = 15;

type Order = 'forward' | 'back' | 'turn' | 'quit';

/** Plays one film on a stage. */
export class CastPlayer {
  readonly #film: Cast;
  readonly #title: string;
  readonly #showing: Showing;
  readonly #projector: Projector;
  /** Numbers of events behind which a marker stands, the end last. */
  readonly #stops: readonly number[];
  #playing: boolean;
  #order: Order | null = null;
  #wake: () => void = () => undefined;

  constructor(film: Cast, title: string, showing: Showing) {
    this.#film = film;
    this.#title = title;
    this.#showing = showing;
    this.#projector = new Projector(film);
    this.#playing = !showing.step;
    this.#stops = stopsOf(film);
  }

  /** Hand every stroke in here. */
  hear(stroke: Stroke): void {
    const order = orderOf(stroke, this.#showing.step);
    if (order === null) return;
    this.#order = order;
    this.#wake();
  }

  /** Plays to the end, and waits there for a key. Says whether the next film, if there is one, may follow. */
  async play(stage: Stage): Promise<boolean> {
    try {
      let at = this.#playing ? 0 : (this.#stops[0] ?? 0);
      for (;;) {
        const screen = await this.#projector.show(at);
        this.#paint(stage, screen, at);
        const atEnd = at >= this.#film.events.length;
        const order = await this.#next(atEnd || !this.#playing ? null : this.#pauseMs(at));
        if (order === 'quit') return false;
        if (order === null) at = this.#together(at);
        else if (order === 'turn') this.#playing = !this.#playing;
        else {
          this.#playing = false;
          if (order === 'forward' && atEnd) return true;
          at = order === 'forward' ? this.#after(at) : this.#before(at);
        }
      }
    } finally {
      this.#projector.dispose();
    }
  }

  #after(at: number): number {
    return this.#stops.find((stop) => stop > at) ?? this.#film.events.length;
  }

  #before(at: number): number {
    return this.#stops.findLast((stop) => stop < at) ?? 0;
  }

  /** The next event to show, and those that come with it. */
  #together(at: number): number {
    let next = at + 1;
    while (next < this.#film.events.length && this.#film.events[next - 1]?.kind !== 'm' && this.#pauseMs(next) < togetherMs) next += 1;
    return next;
  }

  #pauseMs(at: number): number {
    const gap = (this.#film.events[at]?.at ?? 0) - (at === 0 ? 0 : (this.#film.events[at - 1]?.at ?? 0));
    return (Math.min(gap, this.#showing.idleS) * 1_000) / this.#showing.speed;
  }

  /** What a person wants; null when the time is over without a wish. Without a time it waits for one. */
  async #next(withinMs: number | null): Promise<Order | null> {
    let timer: NodeJS.Timeout | undefined;
    if (this.#order === null)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (withinMs !== null) timer = setTimeout(resolve, withinMs);
      });
    clearTimeout(timer);
    const order = this.#order;
    this.#order = null;
    return order;
  }

  #paint(stage: Stage, screen: Screen, at: number): void {
    const { events, tornAt } = this.#film;
    const said = events.slice(0, at).findLast(({ kind }) => kind === 'm');
    const atS = (events[at - 1]?.at ?? 0).toFixed(1);
    const ofS = (events.at(-1)?.at ?? 0).toFixed(1);
    const stop = this.#stops.filter((each) => each <= at).length;
    const torn = tornAt !== null && at > tornAt ? '  part of it was not kept: the screen may be wrong' : '';
    const atEnd = at >= events.length ? '  the end' : this.#playing ? '' : '  stands';
    const keys = this.#showing.step ? 'Enter next  b back  p plays  q quits' : 'space stops  Enter next  b back  q quits';
    stage.show(screen, [
      ` ${said === undefined ? '' : markerWords(said.data)}`,
      ` ${this.#title}  ${atS} of ${ofS} s  ${stop}/${this.#stops.length}${atEnd}${torn}  |  ${keys}`,
    ]);
  }
}

/** Behind each marker, and the end. Markers upon the same screen that follow each other at once are one stop. */
export function stopsOf({ events }: Cast): number[] {
  const stops: number[] = [];
  for (const [at, event] of events.entries()) if (event.kind === 'm' && !isTold(events[at + 1], event)) stops.push(at + 1);
  if (stops.at(-1) !== events.length) stops.push(events.length);
  return stops;
}

/** A value and the marker that names it belong together. */
const isTold = (next: CastEvent | undefined, { at }: CastEvent): boolean => next?.kind === 'm' && next.at === at;

function orderOf(stroke: Stroke, step: boolean): Order | null {
  if (stroke.kind === 'gone') return 'quit';
  if (stroke.kind === 'text') {
    if (stroke.text === ' ') return step ? 'forward' : 'turn';
    return ({ q: 'quit', b: 'back', n: 'forward', p: 'turn' } as const)[stroke.text] ?? null;
  }
  if (stroke.kind !== 'key') return null;
  switch (stroke.key) {
    case 'ctrl-c':
    case 'ctrl-d':
    case 'escape':
      return 'quit';
    case 'enter':
    case 'right':
    case 'down':
    case 'page-down':
      return 'forward';
    case 'backspace':
    case 'left':
    case 'up':
    case 'page-up':
      return 'back';
    default:
      return null;
  }
}
