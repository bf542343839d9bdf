import { type Clock } from '../../../contract/clock.ts';
import { type GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Log } from '../../../contract/log.ts';
import { type LaterVerdict, type Part, type ReplyStatus } from '../../../contract/transport.ts';
import { type FilePath } from '../places/file-path.ts';
import { type Place } from '../places/place.ts';
import { type Claim } from './claim.ts';
import { type InboxSettings, ReplyInbox } from './reply.inbox.ts';
import { type ReplyPlan } from './reply.plan.ts';
import { type ReadReport, ReplyReader } from './reply.reader.ts';
import { ReplyTally } from './reply.tally.ts';

const longestPauseMs = 900_000;
/** What a stop gives the step that runs before it is cut off. */
const patienceMs = 2_000;
/** Files that were told of, or wait to be put away, held in memory. */
const mostHeld = 10_000;
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

/** A kind of reply file at work. */
interface Kind {
  readonly inbox: ReplyInbox;
  readonly tally: ReplyTally;
}

/** Where files are put away, and what kept the first of this look from it: the others wait for the next one. */
type InTheWay = Record<'archive' | 'error', GatehouseError | null>;

/**
 * Watches for reply files: claims what is complete, reads it, hands the replies in, and only when they are durable moves the file away. What was
 * claimed before a restart is read again first. A file that cannot be moved away keeps no other from being read.
 */
export class ReplyWatch {
  readonly #around: WatchSurroundings;
  readonly #kinds: readonly Kind[];
  readonly #reader: ReplyReader;
  readonly #aborter = new AbortController();
  #cancel: () => void = () => undefined;
  #round: Promise<void> | null = null;
  readonly #stuck = new Set<string>();
  /** Read to the end and not put away yet, by token: they need not be read again. */
  readonly #read = new Map<string, ReadReport>();
  #failures = 0;
  #lastFailure = '';
  #locked = false;
  #stopping = false;

