import {
  type BulkAct,
  BulkDesk,
  type BulkItem,
  type BulkPace,
  type BulkRequest,
  type BulkRow,
  type BulkSelection,
  type BulkTurn,
  type Selected,
} from '../contract/bulk.ts';
import { type Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type DeskAct } from '../contract/control.ts';
import { type Code, GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Journal, type OperatorAct, type TranslationRef } from '../contract/journal.ts';
import { type Story } from '../contract/journal-reader.ts';
import { type GatewayDesk } from './desk.ts';
import { Pace } from './pace.ts';
import { checkTemplate, completed } from './refusal-template.ts';

/** In one bulk. The selection is read in one look, so that it is of one moment. */
const mostItems = 200_000;
/** More than a person counts on a page: they say how many they have agreed to. */
const mostUnconfirmed = 100;
const againMs = 5_000;
const lookAgainMs = 20;
/** Translations that are in memory with all their bodies at once. */
const storiesAtOnce = 8;

export interface BulkSizes {
  /** Translations that are frozen in one commit: few enough that an event which arrives meanwhile does not notice. */
  readonly frozenAtOnce: number;
  /** Translations that something is done to in one commit. */
  readonly groupOf: number;
}

const usualSizes: BulkSizes = { frozenAtOnce: 250, groupOf: 50 };

/** Not the fault of the translation. */
const journalCodes: ReadonlySet<Code> = new Set(['STALE_EPOCH', 'JOURNAL_BROKEN', 'JOURNAL_FULL', 'STOPPING']);

export interface BulksSurroundings {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly desk: GatewayDesk;
  readonly sizes?: BulkSizes;
  journalFailed(error: unknown): void;
}

/**
 * Does what people ask for many translations together, one bulk after the other, from the journal alone: rate, stop and the next
 * translations are read there each time. A group of translations is one commit and one wakeup; after each it rests for as long as that took,
 * so that at least half of the journal's time is left to events.
 */
export class Bulks extends BulkDesk {
  readonly #around: BulksSurroundings;
  readonly #sizes: BulkSizes;
  /** Being frozen by a request that waits for it. */
  readonly #freezing = new Set<number>();
  #pace: Pace;
  #current: number | null = null;
  #halfFrozen = true;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();
  #woken = false;
  #wake: () => void = () => undefined;

  constructor(around: BulksSurroundings) {
    super();
    this.#around = around;
    this.#sizes = around.sizes ?? usualSizes;
    this.#pace = new Pace(around.clock);
  }

  /** Goes on with what a life before has begun. */
  start(): void {
    this.#loop = this.#run();
  }

