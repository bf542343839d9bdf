import { type Bus, type PublishOutcome } from '../contract/bus.ts';
import { type Clock } from '../contract/clock.ts';
import { type GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Journal, type OutboxRow } from '../contract/journal.ts';
import { type Log } from '../contract/log.ts';
import { idsOfReply } from './identity.ts';

const pageRows = 200;
const maxHandedRows = 2_000;
const maxUnconfirmed = 500;
const firstRetryMs = 100;
const maxRetryMs = 10_000;

export interface PublishSurroundings {
  readonly journal: Journal;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  journalFailed(error: unknown): void;
}

/**
 * The third verb: reply events leave in sequence, without waiting for each other's confirms, and every one that is not confirmed leaves
 * again with the same id (rule 19). Is handed what was just committed, and works from the journal alone whenever it fell behind (rule 35).
 */
export class Publish {
  readonly #around: PublishSurroundings;
  #handed: OutboxRow[] = [];
  /** Everything up to here has left since the last failure. */
  #leftSeq = 0;
  #behind = true;
  readonly #inFlight = new Set<number>();
  #failure: GatehouseError | null = null;
  #working = false;
  #stopped = false;
  #retryMs = firstRetryMs;
  #cancelRetry: (() => void) | null = null;
  #settled: () => void = () => undefined;

  constructor(around: PublishSurroundings) {
    this.#around = around;
  }

  start(): void {
    this.#go();
  }

  /** Publishes what is committed, then no more; for at most `withinMs`. What the bus does not take by then leaves after the next start. */
  async stop(withinMs: number): Promise<void> {
    const { clock } = this.#around;
    const untilMs = clock.monotonicMs() + withinMs;
    const cancel = clock.after(withinMs, () => this.#settled());
    while ((this.#working || this.#inFlight.size > 0) && this.#cancelRetry === null && clock.monotonicMs() < untilMs) await this.#somethingSettled();
    cancel();
    this.#stopped = true;
    this.#cancelRetry?.();
  }

  /** Takes replies whose commit is durable, in the order of their commits. */
  offer(rows: readonly OutboxRow[]): void {
    if (rows.length === 0) return;
    // What is behind is read from the journal, and these with it.
    if (!this.#behind) this.#handed.push(...rows);
    if (this.#handed.length > maxHandedRows) {
      this.#behind = true;
      this.#handed = [];
    }
    this.#go();
  }

  /** Somebody made rows of the journal pending again. */
  again(): void {
    this.#fallBehind();
    this.#go();
  }

  #fallBehind(): void {
    this.#behind = true;
    this.#handed = [];
    this.#leftSeq = 0;
  }

  /** While a failure is waited out, what is offered stays in the journal. */
  #go(): void {
    if (this.#working || this.#stopped || this.#cancelRetry !== null) return;
    this.#working = true;
    void this.#work()
      .catch((error: unknown) => {
        this.#failure ??= asGatehouseError(error);
        this.#around.journalFailed(error);
      })
      .finally(() => {
        this.#working = false;
        this.#settled();
        if (this.#handed.length > 0 || this.#behind || this.#failure !== null) this.#go();
      });
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const rows = this.#failure === null ? await this.#next() : [];
      // Something failed while they were read: they come back from the journal, behind it.
      if (this.#failure === null) for (const row of rows) void this.#send(row);
      while (this.#inFlight.size >= maxUnconfirmed || (this.#failure !== null && this.#inFlight.size > 0)) await this.#somethingSettled();
      if (this.#failure !== null) return this.#retryLater(this.#failure);
      if (rows.length === 0 && !this.#behind) return;
    }
  }

  /** The next page: from the journal while behind, then what was handed over. */
  async #next(): Promise<readonly OutboxRow[]> {
    if (!this.#behind) return this.#handed.splice(0, pageRows).filter((row) => row.seq > this.#leftSeq);
    // Whatever is handed over from here on was committed after this read began, or is in it.
    this.#behind = false;
    this.#handed = [];
    const rows = await this.#around.journal.unpublished(this.#leftSeq, pageRows);
    if (rows.length > 0) this.#behind = true;
    this.#leftSeq = Math.max(this.#leftSeq, rows.at(-1)?.seq ?? 0);
    return rows.filter((row) => !this.#inFlight.has(row.seq));
  }

  async #send(row: OutboxRow): Promise<void> {
    this.#leftSeq = Math.max(this.#leftSeq, row.seq);
    this.#inFlight.add(row.seq);
    try {
      await this.#record(row, await this.#around.bus.publish(row));
      this.#retryMs = firstRetryMs;
    } catch (error) {
      this.#failure ??= asGatehouseError(error);
      this.#go();
    } finally {
      this.#inFlight.delete(row.seq);
      this.#settled();
    }
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

  #somethingSettled(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#settled;
      this.#settled = () => {
        this.#settled = (): void => undefined;
        before();
        resolve();
      };
    });
  }

  /** Everything that was under way has settled: what is not confirmed comes back from the journal, in sequence. */
  #retryLater(failure: GatehouseError): void {
    this.#failure = null;
    this.#fallBehind();
    if (this.#stopped) return;
    const { clock, log } = this.#around;
    log('warn', { code: failure.code }, `publishing failed and is tried again in ${this.#retryMs} ms: ${failure.message}`);
    this.#cancelRetry = clock.after(this.#retryMs, () => {
      this.#cancelRetry = null;
      this.#go();
    });
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }
}
