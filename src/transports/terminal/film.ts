import { type Clock } from '../../contract/clock.ts';
import { type Json } from '../../contract/json.ts';
import { type Secret } from '../../contract/secret.ts';
import { type Part } from '../../contract/transport.ts';
import { Recording } from './recording.ts';
import { type Screen } from './screen/screen.ts';
import { type Happening } from './terminal.driver.ts';

/** What one call did at a terminal, for its trace: what was typed and pressed, and all that was shown, as an asciicast. */
export class Film {
  readonly #clock: Clock;
  readonly #secrets: readonly Secret[];
  readonly #recording: Recording;
  readonly #lines: string[] = [];
  readonly #notes: Part[] = [];
  #sentMs: number | null = null;
  #keyLeft = false;

  constructor(clock: Clock, maxBytes: number, secrets: readonly Secret[]) {
    this.#clock = clock;
    this.#secrets = secrets;
    this.#recording = new Recording(clock, maxBytes, secrets);
  }

  readonly observe = (happening: Happening): void => {
    this.#recording.observe(happening);
    if (happening.kind === 'typed') this.#sent(`${happening.input}: ${String(happening.value)}`);
    if (happening.kind === 'pressed') {
      this.#keyLeft = true;
      this.#sent(happening.key);
    }
  };

  mark(marker: Json): void {
    this.#recording.mark(marker);
  }

  /** Whether a key was let go since it was last asked. */
  keyLeft(): boolean {
    const left = this.#keyLeft;
    this.#keyLeft = false;
    return left;
  }

  /** Keeps a screen at which the call ended as text, beside the film, which may be clipped. Hidden cells are blank in every screen. */
  capture(screen: Screen, why: string): void {
    this.#notes.push(this.#part('note', 'text/plain', this.#hide(`${why}\n\n${screen.text()}\n`), this.#clock.wallMs()));
  }

  /** In order: what was sent, the screens that were captured, and the film, or why there is none. Never rejects: an answer is not lost over it. */
  async parts(): Promise<Part[]> {
    const sealed = await this.#recording
      .seal()
      .catch(() => ({ kept: false, why: 'the recording could not be searched for secrets; it was not kept' }) as const);
    const sent = this.#sentMs === null ? [] : [this.#part('sent', 'text/plain', this.#hide(`${this.#lines.join('\n')}\n`), this.#sentMs)];
    const film = sealed.kept
      ? this.#part('received', 'application/x-asciicast', sealed.cast, this.#clock.wallMs())
      : this.#part('note', 'text/plain', sealed.why, this.#clock.wallMs());
    return [...sent, ...this.#notes, film];
  }

  #sent(line: string): void {
    this.#sentMs ??= this.#clock.wallMs();
    this.#lines.push(line);
  }

  #hide(text: string): string {
    return this.#secrets.reduce((hidden, secret) => secret.hide(hidden), text);
  }

  #part(kind: Part['kind'], media: string, text: string, atMs: number): Part {
    return { kind, atMs, media, bytes: Buffer.from(text) };
  }
}
