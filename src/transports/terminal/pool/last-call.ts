import { type Clock } from '../../../contract/clock.ts';
import { type Log } from '../../../contract/log.ts';
import { type Memory } from '../../../contract/memory.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type Part } from '../../../contract/transport.ts';
import { SecretScan } from '../recording.scan.ts';
import { type Screen } from '../screen/screen.ts';

export interface LastCallSurroundings {
  readonly system: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: Memory;
  evidence(callId: string, parts: readonly Part[]): Promise<boolean>;
}

/**
 * Which call was on the session of a user id last, so that what the session shows after an interruption becomes evidence for it. The row in
 * the memory is never taken away on the path of a call: a call that has ended takes no evidence.
 */
export class LastCall {
  readonly #around: LastCallSurroundings;
  readonly #user: string;
  readonly #secrets: readonly Secret[];
  #callId: string | null = null;
  #written = false;

  private constructor(around: LastCallSurroundings, user: string, secrets: readonly Secret[]) {
    this.#around = around;
    this.#user = user;
    this.#secrets = secrets;
  }

  /** `secrets`: no screen that shows one becomes evidence. */
  static async load(around: LastCallSurroundings, user: string, secrets: readonly Secret[]): Promise<LastCall> {
    const last = new LastCall(around, user, secrets);
    const row = await around.memory.get(last.#key);
    if (row === null || typeof row !== 'object' || Array.isArray(row) || typeof row['callId'] !== 'string') return last;
    last.#callId = row['callId'];
    last.#written = true;
    return last;
  }

  /** Whether there is a call that has not come to its end as far as the session is concerned. */
  get open(): boolean {
    return this.#callId !== null;
  }

  /** Asked in the turn in which the call leaves, it is durable no later than that. */
  begins(callId: string): void {
    this.#callId = callId;
    this.#written = true;
    const { memory, clock, log, system } = this.#around;
    memory
      .put(this.#key, { callId, sinceMs: clock.wallMs() })
      .catch((error: unknown) =>
        log('warn', { system, user: this.#user }, `${system}: which call ${this.#user} is on was not noted: ${String(error)}`),
      );
  }

  /** The session is at home again and the call was told how it ended. */
  over(): void {
    this.#callId = null;
  }

  /** Hands in what the session shows, once; `screen` null when there is nothing left to be seen. */
  async tell(note: string, screen: Screen | null): Promise<void> {
    const callId = this.#callId;
    if (callId === null) return;
    const { system, clock, log, evidence } = this.#around;
    const shown = screen === null ? null : this.#clean(screen.text());
    const atMs = clock.wallMs();
    const parts: Part[] = [{ kind: 'note', atMs, media: 'text/plain', bytes: Buffer.from(`session of ${this.#user}: ${note}`) }];
    if (shown !== null) parts.push({ kind: 'received', atMs, media: 'text/plain; charset=utf-8', bytes: Buffer.from(shown) });
    try {
      const kept = await evidence(callId, parts);
      this.#callId = null;
      if (kept)
        log(
          'info',
          { system, user: this.#user, call: callId },
          `${system}: what the session of ${this.#user} showed is kept with the call that was on it`,
        );
    } catch (error) {
      log('warn', { system, user: this.#user, call: callId }, `${system}: what the session of ${this.#user} showed was not kept: ${String(error)}`);
    }
  }

  /** At an orderly end nothing is left to be found out. Resolves when that is durable. */
  async forget(): Promise<void> {
    if (!this.#written || this.open) return;
    this.#written = false;
    await this.#around.memory.remove(this.#key);
  }

  #clean(text: string): string {
    const found = new SecretScan(this.#secrets).inTerminal(text);
    return found === null ? text : `The screen shows the secret ${found}; it was not kept.`;
  }

  get #key(): string {
    return `on/${this.#user.toLowerCase()}`;
  }
}
