import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type DryCall, type DryEnd, type DryRun, type DryRunRequest } from '../contract/dry-run.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Story, type StoryPart } from '../contract/journal-reader.ts';
import { type Journal, type Started } from '../contract/journal.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type Translation } from '../contract/operation.ts';
import { SystemSettings } from '../contract/settings.ts';
import { type Link, type Outcome, type Passage } from '../contract/transport.ts';
import { compared, comparedReply, likeness } from './drafted.ts';
import { eventOf, startedFor } from './dry-start.ts';
import { type RunJournal } from './native-call.ts';
import { instanceOf, jsonPayloadOf } from './payload.ts';
import { RecordedAnswers } from './recorded-answers.ts';
import { repliesOf } from './reply.ts';
import { Run } from './run.ts';
import { System, failureOf } from './system.ts';
import { type RunEnd, type SystemWatch } from './verdict.ts';

/** Longest time of a dry run, ms. */
const withinMs = 10_000;
/** Drafted bytes of all calls of one run that are kept to be shown. */
const maxDraftBytes = 32_000_000;

export interface DryRunSurroundings {
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly systems: ReadonlyMap<string, System>;
  readonly journal: Pick<Journal, 'reader'>;
  instance(operation: Class<object>): Translation<object, unknown, unknown>;
}

/** How a pass ended, and with which replies. */
type Passed = Pick<DryRun, 'end' | 'replies'>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Keeps nothing: nothing happens. */
const nowhere: RunJournal = {
  leave: async () => 0,
  called: async () => undefined,
  sequence: () => Promise.reject(new GatehouseError('DEFECT', 'a dry run asked for a number')),
  gather: () => Promise.reject(new GatehouseError('DEFECT', 'a dry run gathered a call')),
};
const unwatched: SystemWatch = { answered: () => undefined, failed: () => undefined, fault: () => undefined };

/**
 * One pass through an operation's code as it is now, in which calls are drafted instead of made. Their answers are those of a recording,
 * or a person's. The code runs in this process, as it would for a real event: code that never comes to a call is ended after ten seconds,
 * and code that does not even let go of the thread by the watcher, with the process (rule 6).
 */
export class DryPass {
  readonly #around: DryRunSurroundings;
  readonly #operation: CataloguedOperation;
  readonly #story: Story | null;
  readonly #request: DryRunRequest;
  readonly #event: CloudEvent;
  readonly #recorded: RecordedAnswers;
  readonly #calls: Mutable<DryCall>[] = [];
  readonly #unanswered = new Set<string>();
  #draftBytes = 0;
  #over = false;

  /** @throws GatehouseError NOT_POSSIBLE when the body of the event is no longer kept */
  constructor(around: DryRunSurroundings, operation: CataloguedOperation, story: Story | null, request: DryRunRequest) {
    this.#around = around;
    this.#operation = operation;
    this.#story = story;
    this.#request = request;
    this.#event = eventOf(operation, story, request.data);
    this.#recorded = new RecordedAnswers(story?.calls ?? []);
  }

