import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { type Bus } from '../contract/bus.ts';
import { type Desk, type SourceStatus, type SystemStatus } from '../contract/control.ts';
import { defaultGrouping } from '../contract/groups.ts';
import { type Tally } from '../contract/journal.ts';
import { type BatchTotals, type JournalReader } from '../contract/journal-reader.ts';
import { sessionStates } from '../contract/sessions.ts';
import { type LaterVerdict, type ReplyStatus } from '../contract/transport.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Every state in which a translation is counted, so that nothing there reads as 0 and not as a gap. */
const shapes: readonly (readonly [Tally['state'], Tally['detail']])[] = [
  ['received', ''],
  ['received', 'behind'],
  ['running', ''],
  ['waiting', 'time'],
  ['waiting', 'system'],
  ['waiting', 'batch'],
  ['waiting', 'reply'],
  ['parked', ''],
  ['answered', ''],
  ['published', ''],
  ['discarded', ''],
];

const availabilities: readonly SystemStatus['availability'][] = ['open', 'closed', 'down', 'held'];

const sourceGauges: readonly (readonly [string, string, (status: SourceStatus) => number])[] = [
  ['gatehouse_source_held', '1 while the source is held.', ({ state }) => (state === 'held' ? 1 : 0)],
  [
    'gatehouse_source_waiting',
    '1 while the source waits for its system, its place, the bus or room in the journal.',
    ({ state }) => (state === 'waiting' ? 1 : 0),
  ],
  ['gatehouse_source_consignments', 'Files or extracts brought in, since the start.', ({ consignments }) => consignments],
  ['gatehouse_source_events', 'Events brought in, since the start.', ({ events }) => events],
  ['gatehouse_source_parked', 'Pieces, and files as a whole, that were parked, since the start.', ({ parked }) => parked],
  ['gatehouse_source_duplicates', 'Files with a content that was here before, since the start.', ({ duplicates }) => duplicates],
  ['gatehouse_source_lag_seconds', 'How long the file or extract at work has been so.', ({ lagMs }) => lagMs / 1_000],
  [
    'gatehouse_source_last_timestamp_seconds',
    'When the last file or extract was finished; 0 before the first.',
    ({ lastMs }) => (lastMs ?? 0) / 1_000,
  ],
];

type LinkSessions = SystemStatus['sessions'][number];

const sessionGauges: readonly (readonly [string, string, (status: LinkSessions) => number])[] = [
  ['gatehouse_session_waiting_calls', 'Calls that wait for a session.', ({ waiting }) => waiting],
  ['gatehouse_session_log_ins', 'Log-ins that led to a session, since the start.', ({ logIns }) => logIns],
  ['gatehouse_session_failed_log_ins', 'Log-ins that led to none, since the start.', ({ failedLogIns }) => failedLogIns],
  [
    'gatehouse_session_oldest_seconds',
    'Age of the oldest session that stands.',
    ({ sessions }) => Math.max(0, ...sessions.map(({ ageMs }) => ageMs)) / 1_000,
  ],
];

const replyGauges: readonly (readonly [string, string, (status: ReplyStatus) => number])[] = [
  ['gatehouse_reply_files', 'Reply files read to their end, since the start.', ({ files }) => files],
  ['gatehouse_reply_files_refused', 'Reply files that answer nobody, as something is wrong with them, since the start.', ({ refused }) => refused],
  ['gatehouse_reply_bad_records', 'Records of reply files that could not be read, since the start.', ({ badRecords }) => badRecords],
  ['gatehouse_reply_failing', '1 while replies cannot be looked for, or their files not be put away.', ({ reason }) => (reason === null ? 0 : 1)],
  [
    'gatehouse_reply_failing_since_timestamp_seconds',
    'Since when it has been failing; 0 when it is not.',
    ({ failingSinceMs }) => (failingSinceMs ?? 0) / 1_000,
  ],
  [
    'gatehouse_reply_look_timestamp_seconds',
    'When the last look for replies came to its end; 0 before the first.',
    ({ lastLookMs }) => (lastLookMs ?? 0) / 1_000,
  ],
  ['gatehouse_reply_last_timestamp_seconds', 'When the last reply file was read; 0 before the first.', ({ lastMs }) => (lastMs ?? 0) / 1_000],
];

const batchStates: readonly BatchTotals['state'][] = ['open', 'calling', 'in doubt'];

const batchGauges: readonly (readonly [string, string, (totals: BatchTotals) => number])[] = [
  ['gatehouse_batches', 'Batches that are open, may have happened, or are in doubt.', ({ batches }) => batches],
  ['gatehouse_batch_members', 'Calls in them.', ({ members }) => members],
  ['gatehouse_batches_failing', 'Those whose last try came to nothing, or that are in doubt.', ({ failing }) => failing],
  [
    'gatehouse_batch_oldest_timestamp_seconds',
    'When the oldest call in them was gathered; 0 when there is none.',
    ({ oldestMs }) => oldestMs / 1_000,
  ],
];

const verdicts: readonly LaterVerdict[] = ['answered', 'evidence', 'candidate'];

/**
 * Metrics of the gateway, read when asked for: nothing is counted on the path of an event. Labels are systems, operations, states and
 * failure codes only. What cannot be read fails the scrape: a 0 would say that all is well.
 */
export class Metrics {
  readonly #registry = new Registry();

