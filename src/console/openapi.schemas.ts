import { codes } from '../contract/errors.ts';
import { groupings } from '../contract/groups.ts';
import { translationStates } from '../contract/journal.ts';
import { sessionStates } from '../contract/sessions.ts';
import { type Shape, anything, flag, list, named, number, object, oneOf, orNull, ref, text, time, whole } from './openapi.shapes.ts';

const state = oneOf(...translationStates);
const waitingFor = oneOf('time', 'system', 'batch', 'reply');
const batchState = oneOf('open', 'calling', 'in doubt', 'answered', 'discarded');
const effect = oneOf('read', 'repeatable', 'once');
const partKind = oneOf('sent', 'received', 'note');
const counts = list(whole());
const typed = object({ type: text(), data: anything });
const failure = orNull(ref('Failure'));
const attributes: Shape = { type: 'object', description: 'Context attributes of a CloudEvents 1.0 event.', additionalProperties: text() };

const problem: Record<string, Shape> = {
  Problem: object({ code: oneOf(...Object.keys(codes)), message: text('What was refused, and why.'), remedy: text('What to do.') }),
  Failure: object({ code: oneOf(...Object.keys(codes)), message: text() }, { native: text("The system's own code.") }),
};

const translations: Record<string, Shape> = {
  Translation: object({
    seq: whole(),
    id: text(),
    version: whole('Give it back with an action: it is refused when somebody else was first.'),
    system: text(),
    operation: text(),
    state,
    waitingFor: orNull(waitingFor),
    dueMs: orNull(time),
    behind: orNull(text('The translation that holds its key.')),
    type: text(),
    eventId: text(),
    source: text(),
    correlation: text(),
    key: orNull(text('Masked where it is a sensitive field.')),
    businessKey: orNull(text('Masked where it is a sensitive field.')),
    attempts: whole(),
    runs: whole(),
    failure,
    duplicates: whole(),
    replayOf: orNull(text()),
    receivedMs: time,
    finishedMs: orNull(time),
    changed: whole('Position in the feed of changes.'),
  }),
  Body: object({ size: whole(), sha256: orNull(text()), clipped: flag }, { text: text(), base64: text(), masked: flag, dropped: flag, cut: flag }),
  Part: object({ kind: partKind, atMs: time, media: text(), body: ref('Body') }),
  Call: object({
    seq: whole(),
    run: whole(),
    name: text(),
    effect,
    state: oneOf('gathered', 'calling', 'answered', 'not sent', 'in doubt'),
    args: anything,
    answer: anything,
    answeredBy: oneOf('system', 'probe', 'reply', 'person'),
    failure,
    probeOf: orNull(whole()),
    batch: orNull(object({ seq: whole(), state: batchState, place: orNull(whole()) })),
    correlation: orNull(text()),
    leftMs: orNull(time),
    deadlineMs: orNull(time),
    endedMs: orNull(time),
    parts: list(ref('Part')),
  }),
  Story: object({
    translation: ref('Translation'),
    event: object({ attributes, data: ref('Body') }),
    attempts: list(object({ run: whole(), startedMs: time, endedMs: orNull(time), outcome: orNull(text()), counted: flag, failure, build: text() })),
    calls: list(ref('Call')),
    replies: list(
      object({
        seq: whole(),
        attributes,
        data: ref('Body'),
        state: oneOf('pending', 'published', 'refused'),
        routed: orNull(flag),
        publishedMs: orNull(time),
      }),
    ),
    actions: list(object({ kind: text(), who: text(), why: text(), atMs: time })),
    edited: flag,
    replays: list(text()),
    editedReplays: list(text()),
  }),
  Flow: object({
    correlation: text(),
    translations: list(ref('Translation')),
    events: list(
      object({
        node: text(),
        id: text(),
        source: text(),
        type: text(),
        state: orNull(oneOf('pending', 'published', 'refused')),
        routed: orNull(flag),
        publishedMs: orNull(time),
      }),
    ),
    edges: list(object({ from: text(), to: text(), kind: oneOf('starts', 'publishes', 'is replayed as') })),
    more: flag,
  }),
  GroupNote: object({ note: text(), owner: text(), who: text(), atMs: time }),
  GroupValues: object({}, Object.fromEntries(groupings.map((name) => [name, orNull(text())]))),
  Groups: object({
    groups: list(
      object({
        by: ref('GroupValues'),
        count: whole(),
        inDoubt: whole(),
        firstMs: time,
        lastMs: time,
        spark: counts,
        note: orNull(ref('GroupNote')),
      }),
    ),
    asOfMs: time,
    more: flag,
  }),
};