  constructor(around: WatchSurroundings, plans: readonly ReplyPlan[]) {
    this.#around = around;
    this.#kinds = plans.map((plan) => {
      const inbox = new ReplyInbox(around, plan, around.directory(plan.reply.from));
      return { inbox, tally: new ReplyTally(plan.name, inbox.about) };
    });
    this.#reader = new ReplyReader(around);
  }

  start(): void {
    if (this.#kinds.length > 0) this.#later(0);
  }

  statuses(): readonly ReplyStatus[] {
    return this.#kinds.map(({ tally }) => tally.status());
  }

  /** Somebody has got through to the place: if the watch had given up, it looks again. */
  reached(): void {
    if (!this.#locked) return;
    this.#locked = false;
    this.#later(0);
  }

  /** Looks at once if the last look failed; resolves when that look is over, or at the signal. */
  async again(signal: AbortSignal): Promise<void> {
    if (this.#failures === 0 || this.#stopping) return;
    this.#cancel();
    this.#round ??= this.#look();
    const round = this.#round;
    await new Promise<void>((resolve) => {
      void round.then(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
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
    this.#cancel = this.#around.clock.after(ms, () => void (this.#round ??= this.#look()));
  }

  /** One round over every kind of reply file. Never rejects. */
  async #look(): Promise<void> {
    let failure: GatehouseError | null = null;
    for (const { inbox, tally } of this.#kinds) {
      // What is wrong with the line is wrong for every kind.
      const error: GatehouseError | null = isOfTheLine(failure) ? failure : await this.#lookInto(inbox, tally);
      if (this.#stopping) break;
      tally.looked(error, this.#around.clock.wallMs());
      failure ??= error;
    }
    this.#round = null;
    if (this.#stopping) return;
    if (failure === null) this.#wentWell();
    else this.#failed(failure);
  }

  /** @returns what was in the way */
  async #lookInto(inbox: ReplyInbox, tally: ReplyTally): Promise<GatehouseError | null> {
    const { signal } = this.#aborter;
    const inTheWay: InTheWay = { archive: null, error: null };
    try {
      for (const claim of await inbox.unfinished(signal))
        await this.#unlessStuck(inbox, String(claim.path), () => this.#take(inbox, tally, claim, inTheWay));
      for (const file of await inbox.complete(signal))
        await this.#unlessStuck(inbox, String(file), async () => {
          const claim = await inbox.claim(file, signal);
          if (claim !== null) await this.#take(inbox, tally, claim, inTheWay);
        });
      if (inbox.overfull) this.#sayOverfull(inbox);
    } catch (thrown) {
      inbox.interrupted();
      return asGatehouseError(thrown);
    }
    return inTheWay.archive ?? inTheWay.error;
  }

  /** One file that cannot be claimed or read must not keep the others; it is told of once. */
  async #unlessStuck(inbox: ReplyInbox, path: string, work: () => Promise<void>): Promise<void> {
    if (this.#stopping) return;
    try {
      await work();
      this.#stuck.delete(path);
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      if (error.class !== 'permanent' || error.code === 'DEFECT') throw error;
      inbox.interrupted();
      const { system, log } = this.#around;
      if (!this.#stuck.has(path)) log('warn', { system, code: error.code }, `${system}: a reply file is left where it is: ${error.message}`);
      if (this.#stuck.size < mostHeld) this.#stuck.add(path);
    }
  }

  #sayOverfull({ about }: ReplyInbox): void {
    const { system, log } = this.#around;
    if (!this.#stuck.has(about)) log('warn', { system }, `${system}: more files than one look takes in lie at ${about}: take away what is no reply`);
    if (this.#stuck.size < mostHeld) this.#stuck.add(about);
  }

  #wentWell(): void {
    const { system, log, pollMs } = this.#around;
    if (this.#failures > 0) log('info', { system }, `${system}: reply files are read again`);
    this.#failures = 0;
    this.#lastFailure = '';
    this.#later(this.#kinds.some(({ inbox }) => inbox.hasMore) ? 0 : pollMs);
  }

  #failed(error: GatehouseError): void {
    const { system, log, pollMs } = this.#around;
    this.#failures += 1;
    this.#locked = locking.has(error.code);
    const what = concernsPlace(error) ? 'not all reply files can be read and put away' : 'no reply files are read';
    const then = this.#locked ? 'until a call or a check gets through' : 'for now';
    if (this.#lastFailure !== error.code) log('warn', { system, code: error.code }, `${system}: ${what} ${then}: ${error.message}`);
    this.#lastFailure = error.code;
    if (!this.#locked) this.#later(Math.min(longestPauseMs, pollMs * 2 ** Math.min(20, this.#failures)));
  }

  /** A claimed file to its end: replies durable first, then it is moved. */
  async #take(inbox: ReplyInbox, tally: ReplyTally, claim: Claim, inTheWay: InTheWay): Promise<void> {
    const report = this.#read.get(claim.token) ?? (await this.#toItsEnd(inbox, tally, claim));
    const where = report.refused === null && report.badRecords === 0 ? 'archive' : 'error';
    if (inTheWay[where] === null)
      try {
        await this.#putAway(inbox, claim, report);
        this.#read.delete(claim.token);
        return;
      } catch (thrown) {
        const error = asGatehouseError(thrown);
        if (!concernsPlace(error)) throw error;
        inTheWay[where] = error;
      }
    inbox.interrupted();
    if (this.#read.size < mostHeld) this.#read.set(claim.token, report);
  }

  async #toItsEnd(inbox: ReplyInbox, tally: ReplyTally, claim: Claim): Promise<ReadReport> {
    const report = await this.#reader.read(inbox.plan, claim, this.#aborter.signal, () => this.#stopping);
    const { refused, records, badRecords, verdicts } = report;
    const bad = refused !== null || badRecords > 0;
    if (bad) await this.#show(inbox.plan.name, claim, report);
    tally.read(claim.shownName, report, this.#around.clock.wallMs());
    const { system, log } = this.#around;
    const became =
      refused === null
        ? `answered ${verdicts.answered} call(s), ${verdicts.evidence} late or repeated, ${verdicts.candidate} awaited by nobody, ${badRecords} bad`
        : `answers nobody and goes to the error directory: ${refused}`;
    log(bad ? 'warn' : 'info', { system, file: claim.shownName, records, badRecords, ...verdicts }, `${system}: '${claim.shownName}' ${became}`);
    return report;
  }

  async #putAway(inbox: ReplyInbox, claim: Claim, report: ReadReport): Promise<void> {
    const { signal } = this.#aborter;
    if (report.refused !== null || report.badRecords > 0) await inbox.explain(claim, report, signal);
    if (report.refused === null) await inbox.finish(claim, signal);
    else await inbox.refuse(claim, signal);
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

/** One directory of the place is at fault, and what lies in the others can be worked on. */
const concernsPlace = ({ code }: GatehouseError): boolean =>
  code === 'PLACE_FULL' || code === 'PLACE_DENIED' || code === 'PLACE_UNFIT' || code === 'NOT_EXECUTED';

const isOfTheLine = (error: GatehouseError | null): boolean => error !== null && !concernsPlace(error);
