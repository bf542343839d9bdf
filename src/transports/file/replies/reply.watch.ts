import { type Clock } from '../../../contract/clock.ts';
import { type GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Log } from '../../../contract/log.ts';
import { type LaterVerdict, type Part } from '../../../contract/transport.ts';
import { type FilePath } from '../places/file-path.ts';
import { type Place } from '../places/place.ts';
import { type Claim } from './claim.ts';
import { type InboxSettings, ReplyInbox } from './reply.inbox.ts';
import { type ReplyPlan } from './reply.plan.ts';
import { type ReadReport, ReplyReader } from './reply.reader.ts';

const longestPauseMs = 900_000;
/** What a stop gives the step that runs before it is cut off. */
const patienceMs = 2_000;
/** Files that were told of, held in memory. */
const mostStuck = 10_000;
/** What proves itself wrong at every try and may lock a user out: it is not tried again before somebody else has got through. */
const locking = new Set<string>(['CREDENTIALS_REFUSED', 'HOST_KEY_REJECTED', 'CERTIFICATE_REJECTED', 'NO_COMMON_ALGORITHM']);

export interface WatchSurroundings extends InboxSettings {
  readonly system: string;
  readonly place: Place;
  readonly clock: Clock;
  readonly log: Log;
  readonly pollMs: number;
  readonly maxReplyBytes: number;
  directory(name: string): FilePath;
  replied(correlation: string, answer: Json, parts: readonly Part[], key: string): Promise<LaterVerdict>;
}

/**
 * Watches for reply files: claims what is complete, reads it, hands the replies in, and only when they are durable moves the file away. What was
 * claimed before a restart is read again first.
 */
export class ReplyWatch {
  readonly #around: WatchSurroundings;
  readonly #inboxes: readonly ReplyInbox[];
  readonly #reader: ReplyReader;
  readonly #aborter = new AbortController();
  #cancel: () => void = () => undefined;
  #round: Promise<void> | null = null;
  readonly #stuck = new Set<string>();
  #failures = 0;
  #locked = false;
  #stopping = false;

  constructor(around: WatchSurroundings, plans: readonly ReplyPlan[]) {
    this.#around = around;
    this.#inboxes = plans.map((plan) => new ReplyInbox(around, plan, around.directory(plan.reply.from)));
    this.#reader = new ReplyReader(around);
  }

  start(): void {
    if (this.#inboxes.length > 0) this.#later(0);
  }

  /** Somebody has got through to the place: if the watch had given up, it looks again. */
  reached(): void {
    if (!this.#locked) return;
    this.#locked = false;
    this.#later(0);
  }

  /** Ends after the step that runs; what it has begun and not finished is resumed at the next start. */
  async stop(): Promise<void> {
    this.#cancel();
    this.#stopping = true;
    const cancel = this.#around.clock.after(patienceMs, () => this.#aborter.abort());
    await this.#round;
    cancel();
    this.#aborter.abort();
  }

  #later(ms: number): void {
    this.#cancel();
    if (this.#stopping) return;
    this.#cancel = this.#around.clock.after(ms, () => {
      this.#round ??= this.#look().finally(() => {
        this.#round = null;
      });
    });
  }

  /** One round over every kind of reply file. Never rejects. */
  async #look(): Promise<void> {
    const { pollMs } = this.#around;
    try {
      for (const inbox of this.#inboxes) {
        for (const claim of await inbox.unfinished(this.#aborter.signal)) await this.#unlessStuck(String(claim.path), () => this.#take(inbox, claim));
        for (const file of await inbox.complete(this.#aborter.signal))
          await this.#unlessStuck(String(file), async () => {
            const claim = await inbox.claim(file, this.#aborter.signal);
            if (claim !== null) await this.#take(inbox, claim);
          });
      }
      if (this.#failures > 0) this.#around.log('info', { system: this.#around.system }, `${this.#around.system}: reply files are read again`);
      this.#failures = 0;
      this.#later(pollMs);
    } catch (thrown) {
      if (!this.#stopping) this.#failed(asGatehouseError(thrown));
    }
  }

  /** One file that cannot be claimed or moved must not keep the others; it is told of once. */
  async #unlessStuck(path: string, work: () => Promise<void>): Promise<void> {
    if (this.#stopping) return;
    try {
      await work();
      this.#stuck.delete(path);
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      if (error.class !== 'permanent' || error.code === 'DEFECT') throw error;
      const { system, log } = this.#around;
      if (!this.#stuck.has(path)) log('warn', { system, code: error.code }, `${system}: a reply file is left where it is: ${error.message}`);
      if (this.#stuck.size < mostStuck) this.#stuck.add(path);
    }
  }

  #failed(error: GatehouseError): void {
    const { system, log, pollMs } = this.#around;
    for (const inbox of this.#inboxes) inbox.interrupted();
    this.#failures += 1;
    this.#locked = locking.has(error.code);
    const then = this.#locked ? 'until a call or a check gets through' : 'for now';
    if (this.#failures === 1 || this.#locked)
      log('warn', { system, code: error.code }, `${system}: no reply files are read ${then}: ${error.message}`);
    if (!this.#locked) this.#later(Math.min(longestPauseMs, pollMs * 2 ** Math.min(20, this.#failures)));
  }

  /** A claimed file to its end: replies durable first, then it is moved. */
  async #take(inbox: ReplyInbox, claim: Claim): Promise<void> {
    const { signal } = this.#aborter;
    const report = await this.#reader.read(inbox.plan, claim, signal, () => this.#stopping);
    const { refused, records, badRecords, verdicts } = report;
    const bad = refused !== null || badRecords > 0;
    if (bad) await this.#show(inbox.plan.name, claim, report);
    if (bad) await inbox.explain(claim, report, signal);
    if (refused === null) await inbox.finish(claim, signal);
    else await inbox.refuse(claim, signal);
    const { system, log } = this.#around;
    const became =
      refused === null
        ? `answered ${verdicts.answered} call(s), ${verdicts.evidence} late or repeated, ${verdicts.candidate} awaited by nobody, ${badRecords} bad`
        : `lies in the error directory: ${refused}`;
    log(bad ? 'warn' : 'info', { system, file: claim.shownName, records, badRecords, ...verdicts }, `${system}: '${claim.shownName}' ${became}`);
  }

  /** In the journal, where people look for replies that nobody awaits. */
  async #show(kind: string, claim: Claim, { refused, records, badRecords, shown }: ReadReport): Promise<void> {
    const { clock, replied } = this.#around;
    const answer = { file: claim.shownName, kind, claim: claim.token, refused, records, badRecords };
    const bytes = Buffer.from(JSON.stringify(shown));
    await replied(
      `${kind}:unreadable ${claim.token}`,
      answer,
      [{ kind: 'note', atMs: clock.wallMs(), media: 'application/json', bytes }],
      `${claim.token} bad`,
    );
  }
}