const bulk: Readonly<Record<string, Shape>> = {
  seq: whole(),
  act: anything,
  selection: anything,
  who: text(),
  why: text(),
  perSecond: number('0 is no limit.'),
  state: oneOf('freezing', 'running', 'stopped', 'done'),
  total: whole(),
  done: whole(),
  failed: whole(),
  skipped: whole(),
  startedMs: time,
  endedMs: orNull(time),
  note: orNull(text()),
  changed: whole(),
  perSecondNow: number(),
  leftMs: orNull(number()),
  behind: orNull(whole()),
};

const decisions: Record<string, Shape> = {
  Act: {
    type: 'object',
    required: ['kind'],
    properties: {
      kind: oneOf('retry', 'discard', 'pass', 'republish', 'replay', 'happened', 'did not', 'probe'),
      reply: { ...typed, description: "With `discard`: one of the operation's declared refusals." },
      data: { description: 'With `replay`: the edited data.' },
      answer: { description: "With `happened`: the call's answer." },
      callSeq: whole('Which call, where more than one is in doubt.'),
    },
  },
  ActionResult: object({ translationId: text(), state, system: text(), repeated: flag }),
  Doubt: object({
    seq: whole(),
    name: text(),
    noProbe: orNull(text()),
    noAnswer: orNull(text()),
    skeleton: anything,
    skeletonOf: orNull(text()),
    wants: list(text()),
  }),
  Choices: object({
    declared: flag,
    replies: list(
      object({
        type: text(),
        fields: list(object({ name: text(), kind: oneOf('text', 'number', 'yes or no', 'one of', 'json'), required: flag, oneOf: list(anything) })),
      }),
    ),
    inDoubt: list(object({ seq: whole(), name: text(), probe: flag })),
  }),
  DryRun: object({
    system: text(),
    operation: text(),
    translationId: orNull(text()),
    edited: flag,
    event: object({ attributes, data: ref('Body') }),
    calls: list(
      object({
        name: text(),
        effect,
        args: anything,
        failure,
        answer: anything,
        answeredBy: orNull(oneOf('recorded', 'given', 'assumed')),
        recorded: orNull(object({ seq: whole(), run: whole(), state: text(), args: anything, answer: anything })),
        parts: list(object({ kind: partKind, media: text(), body: ref('Body'), recorded: orNull(ref('Body')), same: orNull(flag) })),
      }),
    ),
    replies: list(object({ type: text(), data: ref('Body'), recorded: orNull(object({ type: text(), data: ref('Body') })), same: orNull(flag) })),
    end: object({ end: oneOf('replied', 'needs answer', 'parked', 'waits') }, { calls: list(text()), failure }),
    notes: list(text()),
  }),
  SavedCase: object({ name: text(), system: text(), files: named(object({ base64: text() })), notes: list(text()) }),
  Bulk: object(bulk),
  BulkStory: object({ ...bulk, troubles: list(ref('BulkItem')) }),
  BulkItem: object({
    bulk: whole(),
    place: whole(),
    translationId: orNull(text()),
    system: orNull(text()),
    operation: orNull(text()),
    state: oneOf('open', 'done', 'failed', 'skipped'),
    failure,
  }),
};

