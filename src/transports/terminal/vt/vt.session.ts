import { GatehouseError } from '../../../contract/errors.ts';
import { Secret } from '../../../contract/secret.ts';
import { noSuchKey, sessionEnded } from '../faults.ts';
import { type Key } from '../keys.ts';
import { describePlace, within } from '../screen/place.ts';
import { type Screen } from '../screen/screen.ts';
import { type Happening, type Input, type TerminalOpening, type TerminalSession } from '../terminal.driver.ts';
import { UsedSecrets } from '../used-secrets.ts';
import { checkSecrecy, checkTyping, notShown, numeric, showsTyped } from '../typing.ts';
import { type Condition, Waiting, type WaitResult } from '../wait.ts';
import { Charset } from './charset.ts';
import { VtDisplay } from './vt.display.ts';
import { bytesOf } from './vt.keys.ts';

/** Bytes to and from a host, whatever carries them. */
export interface Line {
  write(bytes: Uint8Array): void;
  /** Stops and goes on with the bytes of the host, so that a flood waits in the network, not in memory. */
  pause(): void;
  resume(): void;
  resize(rows: number, columns: number): void;
  close(): void;
}

/** Bytes handed to the display and not parsed yet, above which the host has to wait. */
const highWater = 262_144;

/** A session with a VT host. The line hands in what comes with `received` and its end with `ended`. */
export class VtSession implements TerminalSession {
  readonly #opening: TerminalOpening;
  readonly #display: VtDisplay;
  readonly #charset: Charset;
  readonly #terminal: string;
  readonly #waits = new Set<() => void>();
  readonly #secrets = new UsedSecrets();
  #line: Line | null = null;
  #endingWhy: string | null = null;
  #endedWhy: string | null = null;
  /** Whether the host has sent anything since the last key: until then it shows the screen from before. */
  #answered = true;
  #screen: Screen | null = null;
  #unparsed = 0;
  #paused = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(opening: TerminalOpening) {
    const { settings } = opening;
    this.#opening = opening;
    this.#terminal = settings.terminal;
    this.#charset = new Charset(settings.charset);
    this.#display = new VtDisplay(settings.rows, settings.columns, (answer) => this.#write(Buffer.from(answer, 'latin1')));
    this.#tell({ kind: 'opened', rows: settings.rows, columns: settings.columns, terminal: settings.terminal });
  }

  attach(line: Line): void {
    this.#line = line;
  }

  received(bytes: Uint8Array): void {
    if (!this.connected || bytes.length === 0) return;
    const utf8 = this.#charset.decode(bytes);
    this.#tell({ kind: 'output', bytes: utf8 });
    this.#unparsed += utf8.length;
    if (this.#unparsed > highWater && !this.#paused) {
      this.#paused = true;
      this.#line?.pause();
    }
    this.#display.feed(utf8, () => {
      this.#unparsed -= utf8.length;
      if (this.#unparsed <= highWater / 2 && this.#paused) {
        this.#paused = false;
        this.#line?.resume();
      }
      if (this.#endedWhy !== null) return;
      this.#screen = null;
      this.#answered = true;
      this.#wake();
    });
  }

  /** Nothing goes out any more; the screen is the last one only when what came before the end is parsed. */
  ended(why: string): void {
    if (!this.connected) return;
    this.#endingWhy = why;
    this.#display.feed('', () => this.#end());
  }

  get connected(): boolean {
    return this.#endingWhy === null;
  }

  screen(): Screen {
    const lock = this.#endedWhy !== null ? 'disconnected' : this.#answered ? 'unlocked' : 'waiting';
    return (this.#screen ??= this.#display.snapshot().without(this.#secrets.texts).locked(lock));
  }

  type(value: string | Secret, input: Input): Promise<void> {
    return this.#inTurn(async () => {
      const { system, settings } = this.#opening;
      const { width } = input;
      if (width === undefined || width < 1) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: the input '${input.name}' has no width`);
      checkSecrecy(system, value, input, input.hidden === true);
      checkTyping(system, value, input, width, this.#charset, input.kind === 'numeric' ? numeric.vt : null);
      this.#mustBeConnected(`the value of '${input.name}'`);
      // With keys to empty it the cursor may stand anywhere in the input; without, only at its beginning.
      const room = { ...input.at, width: input.emptyBy === undefined ? 1 : width + 1 };
      if (!within(this.screen().cursor, room, settings.columns)) throw this.#astray(input);
      for (const key of input.emptyBy ?? []) this.#send(key);
      if (!(await this.#until(({ cursor }) => within(cursor, { ...input.at, width: 1 }, settings.columns)))) throw this.#astray(input);
      const text = value instanceof Secret ? value.reveal() : value;
      if (value instanceof Secret) this.#secrets.add(value);
      this.#tell({ kind: 'typed', input: input.name, value });
      this.#write(this.#charset.encode(text));
      if (value instanceof Secret) return;
      const shown = await this.#until((screen) => showsTyped(screen, text, input, width));
      if (!shown) throw this.connected ? notShown(system, input, settings.echoTimeoutMs) : this.#over(`'${input.name}'`);
    });
  }

  press(key: Key): Promise<void> {
    return this.#inTurn(async () => {
      this.#mustBeConnected(`the key ${key}`);
      this.#send(key);
    });
  }

  wait(until: Condition | readonly Condition[], withinMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#inTurn(async () => {
      const { clock } = this.#opening;
      const waiting = new Waiting(until, clock.monotonicMs(), withinMs, this.screen());
      const result = await new Promise<WaitResult>((resolve) => {
        let cancel: () => void = () => undefined;
        const done = (result: WaitResult): void => {
          cancel();
          this.#waits.delete(look);
          signal?.removeEventListener('abort', giveUp);
          resolve(result);
        };
        const giveUp = (): void => done(waiting.gaveUp(this.screen(), clock.monotonicMs(), 'when the wait was given up'));
        const look = (): void => {
          cancel();
          const nowMs = clock.monotonicMs();
          const seen = waiting.look(this.screen(), nowMs, this.#endedWhy);
          if ('end' in seen) done(seen);
          else cancel = clock.after(Math.max(1, Math.ceil(seen.againMs - nowMs)), look);
        };
        this.#waits.add(look);
        signal?.addEventListener('abort', giveUp, { once: true });
        look();
        if (signal?.aborted === true) giveUp();
      });
      this.#tell({ kind: 'waited', result });
      return result;
    });
  }

  resize(rows: number, columns: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#mustBeConnected('the new size');
      this.#display.resize(rows, columns);
      this.#screen = null;
      this.#tell({ kind: 'resized', rows, columns });
      this.#line?.resize(rows, columns);
    });
  }

  async close(): Promise<void> {
    this.#endingWhy ??= 'closed by the gateway';
    this.#line?.close();
    this.#end();
    this.#display.dispose();
  }

  #end(): void {
    if (this.#endedWhy !== null) return;
    this.#endedWhy = this.#endingWhy ?? '';
    this.#screen = null;
    this.screen();
    this.#tell({ kind: 'ended', why: this.#endedWhy });
    this.#wake();
  }

  #send(key: Key): void {
    const bytes = bytesOf(key, this.#terminal, this.#display.applicationCursorKeys);
    if (bytes === null) throw noSuchKey(this.#opening.system, key, this.#terminal);
    this.#tell({ kind: 'pressed', key });
    this.#answered = false;
    this.#screen = null;
    this.#write(Buffer.from(bytes, 'latin1'));
  }

  /** Whether the screen comes to satisfy within the time that an echo may take. */
  #until(satisfies: (screen: Screen) => boolean): Promise<boolean> {
    const { clock, settings } = this.#opening;
    return new Promise((resolve) => {
      let cancel: () => void = () => undefined;
      const done = (result: boolean): void => {
        cancel();
        this.#waits.delete(look);
        resolve(result);
      };
      const look = (): void => {
        if (!this.connected) done(false);
        else if (satisfies(this.screen())) done(true);
      };
      cancel = clock.after(settings.echoTimeoutMs, () => done(false));
      this.#waits.add(look);
      look();
    });
  }

  #astray(input: Input): GatehouseError {
    if (!this.connected) return this.#over(`the value of '${input.name}'`);
    return new GatehouseError(
      'SCREEN_UNEXPECTED',
      `${this.#opening.system}: the cursor is at ${describePlace(this.screen().cursor)}, and '${input.name}' belongs at ${describePlace(input.at)}; it was not typed`,
    );
  }

  #mustBeConnected(doing: string): void {
    if (!this.connected) throw this.#over(doing);
  }

  #over(doing: string): GatehouseError {
    return sessionEnded(this.#opening.system, doing, this.#endingWhy ?? '');
  }

  /** A socket takes bytes for a host that is gone: only the session's own state tells. */
  #write(bytes: Uint8Array): void {
    if (this.connected) this.#line?.write(bytes);
  }

  #wake(): void {
    for (const look of this.#waits) look();
  }

  #tell(happening: Happening): void {
    this.#opening.observe?.(happening);
  }

  /** One thing after the other. */
  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
