import { type BatchAction } from '../contract/batch.ts';
import { type Bus, type QueueDepth } from '../contract/bus.ts';
import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type SourceKey } from '../contract/consignment.ts';
import { type DeskAct, type DeskRequest, Desk, type SystemStatus } from '../contract/control.ts';
import { type DryRun, type DryRunRequest } from '../contract/dry-run.ts';
import { type Doubt } from '../contract/doubt.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type EventOrigin } from '../contract/event-origin.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type ActionResult, type Journal, type OperatorAct, type Tally } from '../contract/journal.ts';
import { type Pulse } from '../contract/pulse.ts';
import { type Translation } from '../contract/operation.ts';
import { sessionStates } from '../contract/sessions.ts';
import { type RecordedPiece } from '../contract/source.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { type Link, type RecordedExchange } from '../contract/transport.ts';
import { type Story, type StoryCall, storyOf } from '../contract/journal-reader.ts';
import { type Availability } from './availability.ts';
import { type Batches } from './batches.ts';
import { DryRuns } from './dry-runs.ts';
import { doubtsOf, isProbed, openCalls } from './doubts.ts';
import { contentDigest, correlationOf, derivedUuid, hopsOf } from './identity.ts';
import { type Intake } from './intake.ts';
import { originOf } from './origins.ts';
import { instanceOf, valueAt } from './payload.ts';
import { type Publish } from './publish.ts';
import { eventOf } from './reply.ts';
import { type Schedule } from './schedule.ts';
import { type Sources } from './sources.ts';
import { type System } from './system.ts';

export interface DeskSurroundings {
  readonly bus: Bus;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly systems: ReadonlyMap<string, System>;
  readonly availability: Availability;
  readonly schedule: Schedule;
  readonly publish: Publish;
  readonly intake: Intake;
  readonly sources: Sources;
  readonly batches: Batches;
  readonly telemetry: Telemetry | null;
  /** The provider of an operation class. */
  instance(operation: Class<object>): Translation<object, unknown, unknown>;
}

/** What people do: completes and checks it, then it goes the same way as recovery, through the journal (rule 21). */
export class GatewayDesk extends Desk {
  readonly #around: DeskSurroundings;
  readonly #dryRuns: DryRuns;

  constructor(around: DeskSurroundings) {
    super();
    this.#around = around;
    this.#dryRuns = new DryRuns(around);
  }

  async act(request: DeskRequest, act: DeskAct): Promise<ActionResult> {
    const { journal, clock } = this.#around;
    if (request.why.trim() === '') throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
    // Asked again because the first answer was lost: by now the act may no longer be possible, as it is done.
    const done = await journal.reader.acted(request.key);
    if (done !== null) return done;
    const story = await storyOf(journal.reader, request.translationId);
    const complete = await this.complete(story, act);
    const result = await journal.act({ ...request, translationId: story.translation.id, act: complete }, clock.wallMs());
    this.tell(story, complete, result);
    this.wake([result.system]);
    return result;
  }

  async doubts(translationId: string): Promise<readonly Doubt[]> {
    const { journal, systems } = this.#around;
    const story = await storyOf(journal.reader, translationId);
    return doubtsOf(story, systems.get(story.translation.system), journal.reader);
  }

  /** Telemetry hears of a replay. */
  tell({ translation, event }: Story, act: OperatorAct, result: ActionResult): void {
    if (act.kind !== 'replay' || result.repeated) return;
    const { id: ofId, system, operation } = translation;
    this.#around.telemetry?.replayed({ id: result.translationId, system, operation, ofId, attributes: act.event?.attributes ?? event.attributes });
  }

  /** After something was done to translations of these systems: whoever can go on does. `publishes`: replies may be pending again. */
  wake(names: Iterable<string>, publishes = true): void {
    const { systems, schedule, publish, batches, sources } = this.#around;
    if (publishes) publish.again();
    for (const name of names) {
      const system = systems.get(name);
      if (system !== undefined) {
        schedule.pump(system);
        batches.wake(system);
      }
      sources.wake(name);
    }
  }

