import { type Screen } from '../screen/screen.ts';
import { VtDisplay } from '../vt/vt.display.ts';
import { type Cast, resizeOf } from './cast.ts';

/**
 * Plays a film on a screen of our own, forwards and back. What the film says goes into that screen and no further: whoever shows the
 * screens shows cells, never the bytes of a recording, and nobody answers its questions.
 */
export class Projector {
  readonly #film: Cast;
  #display: VtDisplay;
  #shown = 0;

  constructor(film: Cast) {
    this.#film = film;
    this.#display = this.#dark();
  }

  /** Events played so far. */
  get shown(): number {
    return this.#shown;
  }

  /** The screen after that many events. */
  async show(events: number): Promise<Screen> {
    if (events < this.#shown) {
      this.#display.dispose();
      this.#display = this.#dark();
      this.#shown = 0;
    }
    let output = '';
    const play = async (): Promise<void> => {
      if (output !== '') await new Promise<void>((resolve) => this.#display.feed(output, resolve));
      output = '';
    };
    for (; this.#shown < Math.min(events, this.#film.events.length); this.#shown += 1) {
      const event = this.#film.events[this.#shown];
      if (event?.kind === 'o') output += event.data;
      const size = event?.kind === 'r' ? resizeOf(event.data) : null;
      if (size === null) continue;
      await play();
      this.#display.resize(size.rows, size.columns);
    }
    await play();
    return this.#display.snapshot();
  }

  dispose(): void {
    this.#display.dispose();
  }

  #dark(): VtDisplay {
    return new VtDisplay(this.#film.rows, this.#film.columns, () => undefined);
  }
}
