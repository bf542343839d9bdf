import { type Clock } from '../../contract/clock.ts';
import { type Json } from '../../contract/json.ts';
import { type Secret } from '../../contract/secret.ts';
import { SecretScan } from './recording.scan.ts';
import { paint } from './screen/paint.ts';
import { type Screen } from './screen/screen.ts';
import { type Happening } from './terminal.driver.ts';
import { UsedSecrets } from './used-secrets.ts';
import { VtDisplay } from './vt/vt.display.ts';

/** One event of an asciicast: seconds, kind (output, input, marker, resize), data. @see asciicast v2, https://docs.asciinema.org/manual/asciicast/v2/ */
type CastEvent = readonly [seconds: number, kind: 'o' | 'i' | 'm' | 'r', data: string];

/** What becomes of a recording in the end. */
export type Sealed =
  | { readonly kept: true; readonly cast: string; readonly clipped: boolean }
  /** It shows a secret, or cannot be searched for one: nothing of it may be stored. */
  | { readonly kept: false; readonly why: string };

/** The share of the room that markers may take beyond it, so that what was done is told even when the host talked too much. */
const markerShare = 0.25;

/** Text that the host does not want seen: SGR 8. */
// oxlint-disable-next-line no-control-regex
const concealing = /(?:\x1b\[|\x9b)(?:[0-9:]*;)*0*8(?:;[0-9:;]*)?m/;

/**
 * A session as an asciicast v2, which people can play and tools can read: output as the host sent it (3270: painted as ANSI), values as
 * input, and markers of JSON for keys, waits and whatever the caller adds. Secrets stand in it by name. Hand `observe` to the driver,
 * and take `seal()` when the session, or the call, is over.
 */
export class Recording {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #secrets = new UsedSecrets();
  readonly #startedMs: number;
  readonly #wallMs: number;
  readonly #events: CastEvent[] = [];
  readonly #decoder = new TextDecoder('utf-8');
  #size = 0;
  #left = 0;
  #rows = 24;
  #columns = 80;
  #terminal = 'vt220';
  #last: Screen | null = null;
  #painted: Screen | undefined;

  /** `secrets`: those of the system's settings; those that are typed become known by themselves. */
  constructor(clock: Clock, maxBytes: number, secrets: readonly Secret[] = []) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#startedMs = clock.monotonicMs();
    this.#wallMs = clock.wallMs();
    for (const secret of secrets) this.#secrets.add(secret);
  }

  readonly observe = (happening: Happening): void => {
    switch (happening.kind) {
      case 'opened':
        this.#rows = happening.rows;
        this.#columns = happening.columns;
        this.#terminal = happening.terminal;
        return;
      case 'output':
        this.#add('o', this.#hide(this.#decoder.decode(happening.bytes, { stream: true })));
        return;
      case 'screen':
        this.#last = happening.screen;
        this.#add('o', this.#hide(paint(happening.screen, this.#painted)));
        this.#painted = happening.screen;
        return;
      case 'typed':
        if (typeof happening.value !== 'string') this.#secrets.add(happening.value);
        this.#add('i', this.#hide(String(happening.value)));
        this.mark({ typed: happening.input });
        return;
      case 'pressed':
        this.mark({ pressed: happening.key });
        return;
      case 'resized':
        this.#add('r', `${happening.columns}x${happening.rows}`);
        return;
      case 'waited': {
        const { screen, end, why, afterMs, hash, condition } = happening.result;
        this.#last = screen;
        this.mark({
          waited: end,
          ...(condition === undefined ? {} : { condition }),
          why,
          afterMs,
          screen: hash,
          cursor: { ...screen.cursor },
          lock: screen.lock,
        });
        return;
      }
      case 'ended':
        this.mark({ ended: happening.why });
    }
  };

  /** Adds a marker: which map a screen was recognised as, which step begins. Never a payload. */
  mark(marker: Json): void {
    this.#add('m', this.#hide(JSON.stringify(marker)));
  }

  /** The recording as it is stored, if it may be: it is searched once more for every secret, also as a screen shows it. */
  async seal(): Promise<Sealed> {
    const scan = new SecretScan(this.#secrets.all);
    const events = [...this.#events];
    if (this.#left > 0) {
      const at = this.#seconds();
      events.push([at, 'm', JSON.stringify({ clipped: this.#left })]);
      if (this.#last !== null) events.push([at, 'o', paint(this.#last)]);
    }
    const outputs = events.filter(([, kind]) => kind === 'o').map(([, , data]) => data);
    const played = await this.#replay(events, scan, concealing.test(outputs.join('')));
    const cast = [JSON.stringify(this.#header()), ...played.events.map((event) => JSON.stringify(event)), ''].join('\n');
    const others = (['i', 'm'] as const).map((wanted) => played.events.flatMap(([, kind, data]) => (kind === wanted ? [data] : [])).join(''));
    const shown = played.events.flatMap(([, kind, data]) => (kind === 'o' ? [data] : [])).join('');
    const found = played.found ?? scan.inText(cast) ?? [shown, ...others].map((text) => scan.inTerminal(text)).find((name) => name !== null);
    if (found !== undefined && found !== null) return { kept: false, why: `the recording would show the secret ${found}; it was not kept` };
    return { kept: true, cast, clipped: this.#left > 0 };
  }

  /** Plays the events and searches every screen. Where the host conceals text, screens are kept in the place of its bytes. */
  async #replay(events: readonly CastEvent[], scan: SecretScan, conceals: boolean): Promise<{ events: CastEvent[]; found: string | null }> {
    if (this.#secrets.all.length === 0 && !conceals) return { events: [...events], found: null };
    const display = new VtDisplay(this.#rows, this.#columns, () => undefined);
    const played: CastEvent[] = [];
    let found: string | null = null;
    let shown = '';
    let before: Screen | undefined;
    try {
      for (const event of events) {
        const [at, kind, data] = event;
        if (kind === 'r') display.resize(...sizeOf(data));
        if (kind !== 'o') {
          played.push(event);
          continue;
        }
        await new Promise<void>((resolve) => display.feed(data, resolve));
        const screen = conceals ? display.snapshot() : null;
        const text = screen?.text() ?? display.text();
        if (text !== shown) found ??= scan.inTerminal(text);
        shown = text;
        played.push(screen === null ? event : [at, 'o', paint(screen, before)]);
        before = screen ?? undefined;
      }
    } finally {
      display.dispose();
    }
    return { events: played, found };
  }

  #header(): Json {
    const { version, width, height } = { version: 2, width: this.#columns, height: this.#rows };
    return { version, width, height, timestamp: Math.floor(this.#wallMs / 1_000), env: { TERM: this.#terminal } };
  }

  #add(kind: CastEvent[1], data: string): void {
    if (data === '') return;
    const room = kind === 'm' ? this.#maxBytes * (1 + markerShare) : this.#maxBytes;
    const size = Buffer.byteLength(data) + 32;
    // Once something is left out nothing may follow but markers: the rest would be played on the wrong screen.
    if (this.#size + size > room || (this.#left > 0 && kind !== 'm')) {
      this.#left += size;
      return;
    }
    this.#size += size;
    this.#events.push([this.#seconds(), kind, data]);
  }

  #seconds(): number {
    return Math.round(this.#clock.monotonicMs() - this.#startedMs) / 1_000;
  }

  #hide(text: string): string {
    let hidden = text;
    for (const secret of this.#secrets.all) hidden = secret.hide(hidden);
    return hidden;
  }
}

function sizeOf(data: string): [rows: number, columns: number] {
  const [columns = 80, rows = 24] = data.split('x').map(Number);
  return [rows, columns];
}