  /** @throws GatehouseError ANSWER_INVALID, CALL_UNKNOWN for an answer that is given */
  async run(): Promise<DryRun> {
    const { system, name } = this.#operation;
    this.#checkAnswers();
    const started = startedFor(this.#operation, this.#story, this.#event, this.#request, this.#around.clock.wallMs());
    const { end, replies } = await this.#within(this.#pass(started));
    this.#over = true;
    return {
      system,
      operation: name,
      event: this.#event,
      edited: this.#story !== null && this.#request.data !== undefined,
      calls: this.#calls,
      replies,
      end,
      notes: this.#notes(end),
      story: this.#story,
    };
  }

  async #pass(started: Started): Promise<Passed> {
    const { clock } = this.#around;
    const operation = this.#operation;
    try {
      const event = await instanceOf(operation.accepts, await jsonPayloadOf(this.#event), 'EVENT_INVALID');
      const translation = this.#around.instance(operation.operation);
      const run = new Run(
        {
          journal: nowhere,
          clock,
          system: this.#dry(),
          watch: unwatched,
          telemetry: null,
          gathered: () => undefined,
          journalFailed: () => undefined,
        },
        started,
      );
      const end = await run.execute((handle) => translation.translate(event, handle));
      if (end.end !== 'returned') return { end: this.#endOf(end), replies: [] };
      const events = await repliesOf(started, operation, end.value, clock.wallMs());
      return { end: { end: 'replied' }, replies: events.map((reply, n) => comparedReply(reply, n, this.#story?.replies[n])) };
    } catch (error) {
      return { end: { end: 'parked', failure: failureOf(asGatehouseError(error)) }, replies: [] };
    }
  }

  /** The code cannot be stopped: what it still asks for is not answered. */
  async #within(pass: Promise<Passed>): Promise<Passed> {
    let cancel = (): void => undefined;
    const late = new Promise<Passed>((resolve) => {
      const message = `the dry run took longer than ${withinMs / 1_000} s`;
      cancel = this.#around.clock.after(withinMs, () => resolve({ end: { end: 'parked', failure: { code: 'STALLED', message } }, replies: [] }));
    });
    try {
      return await Promise.race([pass, late]);
    } finally {
      cancel();
    }
  }

  #endOf(end: Exclude<RunEnd, { end: 'returned' }>): DryEnd {
    if (end.end === 'park') return { end: 'parked', failure: end.failure };
    if (this.#unanswered.size > 0) return { end: 'needs answer', calls: [...this.#unanswered] };
    return { end: 'waits', failure: end.end === 'wait' && 'failure' in end.wait ? end.wait.failure : null };
  }

  /** Without hours, limits and health, which nothing that stays here needs to ask. */
  #dry(): System {
    const real = this.#real();
    const settings = Object.assign(new SystemSettings(), real.settings, { callsPerSecond: 0, hours: undefined });
    const links = [...real.links].map(([transport, link]): [string, Link] => [
      transport,
      {
        exchange: (call, args, passage) => this.#exchange(link, call, args, passage),
        check: async () => undefined,
        violations: () => [],
        close: async () => undefined,
      },
    ]);
    return new System(real.catalogued, settings, new Map(links), this.#around.clock);
  }

  #real(): System {
    const system = this.#around.systems.get(this.#operation.system);
    if (system === undefined) throw new GatehouseError('NOT_POSSIBLE', `${this.#operation.system} is not open`);
    return system;
  }

  async #exchange(link: Link, name: string, args: Json, passage: Passage): Promise<Outcome> {
    const { call: recorded, exact } = this.#recorded.match(name, args);
    const effect = this.#real().declaration(name)?.effect ?? 'read';
    const dry: Mutable<DryCall> = { name, effect, args, parts: [], failure: null, answer: null, answeredBy: null, recorded };
    this.#calls.push(dry);
    try {
      if (this.#over) throw new GatehouseError('STOPPING', 'the dry run is over');
      await this.#draft(link, dry, passage);
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      dry.failure = failureOf(error);
      return { end: 'not sent', error };
    }
    const { answers = {} } = this.#request;
    const answered = recorded?.state === 'answered' ? recorded.answer : undefined;
    const [by, answer] =
      exact && answered !== undefined
        ? (['recorded', answered] as const)
        : Object.hasOwn(answers, name)
          ? (['given', answers[name] ?? null] as const)
          : ([answered === undefined ? null : 'assumed', answered ?? null] as const);
    if (by === null) {
      this.#unanswered.add(name);
      return { end: 'not sent', error: new GatehouseError('STOPPING', `${name} has no answer`) };
    }
    Object.assign(dry, { answer, answeredBy: by });
    return { end: 'answer', answer };
  }

  async #draft(link: Link, dry: Mutable<DryCall>, { callId, nowMs }: Passage): Promise<void> {
    const recorded = dry.recorded?.parts ?? [];
    const like = likeness([...recorded, ...(await this.#batchOf(dry))]);
    const parts = (await link.draft?.(dry.name, dry.args, { callId, nowMs, like })) ?? [];
    const bytes = parts.reduce((sum, part) => sum + part.bytes.byteLength, 0);
    if (this.#draftBytes + bytes > maxDraftBytes) {
      const why = `${bytes} bytes are not shown: this dry run drafts more than ${maxDraftBytes}`;
      dry.parts = [{ kind: 'note', media: 'text/plain', bytes: Buffer.from(why), recorded: null, same: null }];
      return;
    }
    this.#draftBytes += bytes;
    dry.parts = compared(parts, recorded);
  }

  /** What is known of the file that the call went out in with others. */
  async #batchOf({ recorded }: DryCall): Promise<readonly StoryPart[]> {
    const batch = recorded?.batch ?? null;
    if (batch === null || batch.place === null) return [];
    const parts = (await this.#around.journal.reader.batch(batch.seq))?.parts ?? [];
    return parts.filter(({ media }) => media === 'application/json');
  }

  /** Held against the layout, as one is that a person settles a call with (rule 41). */
  #checkAnswers(): void {
    const system = this.#real();
    for (const [name, answer] of Object.entries(this.#request.answers ?? {})) {
      const declaration = system.declaration(name);
      if (declaration === undefined) throw new GatehouseError('CALL_UNKNOWN', `${system.name} declares no call '${name.slice(0, 64)}'`);
      const wrong = system.linkOf(declaration).violations(name, answer);
      if (wrong.length > 0) throw new GatehouseError('ANSWER_INVALID', `${system.name}: this is no answer of ${name}: ${wrong.join('; ')}`);
    }
  }

  #notes(end: DryEnd): string[] {
    const { name, system } = this.#operation;
    const notes: string[] = [];
    if (this.#calls.length === 0 && end.end === 'replied') notes.push(`${name} asks ${system} nothing for this event.`);
    if (this.#calls.some(({ answeredBy }) => answeredBy === 'assumed'))
      notes.push('Where arguments differ from the recorded ones, the recorded answer is assumed; the system may give another.');
    if (this.#calls.some(({ failure, parts }) => failure === null && parts.length === 0)) notes.push('A transport of the system drafts nothing.');
    if (this.#story !== null && this.#request.data === undefined && end.end !== 'parked' && this.#recorded.refusesRetry())
      notes.push('A call with an effect has left already, and the code now asks for something else: a retry would be parked as CODE_CHANGED.');
    return notes;
  }
}
