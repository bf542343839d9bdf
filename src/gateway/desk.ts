import { type BatchAction } from '../contract/batch.ts';
import { type Bus, type QueueDepth } from '../contract/bus.ts';
import { type Catalogue } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type SourceKey } from '../contract/consignment.ts';
import { type CheckLine, type DeskAct, type DeskRequest, Desk, type SystemStatus } from '../contract/control.ts';
import { type DryRun, type DryRunRequest } from '../contract/dry-run.ts';
import { type Doubt } from '../contract/doubt.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type EventOrigin } from '../contract/event-origin.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type ActionResult, type Journal, type OperatorAct, type Tally } from '../contract/journal.ts';
import { type Pulse } from '../contract/pulse.ts';
import { type Translation } from '../contract/operation.ts';
import { type RecordedPiece } from '../contract/source.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { type RecordedExchange } from '../contract/transport.ts';
import { type Story, storyOf } from '../contract/journal-reader.ts';
import { type Availability } from './availability.ts';
import { type Batches } from './batches.ts';
import { checkLinks, linesOf } from './checks.ts';
import { Decisions } from './decisions.ts';
import { DryRuns } from './dry-runs.ts';
import { doubtsOf, isProbed, openCalls } from './doubts.ts';
import { type Intake } from './intake.ts';
import { originOf } from './origins.ts';
import { type Publish } from './publish.ts';
import { type Schedule } from './schedule.ts';
import { type Sources } from './sources.ts';
import { statusOf } from './status.ts';
import { checkSize } from './size.ts';
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
  readonly #decisions: Decisions;
  readonly #dryRuns: DryRuns;

  constructor(around: DeskSurroundings) {
    super();
    this.#around = around;
    this.#decisions = new Decisions(around);
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
  complete(story: Story, act: DeskAct): Promise<OperatorAct> {
    return this.#decisions.complete(story, act);
  }

  async inspect(name: string, exchange: RecordedExchange): Promise<{ transport: string | null; inspection: Json | null }> {
    const system = this.#around.systems.get(name);
    const declaration = system?.declaration(exchange.call);
    if (system === undefined || declaration === undefined) return { transport: null, inspection: null };
    const transport = system.transportOf(declaration);
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

  systems(): readonly SystemStatus[] {
    return [...this.#around.systems.values()].map((system) => statusOf(system, this.#around));
  }

  async check(only?: string): Promise<readonly CheckLine[]> {
    const { bus, sources } = this.#around;
    const systems = this.#named(only);
    const ofBus = only === undefined ? await linesOf({ system: 'bus', transport: bus.name }, () => bus.check()) : [];
    const ofLinks = await Promise.all(systems.map(checkLinks));
    const ofSources = await Promise.all(systems.map((system) => sources.check(system)));
    return [...ofBus, ...ofLinks.flat(), ...ofSources.flat()];
  }

  pulses(only?: string): readonly Pulse[] {
    return this.#named(only).map((system) => system.pulse.read(system.name));
  }

  async queue(name: string): Promise<QueueDepth | null> {
    return (await this.#around.bus.depth?.(this.#system(name).name)) ?? null;
  }

  async dryRun(request: DryRunRequest): Promise<DryRun> {
    const { maxEventBytes } = this.#around.intake;
    if (request.data !== undefined) checkSize('EVENT_TOO_LARGE', 'the data of the dry run', request.data, maxEventBytes);
    if (request.answers !== undefined) checkSize('ANSWER_INVALID', 'what the calls of the dry run are answered', request.answers, maxEventBytes);
    return this.#dryRuns.run(request);
  }

  tallies(): readonly Tally[] {
    return this.#around.journal.tallies();
  }

  #system(name: string, operation = ''): System {
    const system = this.#around.systems.get(name);
    if (system === undefined)
      throw new GatehouseError('NOT_FOUND', `there is no system '${name.slice(0, 64)}'; there are ${[...this.#around.systems.keys()].join(', ')}`);
    if (operation !== '' && this.#around.catalogue.operation(name, operation) === undefined && !this.#around.sources.has(name, operation))
      throw new GatehouseError('NOT_FOUND', `${name} has no operation or source '${operation.slice(0, 64)}'`);
    return system;
  }

  /** The one that is named, or all. */
  #named(name: string | undefined): readonly System[] {
    return name === undefined ? [...this.#around.systems.values()] : [this.#system(name)];
  }
}