  /** Begins nothing more; resolves when the group at work has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wakeUp();
    await this.#loop;
  }

  async look(selection: BulkSelection): Promise<{ readonly count: number; readonly groups: Selected['groups'] }> {
    const { seqs, groups } = await this.#select(selection);
    return { count: seqs.length, groups };
  }

  async begin(request: BulkRequest): Promise<number> {
    const { journal, clock } = this.#around;
    if (request.why.trim() === '') throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
    const before = await journal.bulks.keyed(request.key);
    if (before !== null) {
      const same = sameAs(before, request);
      await this.#untilFrozen(request.key);
      return same;
    }
    const selected = await this.#select(request.selection);
    checkCount(selected.seqs.length, request.expected);
    await this.#checkAct(request, selected);
    const { seq, repeated } = await journal.bulks.start({ ...request, total: selected.seqs.length }, clock.wallMs());
    if (repeated) {
      await this.#untilFrozen(request.key);
      return seq;
    }
    this.#freezing.add(seq);
    try {
      await this.#freeze(seq, selected);
    } catch (error) {
      await this.#giveUp(seq, error);
      throw error;
    } finally {
      this.#freezing.delete(seq);
      this.#wakeUp();
    }
    return seq;
  }

  async turn(turn: BulkTurn): Promise<void> {
    const { journal, clock } = this.#around;
    if (turn.why.trim() === '') throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
    await journal.bulks.turn(turn, clock.wallMs());
    this.#wakeUp();
  }

  pace({ seq, state, total, done, failed, skipped, perSecond }: BulkRow): BulkPace {
    const mine = this.#current === seq;
    if (state !== 'running' || !mine) return { perSecondNow: 0, leftMs: null, behind: state === 'running' ? this.#current : null };
    const perSecondNow = this.#pace.perSecondNow();
    const expected = perSecondNow === 0 ? perSecond : perSecondNow;
    const left = total - done - failed - skipped;
    return { perSecondNow, leftMs: expected === 0 ? null : Math.ceil((left * 1_000) / expected), behind: null };
  }

  async #select(selection: BulkSelection): Promise<Selected> {
    const selected = await this.#around.journal.reader.selected(selection, mostItems + 1);
    if (selected.seqs.length > mostItems)
      throw new GatehouseError('NOT_POSSIBLE', `more than ${mostItems} translations fit: narrow the search, by time for instance`);
    return selected;
  }

  /** What would fail for every translation is refused before it begins. */
  async #checkAct({ act, why }: BulkRequest, { groups, first }: Selected): Promise<void> {
    if (act.kind !== 'discard' || act.reply === undefined) return;
    const { type } = act.reply;
    const { catalogue, journal, desk } = this.#around;
    const names = groups.map(({ system, operation }) => `${system} ${operation}`);
    const named = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
    checkTemplate(act.reply.data, named);
    const declares = groups.some(({ system, operation }) => catalogue.operation(system, operation)?.replies.has(type) === true);
    if (!declares) throw new GatehouseError('REPLY_INVALID', `none of these declares the reply '${type.slice(0, 200)}': ${named}`);
    const tried = await Promise.allSettled(
      first.map(async (id) => {
        const story = await journal.reader.story(id);
        if (story !== null) await desk.complete(story, deskAct(act, story, why));
      }),
    );
    const refused = tried.filter((each) => each.status === 'rejected');
    if (refused.length === first.length && refused[0] !== undefined) throw asGatehouseError(refused[0].reason);
  }

  async #freeze(seq: number, { seqs, versions }: Selected): Promise<void> {
    const { journal, clock } = this.#around;
    const { frozenAtOnce } = this.#sizes;
    for (let from = 0; from < seqs.length; from += frozenAtOnce) {
      const beganMs = clock.monotonicMs();
      const chunk = Array.from(seqs.subarray(from, from + frozenAtOnce), (each, index): TranslationRef => ({
        seq: each,
        version: versions[from + index] ?? 0,
      }));
      const last = from + chunk.length === seqs.length;
      await journal.bulks.freeze(seq, from + 1, chunk, last);
      if (!last) await new Promise<void>((resolve) => void clock.after(Math.max(1, clock.monotonicMs() - beganMs), resolve));
    }
  }

  /** Somebody else freezes it: the request before this one, or the life that found it half frozen. */
  async #untilFrozen(key: string): Promise<void> {
    const { journal, clock } = this.#around;
    while ((await journal.bulks.keyed(key))?.state === 'freezing') await new Promise<void>((resolve) => void clock.after(lookAgainMs, resolve));
  }

  /** Whoever asked is told that it failed: it must not run later. */
  async #giveUp(seq: number, error: unknown): Promise<void> {
    const { journal, clock } = this.#around;
    const { code, message } = asGatehouseError(error);
    await journal.bulks.abandon(seq, `${code}: ${message}`, clock.wallMs()).catch(() => undefined);
  }

  /** A selection that is half there is of no moment: it is made anew, of no more than the person had agreed to. */
  async #freezeAgain(): Promise<void> {
    const { journal, clock } = this.#around;
    this.#halfFrozen = false;
    for (const bulk of await journal.bulks.halfFrozen()) {
      if (this.#freezing.has(bulk.seq)) continue;
      while (await journal.bulks.thaw(bulk.seq, this.#sizes.frozenAtOnce));
      const selected = await journal.reader.selected(bulk.selection, bulk.total + 1);
      const count = selected.seqs.length;
      const broken = `the gateway ended while the selection of ${bulk.total} was being frozen`;
      if (count === 0) await journal.bulks.abandon(bulk.seq, `${broken}, and nothing fits any more`, clock.wallMs());
      else if (count > bulk.total) await journal.bulks.abandon(bulk.seq, `${broken}, and more fit now: look again and start another`, clock.wallMs());
      else await this.#freeze(bulk.seq, selected);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#woken = false;
        if (this.#halfFrozen) await this.#freezeAgain();
        await this.#step();
      } catch (error) {
        this.#halfFrozen = true;
        this.#around.journalFailed(error);
        await this.#rest(againMs);
      }
    }
  }

  async #step(): Promise<void> {
    const { journal, clock, desk } = this.#around;
    const work = await journal.bulks.next(this.#sizes.groupOf);
    if (work?.bulk.seq !== this.#current) {
      this.#current = work?.bulk.seq ?? null;
      this.#pace = new Pace(clock);
    }
    if (work === null) return this.#rest(null);
    const { bulk, items } = work;
    const group = items.slice(0, this.#pace.allowed(bulk.perSecond));
    if (group.length === 0) return this.#rest(this.#pace.waitMs(bulk.perSecond));
    const beganMs = clock.monotonicMs();
    this.#pace.took(group.length);
    const atOnce = needsStory(bulk.act) ? storiesAtOnce : group.length;
    const ends: PromiseSettledResult<Done | null>[] = [];
    for (let from = 0; from < group.length; from += atOnce)
      ends.push(...(await Promise.allSettled(group.slice(from, from + atOnce).map((item) => this.#do(bulk, item)))));
    const done = ends.flatMap((end) => (end.status === 'fulfilled' && end.value !== null ? [end.value] : []));
    if (done.length > 0)
      desk.wake(
        new Set(done.map(({ system }) => system)),
        done.some(({ publishes }) => publishes),
      );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return this.#rest(Math.max(1, clock.monotonicMs() - beganMs));
  }

  /** @returns the system whose translation it was done to, and whether there are replies to publish now; null when it was not done */
  async #do(bulk: BulkRow, item: BulkItem): Promise<Done | null> {
    const { journal, clock, desk } = this.#around;
    try {
      const { act, story } = await this.#actOn(bulk, item);
      const { result } = await journal.bulks.act(item, act, clock.wallMs());
      if (result === null) return null;
      if (story !== null) desk.tell(story, act, result);
      return { system: result.system, publishes: result.state === 'answered' || (act.kind === 'discard' && act.reply !== undefined) };
    } catch (thrown) {
      const { code, message } = asGatehouseError(thrown);
      if (journalCodes.has(code)) throw thrown;
      await journal.bulks.refuse(item, { code, message: message.slice(0, 1_000) }, clock.wallMs());
      return null;
    }
  }

  async #actOn({ act, why }: BulkRow, { translationId }: BulkItem): Promise<{ readonly act: OperatorAct; readonly story: Story | null }> {
    if (!needsStory(act)) return { act: { kind: act.kind } as OperatorAct, story: null };
    const story = translationId === null ? null : await this.#around.journal.reader.story(translationId);
    if (story === null) throw new GatehouseError('NOT_FOUND', 'it is no longer kept');
    return { act: await this.#around.desk.complete(story, deskAct(act, story, why)), story };
  }

  #wakeUp(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Until something has changed, and no longer than `ms`. */
  async #rest(ms: number | null): Promise<void> {
    if (this.#woken || this.#stopped) return;
    let cancel = (): void => undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== null) cancel = this.#around.clock.after(ms, resolve);
    });
    cancel();
  }
}

interface Done {
  readonly system: string;
  readonly publishes: boolean;
}

/** Whether what is done to one of them takes more than the journal's row of it. */
const needsStory = (act: BulkAct): boolean => !(act.kind === 'retry' || act.kind === 'pass' || (act.kind === 'discard' && act.reply === undefined));

/** What is asked for one of them. */
function deskAct(act: BulkAct, story: Story, reason: string): DeskAct {
  if (act.kind !== 'discard' || act.reply === undefined) return { kind: act.kind };
  return { kind: 'discard', reply: { type: act.reply.type, data: completed(act.reply.data, { story, reason }) } };
}

/** @throws GatehouseError NOT_POSSIBLE when the key was used for something else */
function sameAs({ seq, act, selection }: BulkRow, request: BulkRequest): number {
  if (JSON.stringify([act, selection]) !== JSON.stringify([request.act, request.selection]))
    throw new GatehouseError('NOT_POSSIBLE', `the key '${request.key}' was used for bulk ${seq}, which is another`);
  return seq;
}

function checkCount(count: number, expected: number | null): void {
  if (count === 0) throw new GatehouseError('NOT_POSSIBLE', 'no translation fits: there is nothing to do');
  if (expected === null && count > mostUnconfirmed)
    throw new GatehouseError('NOT_POSSIBLE', `${count} translations fit: confirm with expected: ${count}`);
  if (expected !== null && count > expected)
    throw new GatehouseError('CHANGED', `${count} translations fit by now, more than the ${expected} that were agreed to: look again`);
}
