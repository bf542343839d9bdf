import { type Bus, type PublishOutcome } from '../contract/bus.ts';
import { type Clock } from '../contract/clock.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { type Journal, type OutboxRow } from '../contract/journal.ts';
import { idsOfReply } from './identity.ts';

const pageRows = 200;
const maxHandedRows = 2_000;
const firstRetryMs = 100;
const maxRetryMs = 10_000;

export interface PublishSurroundings {
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  log(level: 'info' | 'warn', fields: Readonly<Record<string, unknown>>, message: string): void;
  journalFailed(error: unknown): void;
}

/**
 * The third verb: reply events leave in sequence, and every one that is not confirmed leaves again with the same id (rule 19).
 * Is handed what was just committed, and works from the journal alone whenever it fell behind (rule 35).
 */
export class Publish {
  readonly #around: PublishSurroundings;
  #handed: OutboxRow[] = [];
  /** Everything up to here has been confirmed, refused, or is in `#handed`. */
  #sentSeq = 0;
  #behind = true;
  #working: Promise<void> | null = null;
  #stopped = false;
  #retryMs = firstRetryMs;
  #cancelRetry: () => void = () => undefined;

  constructor(around: PublishSurroundings) {
    this.#around = around;
  }

  start(): void {
    this.#go();
  }

  /** Publishes what is committed, then no more. What the bus does not take now leaves after the next start. */
  async stop(): Promise<void> {
    await this.#working;
    this.#stopped = true;
    this.#cancelRetry();
    await this.#working;
  }

  /** Takes replies whose commit is durable, in the order of their commits. */
  offer(rows: readonly OutboxRow[]): void {
    if (rows.length === 0) return;
    this.#handed.push(...rows);
    if (this.#handed.length > maxHandedRows) {
      this.#behind = true;
      this.#handed = [];
    }
    this.#go();
  }

  /** Somebody made rows of the journal pending again. */
  again(): void {
    this.#behind = true;
    this.#handed = [];
    this.#sentSeq = 0;
    this.#go();
  }

  #go(): void {
    if (this.#working !== null || this.#stopped) return;
    this.#working = this.#work()
      .catch((error: unknown) => this.#retryLater(error))
      .finally(() => {
        this.#working = null;
        if (this.#handed.length > 0) this.#go();
      });
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const rows = await this.#next();
      if (rows.length === 0) return;
      await this.#send(rows);
      this.#retryMs = firstRetryMs;
    }
  }

  /** The next page: from the journal while behind, then what was handed over. */
  async #next(): Promise<readonly OutboxRow[]> {
    if (this.#behind) {
      // Whatever is handed over from here on was committed after this read began, or is in it.
      this.#behind = false;
      this.#handed = [];
      const rows = await this.#around.journal.unpublished(this.#sentSeq, pageRows);
      if (rows.length > 0) {
        this.#behind = true;
        return rows;
      }
      if (this.#behind) return this.#next();
    }
    return this.#handed.splice(0, pageRows).filter((row) => row.seq > this.#sentSeq);
  }

  /** A page leaves in sequence and is confirmed in any order; the rest behind a failure of the bus comes back from the journal. */
  async #send(rows: readonly OutboxRow[]): Promise<void> {
    const outcomes = await Promise.allSettled(rows.map((row) => this.#around.bus.publish(row)));
    let failed: { reason: unknown } | null = null;
    for (const [index, row] of rows.entries()) {
      const settled = outcomes[index];
      if (settled?.status === 'fulfilled') await this.#record(row, settled.value);
      else failed ??= { reason: settled?.reason };
      if (failed === null) this.#sentSeq = Math.max(this.#sentSeq, row.seq);
    }
    if (failed !== null) throw failed.reason;
  }

  async #record(row: OutboxRow, outcome: PublishOutcome): Promise<void> {
    const { journal, clock, log, journalFailed } = this.#around;
    if (outcome.end === 'refused') {
      log('warn', idsOfReply(row.event.attributes), `the bus does not take a reply: ${outcome.reason}`);
      await journal.unpublishable(row.seq, { code: 'UNPUBLISHABLE', message: outcome.reason }, clock.wallMs());
    } else if (outcome.recorded !== true) {
      void journal.published(row.seq, outcome.routed, clock.wallMs()).catch(journalFailed);
    }
  }

  #retryLater(error: unknown): void {
    this.#behind = true;
    if (this.#stopped) return;
    this.#around.log(
      'warn',
      { code: asGatehouseError(error).code, after: this.#sentSeq },
      `publishing failed and is tried again: ${asGatehouseError(error).message}`,
    );
    this.#cancelRetry = this.#around.clock.after(this.#retryMs, () => this.#go());
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }
}