  async actOnBatch(action: BatchAction): Promise<void> {
    const { journal, clock, systems, batches } = this.#around;
    if (action.why.trim() === '') throw new GatehouseError('NOT_POSSIBLE', 'say why: every decision is recorded with its reason');
    const { system } = await journal.actOnBatch(action, clock.wallMs());
    const known = systems.get(system);
    if (known !== undefined) batches.wake(known);
  }

  inDoubt(story: Story): readonly { seq: number; name: string; probe: boolean }[] {
    const system = this.#around.systems.get(story.translation.system);
    return openCalls(story).map(({ seq, name }) => ({ seq, name, probe: isProbed(system, name) }));
  }

  /** What a person asks, with what the journal needs beside it; checked against the story and the adapter. @throws GatehouseError as `act` */
  async complete(story: Story, act: DeskAct): Promise<OperatorAct> {
    switch (act.kind) {
      case 'happened': {
        const call = callInDoubt(story, act.callSeq);
        this.#checkAnswer(story, call, act.answer);
        return { kind: 'happened', callSeq: call.seq, answer: act.answer };
      }
      case 'did not':
        return { kind: 'did not', callSeq: callInDoubt(story, act.callSeq).seq };
      case 'probe': {
        const call = callInDoubt(story, act.callSeq);
        if (!isProbed(this.#around.systems.get(story.translation.system), call.name))
          throw new GatehouseError('NOT_POSSIBLE', `${story.translation.system}: ${call.name} has no probe; settle it as happened or did not`);
        return { kind: 'probe', callSeq: call.seq };
      }
      case 'discard':
        return act.reply === undefined ? { kind: 'discard' } : { kind: 'discard', reply: await this.#refusal(story, act.reply) };
      case 'replay':
        return this.#replay(story, act.data);
      default:
        return act;
    }
  }

  #checkAnswer(story: Story, call: StoryCall, answer: Json): void {
    const system = this.#around.systems.get(story.translation.system);
    const declaration = system?.declaration(call.name);
    if (system === undefined || declaration === undefined)
      throw new GatehouseError(
        'NOT_POSSIBLE',
        `${story.translation.system} no longer declares ${call.name}: fix the code and retry, replay as new, or discard`,
      );
    const wrong = system.linkOf(declaration).violations(call.name, answer);
    if (wrong.length > 0) throw new GatehouseError('ANSWER_INVALID', `${system.name}: this is no answer of ${call.name}: ${wrong.join('; ')}`);
  }

  async #refusal(story: Story, reply: { type: string; data: Json }): Promise<CloudEvent> {
    const operation = this.#operation(story);
    const payload = operation.replies.get(reply.type);
    if (payload === undefined)
      throw new GatehouseError(
        'REPLY_INVALID',
        `${operation.name} does not publish '${reply.type.slice(0, 200)}'; it declares ${[...operation.replies.keys()].join(', ')}`,
      );
    await instanceOf(payload, reply.data, 'REPLY_INVALID');
    const { translation, event } = story;
    const cause = {
      id: translation.id,
      system: translation.system,
      event: { attributes: event.attributes, data: new Uint8Array() },
      correlation: translation.correlation,
      hops: hopsOf(event.attributes),
    };
    const { clock, telemetry } = this.#around;
    const sampled = telemetry?.samples(event.attributes, translation.id);
    const id = derivedUuid(translation.id, 'discarded');
    return eventOf(cause, reply.type, Buffer.from(JSON.stringify(reply.data)), id, clock.wallMs(), sampled);
  }

  async #replay(story: Story, data: Json | undefined): Promise<OperatorAct> {
    const operation = this.#operation(story);
    if (data === undefined) {
      if (story.event.data.bytes === null)
        throw new GatehouseError('NOT_POSSIBLE', 'the body of the event is no longer kept: replay it with edited data');
      return { kind: 'replay' };
    }
    await instanceOf(operation.accepts, data, 'EVENT_INVALID');
    const event: CloudEvent = {
      attributes: { ...story.event.attributes, correlationid: correlationOf(story.event.attributes), datacontenttype: 'application/json' },
      data: Buffer.from(JSON.stringify(data)),
    };
    return {
      kind: 'replay',
      event,
      digest: contentDigest(event.attributes.type, event.data),
      key: operation.key === null ? null : valueAt(data, operation.key),
      businessKey: operation.businessKey === null ? null : valueAt(data, operation.businessKey),
    };
  }

