import { GatehouseError } from '../../../contract/errors.ts';
import { Secret } from '../../../contract/secret.ts';
import { noSuchKey, sessionEnded } from '../faults.ts';
import { type Key } from '../keys.ts';
import { describePlace } from '../screen/place.ts';
import { type Lock, type Screen } from '../screen/screen.ts';
import { type Happening, type Input, type TerminalOpening, type TerminalSession } from '../terminal.driver.ts';
import { checkSecrecy, checkTyping, fieldOf, notShown, numeric, type Repertoire, showsTyped } from '../typing.ts';
import { UsedSecrets } from '../used-secrets.ts';
import { type Condition, Waiting, type WaitResult } from '../wait.ts';
import { readBuffer } from './s3270.buffer.ts';
import { type Reply, type S3270 } from './s3270.process.ts';
import { actionOf } from './tn3270.keys.ts';

/** What s3270 does by itself takes it a fraction of a millisecond; this is for a machine out of breath. */
const actionMs = 5_000;
/** s3270 waits in whole seconds only: shorter waits look again this often. */
const pollMs = 20;
const secondMs = 1_000;

/** A session with a 3270 host. The program s3270 is asked; it never speaks first. */
export class Tn3270Session implements TerminalSession {
  readonly #opening: TerminalOpening;
  readonly #program: S3270;
  readonly #repertoire: Repertoire;
  readonly #secrets = new UsedSecrets();
  #screen: Screen;
  /** What `#screen` was read from: most often it is read again unchanged. */
  #buffer = '';
  #endedWhy: string | null = null;
  /** From a key that goes to the host until the keyboard is unlocked; also before its first screen. */
  #hostAtWork = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(opening: TerminalOpening, program: S3270, repertoire: Repertoire, first: Screen) {
    this.#opening = opening;
    this.#program = program;
    this.#repertoire = repertoire;
    this.#screen = first;
    this.#tell({ kind: 'opened', rows: first.rows, columns: first.columns, terminal: `3279-${opening.settings.model}-E` });
    this.#tell({ kind: 'screen', screen: first });
  }

  ended(why: string): void {
    if (this.#endedWhy !== null) return;
    this.#endedWhy = why;
    this.#screen = this.#screen.locked('disconnected');
    this.#tell({ kind: 'ended', why });
  }

  get connected(): boolean {
    return this.#endedWhy === null;
  }

  screen(): Screen {
    return this.#screen;
  }

  type(value: string | Secret, input: Input): Promise<void> {
    return this.#inTurn(async () => {
      const { system } = this.#opening;
      await this.#ready(`the value of '${input.name}'`);
      const { field, width } = fieldOf(system, this.#screen, input);
      const wanted = input.kind === 'numeric' || field.numeric ? numeric.tn3270 : null;
      checkSecrecy(system, value, input, field.hidden);
      checkTyping(system, value, input, width, this.#repertoire, wanted);
      const text = value instanceof Secret ? value.reveal() : value;
      if (value instanceof Secret) this.#secrets.add(value);
      // s3270 moves to the nearest cell it has and says ok: only the status tells where the cursor is.
      const { status } = await this.#act(`MoveCursor(${input.at.row - 1},${input.at.column - 1})`);
      if (status.cursor.row !== input.at.row || status.cursor.column !== input.at.column)
        throw new GatehouseError(
          'SCREEN_UNEXPECTED',
          `${system}: the cursor does not go to ${describePlace(input.at)}; '${input.name}' was not typed`,
        );
      await this.#act('EraseEOF()');
      this.#tell({ kind: 'typed', input: input.name, value });
      if (text !== '') await this.#act(`String("${text.replaceAll(/["\\]/g, String.raw`\$&`)}")`);
      await this.#refresh();
      if (!this.connected) throw sessionEnded(system, `'${input.name}'`, this.#endedWhy ?? '');
      if (this.#screen.lock !== 'unlocked') throw this.#locked(`'${input.name}' was not typed whole`);
      if (!field.hidden && !showsTyped(this.#screen, text, input, width)) throw notShown(system, input, 0);
    });
  }

  press(key: Key): Promise<void> {
    return this.#inTurn(async () => {
      const { system } = this.#opening;
      const action = actionOf(key);
      if (action === null) throw noSuchKey(system, key, '3270');
      // Else Enter and the program keys block for as long as the host is silent. Its status also tells lock and connection.
      const before = this.connected ? await this.#act('Set(AidWait,false)') : null;
      if (before === null || !this.connected) throw sessionEnded(system, `the key ${key}`, this.#endedWhy ?? '');
      this.#screen = this.#screen.locked(this.#lockOf(before), before.status.cursor);
      // While the keyboard is locked s3270 says ok to a key and sends nothing.
      if (!action.whileLocked && this.#screen.lock !== 'unlocked') throw this.#locked(`the key ${key} was not sent`);
      this.#tell({ kind: 'pressed', key });
      const reply = await this.#act(action.action);
      if (action.toHost && reply.ok) this.#hostAtWork = true;
      if (this.connected) this.#screen = this.#screen.locked(this.#lockOf(reply));
      if (!reply.ok && reply.status.connected)
        throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: the terminal did not take the key ${key}; nothing was sent`);
    });
  }

  wait(until: Condition | readonly Condition[], withinMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#inTurn(async () => {
      const { clock } = this.#opening;
      const waiting = new Waiting(until, clock.monotonicMs(), withinMs, this.#screen);
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      const onAbort = (): void => abort();
      signal?.addEventListener('abort', onAbort, { once: true });
      let result: WaitResult | null = null;
      while (result === null) {
        if (signal?.aborted === true) {
          result = waiting.gaveUp(this.#screen, clock.monotonicMs(), 'when the wait was given up');
          break;
        }
        await this.#refresh().catch(() => undefined);
        const nowMs = clock.monotonicMs();
        const seen = waiting.look(this.#screen, nowMs, this.#endedWhy);
        if ('end' in seen) result = seen;
        else await Promise.race([this.#output(seen.againMs - nowMs), aborted]);
      }
      signal?.removeEventListener('abort', onAbort);
      this.#tell({ kind: 'waited', result });
      return result;
    });
  }

  async resize(): Promise<void> {
    throw new GatehouseError('NOT_POSSIBLE', `${this.#opening.system}: a 3270 has the size of its model; set terminal.model`);
  }

  async close(): Promise<void> {
    this.ended('closed by the gateway');
    this.#program.kill('closed by the gateway');
  }

  /** Until the host has sent something since the screen was last read, or some of the time is over. */
  async #output(leftMs: number): Promise<void> {
    if (leftMs > secondMs) await this.#act('Wait(1,Output)', secondMs + actionMs).catch(() => undefined);
    else await new Promise<void>((resolve) => void this.#opening.clock.after(Math.max(1, Math.min(leftMs, pollMs)), resolve));
  }

  /** @throws GatehouseError UNREACHABLE, SCREEN_UNEXPECTED when a value cannot be typed now */
  async #ready(what: string): Promise<void> {
    await this.#refresh();
    if (!this.connected) throw sessionEnded(this.#opening.system, what, this.#endedWhy ?? '');
    // String() blocks for as long as the keyboard is locked.
    if (this.#screen.lock !== 'unlocked') throw this.#locked(`${what} was not typed`);
  }

  #locked(what: string): GatehouseError {
    const why = this.#screen.lock === 'waiting' ? 'the host is at work' : 'an operator error; press reset';
    return new GatehouseError('SCREEN_UNEXPECTED', `${this.#opening.system}: ${what}, the keyboard is locked: ${why}`);
  }

  /** Reads the screen. After the host has gone s3270 goes on showing the old one and says ok: the status decides. */
  async #refresh(): Promise<void> {
    if (!this.connected) return;
    const reply = await this.#act('ReadBuffer(Ascii)');
    if (!this.connected) return;
    const before = this.#screen;
    try {
      const lock = this.#lockOf(reply);
      const buffer = reply.data.join('\n');
      if (buffer === this.#buffer) this.#screen = before.locked(lock, reply.status.cursor);
      else this.#screen = readBuffer(reply.data, { ...reply.status, lock }).without(this.#secrets.texts);
      this.#buffer = buffer;
    } catch (error) {
      return this.#program.kill(`the program s3270 answered with ${(error as Error).message}`);
    }
    if (!this.#screen.looksLike(before) || describePlace(before.cursor) !== describePlace(this.#screen.cursor))
      this.#tell({ kind: 'screen', screen: this.#screen });
  }

  /** s3270 calls the keyboard locked, whether the host is at work or an operator error has locked it: only we know if a key was sent. */
  #lockOf({ status: { lock } }: Reply): Lock {
    if (lock === 'unlocked') this.#hostAtWork = false;
    return lock === 'waiting' && !this.#hostAtWork ? 'operator-error' : lock;
  }

  /** A reply, also the last one; without one the session has ended. @throws GatehouseError UNREACHABLE */
  async #act(action: string, withinMs = actionMs): Promise<Reply> {
    let reply: Reply;
    try {
      reply = await this.#program.act(action, withinMs);
    } catch {
      throw sessionEnded(this.#opening.system, 'what was asked', this.#endedWhy ?? 'the program s3270 is gone');
    }
    if (!reply.status.connected) {
      this.ended('the host closed the connection');
      this.#program.kill('the host closed the connection');
    }
    return reply;
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