const systems: Record<string, Shape> = {
  SystemRecord: object({ system: text(), operation: text(), availability: text(), failure, sinceMs: time, who: text() }),
  System: object({
    system: text(),
    about: text(),
    availability: oneOf('open', 'closed', 'down', 'held'),
    reason: orNull(text()),
    sinceMs: orNull(time),
    untilMs: orNull(time),
    heldOperations: list(ref('SystemRecord')),
    breaker: object({ failuresInARow: whole(), failures: whole(), nextTryMs: orNull(time), trial: flag, lastAnswerMs: orNull(time) }),
    rate: object({ perSecond: orNull(number()), waiting: whole() }),
    running: whole(),
    concurrency: whole(),
    backlog: whole(),
    intakeHeld: flag,
    ignored: whole(),
    transports: list(text()),
    operations: list(text()),
    sources: list(
      object({
        source: text(),
        about: text(),
        state: oneOf('idle', 'at work', 'waiting', 'held', 'left out'),
        reason: orNull(text()),
        last: orNull(text()),
        lastMs: orNull(time),
        consignments: whole(),
        events: whole(),
        parked: whole(),
        duplicates: whole(),
        lagMs: number(),
      }),
    ),
    sessions: list(
      object({
        transport: text(),
        waiting: whole(),
        logIns: whole(),
        failedLogIns: whole(),
        sessions: list(
          object({ user: text(), state: oneOf(...sessionStates), sinceMs: time, uses: whole(), ageMs: number(), error: orNull(text()) }),
        ),
      }),
    ),
    replies: list(
      object({
        kind: text(),
        about: text(),
        lastLookMs: orNull(time),
        failingSinceMs: orNull(time),
        reason: orNull(text()),
        last: orNull(text()),
        lastMs: orNull(time),
        files: whole(),
        refused: whole(),
        badRecords: whole(),
        verdicts: object({ answered: whole(), evidence: whole(), candidate: whole() }),
      }),
    ),
  }),
  CheckLine: object({ system: text(), transport: text(), ok: flag, message: text() }),
  Latency: object({ count: whole(), p50Ms: number(), p95Ms: number(), p99Ms: number(), maxMs: number() }),
  PulseSummary: object({
    system: text(),
    answered: counts,
    failed: counts,
    slowest: orNull(object({ call: text(), count: whole(), p50Ms: number(), p95Ms: number(), p99Ms: number(), maxMs: number() })),
  }),
  SystemPulse: object({
    pulse: object({
      system: text(),
      atMs: time,
      stepMs: number(),
      received: counts,
      finished: counts,
      parked: counts,
      calls: list(object({ name: text(), answered: counts, failed: counts, latency: orNull(ref('Latency')), p95Ms: list(orNull(number())) })),
      errors: list(object({ code: text(), count: whole(), lastMs: time })),
    }),
    queue: orNull(object({ waiting: whole(), more: flag, consumers: orNull(whole()) })),
    queueFailure: orNull(text()),
  }),
  Batch: object({
    seq: whole(),
    system: text(),
    call: text(),
    group: text(),
    state: batchState,
    events: whole(),
    bytes: whole(),
    dueMs: orNull(time),
    attempts: whole(),
    failure,
    answer: anything,
    leftMs: orNull(time),
    endedMs: orNull(time),
  }),
};

const adapters: Record<string, Shape> = {
  AdapterSummary: object({ system: text(), about: text(), transports: list(text()), operations: list(text()), sources: list(text()) }),
  Event: object({ type: text(), schema: { type: 'object' }, example: anything, exampleOf: orNull(text()) }),
  Case: object({ name: text(), of: text(), title: text(), event: orNull(typed), becomes: list(typed), parked: list(text()) }),
  CaseResult: object({ name: text(), passed: flag, differences: list(text()), tookMs: number() }),
  Adapter: object({
    system: text(),
    about: text(),
    transports: list(text()),
    operations: list(
      object({
        name: text(),
        accepts: ref('Event'),
        replies: list(ref('Event')),
        key: orNull(text()),
        businessKey: orNull(text()),
        whenParked: oneOf('hold', 'pass'),
      }),
    ),
    calls: list(object({ name: text(), effect, transport: text(), timeoutMs: orNull(number()), probe: flag })),
    sources: list(object({ name: text(), transport: text(), produces: list(ref('Event')), businessKey: orNull(text()), snapshot: flag })),
    cases: orNull(list(ref('Case'))),
  }),
};

/** What the answers of the API are made of. */
export const schemas: Readonly<Record<string, Shape>> = { ...problem, ...translations, ...decisions, ...systems, ...adapters };