  #operation({ translation }: Story): CataloguedOperation {
    const operation = this.#around.catalogue.operation(translation.system, translation.operation);
    if (operation === undefined)
      throw new GatehouseError('NOT_POSSIBLE', `${translation.system} has no operation '${translation.operation}' any more`);
    return operation;
  }

  async inspect(name: string, exchange: RecordedExchange): Promise<{ transport: string | null; inspection: Json | null }> {
    const system = this.#around.systems.get(name);
    const declaration = system?.declaration(exchange.call);
    if (system === undefined || declaration === undefined) return { transport: null, inspection: null };
    const transport = declaration.over ?? system.catalogued.layouts[0]?.transport ?? null;
    try {
      return { transport, inspection: (await system.linkOf(declaration).inspect?.(exchange)) ?? null };
    } catch {
      // Whoever looks still has the bytes.
      return { transport, inspection: null };
    }
  }

  origin(story: Story): Promise<EventOrigin | null> {
    return originOf(this.#around, story);
  }

  inspectPiece(source: SourceKey, piece: RecordedPiece): { transport: string | null; inspection: Json | null } {
    return this.#around.sources.inspect(source, piece);
  }

  async hold(name: string, operation: string, who: string, why: string): Promise<void> {
    await this.#around.availability.hold(this.#system(name, operation), operation, who, why);
  }

  async resume(name: string, operation: string, who: string, why: string): Promise<void> {
    const system = this.#system(name, operation);
    // Before the first call that the opening lets go.
    if (operation === '') await Promise.all([...system.links.values()].map((link) => link.resumed?.()));
    await this.#around.availability.open(system, operation, who, why);
    this.#around.sources.wake(name);
  }

  #system(name: string, operation = ''): System {
    const system = this.#around.systems.get(name);
    if (system === undefined)
      throw new GatehouseError('NOT_FOUND', `there is no system '${name.slice(0, 64)}'; there are ${[...this.#around.systems.keys()].join(', ')}`);
    if (operation !== '' && this.#around.catalogue.operation(name, operation) === undefined && !this.#around.sources.has(name, operation))
      throw new GatehouseError('NOT_FOUND', `${name} has no operation or source '${operation.slice(0, 64)}'`);
    return system;
  }

  systems(): readonly SystemStatus[] {
    return [...this.#around.systems.values()].map((system) => {
      const hours = system.hours();
      const closed = system.availability === 'open' && !hours.open;
      return {
        system: system.name,
        about: system.catalogued.about,
        availability: closed ? 'closed' : system.availability,
        reason: closed ? 'outside its opening hours' : (system.record?.failure?.message ?? null),
        sinceMs: system.record?.sinceMs ?? null,
        untilMs: closed ? hours.changesMs : null,
        heldOperations: [...system.records.values()].filter((record) => record.operation !== '' && record.availability !== 'open'),
        breaker: {
          failuresInARow: system.failuresInARow,
          failures: system.settings.breaker.failures,
          nextTryMs: system.nextTryMs,
          trial: system.trial,
          lastAnswerMs: system.lastAnswerMs,
        },
        rate: { perSecond: system.settings.callsPerSecond === 0 ? null : system.settings.callsPerSecond, waiting: system.rate.waiting },
        running: system.running,
        concurrency: system.settings.concurrency,
        backlog: this.#around.intake.backlog(system),
        intakeHeld: this.#around.intake.held(system),
        ignored: this.#around.intake.ignored(system),
        transports: [...system.links.keys()],
        operations: system.catalogued.catalogued.map((operation) => operation.name),
        sources: this.#around.sources.statuses(system.name),
        sessions: [...system.links].flatMap(([transport, link]) => {
          const status = link.sessions?.();
          return status === undefined ? [] : [{ transport, ...status }];
        }),
        replies: [...system.links.values()].flatMap((link) => link.replies?.() ?? []),
      };
    });
  }

  async check(only?: string): Promise<readonly { system: string; transport: string; ok: boolean; message: string }[]> {
    const systems = only === undefined ? [...this.#around.systems.values()] : [this.#system(only)];
    const bus = only === undefined ? await this.#checkBus() : [];
    const links = await Promise.all(
      systems.flatMap((system) =>
        [...system.links].map(async ([transport, link]) => {
          const line = { system: system.name, transport };
          try {
            await system.check(link);
            return [{ ...line, ok: true, message: sessionsIn(link) }, ...(await this.#checkReplies(system, line, link))];
          } catch (error) {
            const failure = asGatehouseError(error);
            return [{ ...line, ok: false, message: `${failure.code}: ${failure.message}` }];
          }
        }),
      ),
    );
    const sources = await Promise.all(systems.map((system) => this.#around.sources.check(system)));
    return [...bus, ...links.flat(), ...sources.flat()];
  }

  /** One line for each kind of reply that a link watches for; one that failed looks again first. */
  async #checkReplies(
    { settings }: System,
    line: { system: string; transport: string },
    link: Link,
  ): Promise<{ system: string; transport: string; ok: boolean; message: string }[]> {
    const aborter = new AbortController();
    const cancel = this.#around.clock.after(settings.callTimeoutMs, () => aborter.abort());
    await link.lookForReplies?.(aborter.signal);
    cancel();
    return (link.replies?.() ?? []).map(({ kind, reason, failingSinceMs }) => ({
      system: line.system,
      transport: `${line.transport} replies ${kind}`,
      ok: reason === null,
      message: reason === null ? 'are read' : `${reason} (since ${new Date(failingSinceMs ?? 0).toISOString()})`,
    }));
  }

  async #checkBus(): Promise<{ system: string; transport: string; ok: boolean; message: string }[]> {
    const { bus } = this.#around;
    const line = { system: 'bus', transport: bus.name };
    try {
      const warnings = await bus.check();
      return warnings.length === 0 ? [{ ...line, ok: true, message: 'answers' }] : warnings.map((message) => ({ ...line, ok: false, message }));
    } catch (error) {
      const failure = asGatehouseError(error);
      return [{ ...line, ok: false, message: `${failure.code}: ${failure.message}` }];
    }
  }

  pulses(only?: string): readonly Pulse[] {
    const systems = only === undefined ? [...this.#around.systems.values()] : [this.#system(only)];
    return systems.map((system) => system.pulse.read(system.name));
  }

  async queue(name: string): Promise<QueueDepth | null> {
    return (await this.#around.bus.depth?.(this.#system(name).name)) ?? null;
  }

  dryRun(request: DryRunRequest): Promise<DryRun> {
    return this.#dryRuns.run(request);
  }

  tallies(): readonly Tally[] {
    return this.#around.journal.tallies();
  }
}

/** The call a person settles: the one that is named, or the only one in doubt. */
function callInDoubt(story: Story, callSeq: number | undefined): StoryCall {
  const { translation } = story;
  const open = openCalls(story);
  const call = callSeq === undefined ? (open.length === 1 ? open[0] : undefined) : open.find(({ seq }) => seq === callSeq);
  if (call !== undefined) return call;
  const choice = open.map(({ seq, name }) => `${seq} (${name})`).join(', ');
  throw new GatehouseError('NOT_POSSIBLE', open.length === 0 ? `${translation.id} has no call in doubt` : `say which call: ${choice}`);
}

/** That a link answers, and what its sessions do: `answers; sessions: 3 idle, 1 lent, 2 calls wait`. */
function sessionsIn(link: Link): string {
  const status = link.sessions?.();
  if (status === undefined) return 'answers';
  const counts = sessionStates.flatMap((state) => {
    const count = status.sessions.filter((session) => session.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return `answers; sessions: ${[...counts, ...(status.waiting === 0 ? [] : [`${status.waiting} calls wait`])].join(', ')}`;
}