  constructor(desk: Desk, reader: Pick<JournalReader, 'groups' | 'batchTotals'>, bus: Pick<Bus, 'check'>) {
    collectDefaultMetrics({ register: this.#registry, prefix: 'gatehouse_' });
    this.#gauge('gatehouse_bus_up', '1 when the bus takes and gives events.', [], async () => [
      [
        {},
        await bus.check().then(
          () => 1,
          () => 0,
        ),
      ],
    ]);
    this.#gauge('gatehouse_translations', 'Translations in the journal by state.', ['system', 'operation', 'state', 'detail'], () => [
      ...desk
        .systems()
        .flatMap(({ system, operations }) =>
          operations.flatMap((operation) => shapes.map(([state, detail]): Sample => [{ system, operation, state, detail }, 0])),
        ),
      ...desk.tallies().map(({ system, operation, state, detail, count }): Sample => [{ system, operation, state, detail }, count]),
    ]);
    this.#gauge('gatehouse_parked', 'Parked translations by failure code.', ['system', 'operation', 'code'], async () =>
      (await reader.groups(defaultGrouping, null)).groups.map(({ by, count }): Sample => [
        { system: by.system ?? '', operation: by.operation ?? '', code: by.code ?? '' },
        count,
      ]),
    );
    const ofEach = (read: (status: SystemStatus) => number) => () =>
      desk.systems().map((status): Sample => [{ system: status.system }, read(status)]);
    this.#gauge(
      'gatehouse_system_open',
      '1 when the system takes calls.',
      ['system'],
      ofEach(({ availability }) => (availability === 'open' ? 1 : 0)),
    );
    this.#gauge('gatehouse_system_availability', '1 for what the system is: open, closed, down or held.', ['system', 'availability'], () =>
      desk
        .systems()
        .flatMap(({ system, availability }) => availabilities.map((each): Sample => [{ system, availability: each }, each === availability ? 1 : 0])),
    );
    this.#gauge('gatehouse_operation_held', '1 while the operation is held, and its system need not be.', ['system', 'operation'], () =>
      desk
        .systems()
        .flatMap(({ system, operations, heldOperations }) =>
          operations.map((operation): Sample => [{ system, operation }, heldOperations.some((held) => held.operation === operation) ? 1 : 0]),
        ),
    );
    this.#gauge(
      'gatehouse_system_backlog',
      'Translations ready, at work, or waiting for time or the system.',
      ['system'],
      ofEach(({ backlog }) => backlog),
    );
    this.#gauge(
      'gatehouse_system_running',
      'Translations at work.',
      ['system'],
      ofEach(({ running }) => running),
    );
    this.#gauge(
      'gatehouse_system_concurrency',
      'Translations that may be at work side by side.',
      ['system'],
      ofEach(({ concurrency }) => concurrency),
    );
    this.#gauge(
      'gatehouse_system_intake_held',
      '1 while nothing is taken from the bus for the system.',
      ['system'],
      ofEach(({ intakeHeld }) => (intakeHeld ? 1 : 0)),
    );
    this.#gauge(
      'gatehouse_system_ignored',
      'Deliveries passed over as configured, since the start.',
      ['system'],
      ofEach(({ ignored }) => ignored),
    );
    const ofEachSource = (read: (status: SourceStatus) => number) => () =>
      desk.systems().flatMap(({ system, sources }) => sources.map((status): Sample => [{ system, source: status.source }, read(status)]));
    const everyLink = (): readonly (readonly [system: string, status: LinkSessions])[] =>
      desk.systems().flatMap(({ system, sessions }) => sessions.map((status) => [system, status] as const));
    this.#gauge('gatehouse_sessions', 'Sessions with systems by what they do.', ['system', 'transport', 'state'], () =>
      everyLink().flatMap(([system, { transport, sessions }]) =>
        sessionStates.map((state): Sample => [{ system, transport, state }, sessions.filter((session) => session.state === state).length]),
      ),
    );
    for (const [name, help, read] of sessionGauges)
      this.#gauge(name, help, ['system', 'transport'], () =>
        everyLink().map(([system, status]): Sample => [{ system, transport: status.transport }, read(status)]),
      );
    for (const [name, help, read] of sourceGauges) this.#gauge(name, help, ['system', 'source'], ofEachSource(read));
    for (const [name, help, read] of batchGauges)
      this.#gauge(name, help, ['system', 'state'], async () => [
        ...desk.systems().flatMap(({ system }) => batchStates.map((state): Sample => [{ system, state }, 0])),
        ...(await reader.batchTotals()).map((totals): Sample => [{ system: totals.system, state: totals.state }, read(totals)]),
      ]);
    const replies = (): readonly (ReplyStatus & { readonly system: string })[] =>
      desk.systems().flatMap(({ system, replies: each }) => each.map((status) => ({ ...status, system })));
    for (const [name, help, read] of replyGauges)
      this.#gauge(name, help, ['system', 'kind'], () =>
        replies().map((status): Sample => [{ system: status.system, kind: status.kind }, read(status)]),
      );
    this.#gauge(
      'gatehouse_replies',
      'Replies by what became of them, since the start: answered a call, evidence (late or repeated), candidate (awaited by nobody).',
      ['system', 'kind', 'verdict'],
      () =>
        replies().flatMap(({ system, kind, verdicts: counts }) => verdicts.map((verdict): Sample => [{ system, kind, verdict }, counts[verdict]])),
    );
  }

  #gauge(name: string, help: string, labelNames: string[], read: () => readonly Sample[] | Promise<readonly Sample[]>): void {
    const metric: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect: async () => {
        const samples = await read();
        metric.reset();
        for (const [labels, value] of samples) metric.set(labels, value);
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
