import { attributes, effect, failure, partKind, state, typed } from './openapi.pieces.ts';
import { type Shape, anything, flag, list, named, number, object, oneOf, orNull, ref, text, time, whole } from './openapi.shapes.ts';

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

export const decisions: Record<string, Shape> = {
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
        native: orNull(object({ now: ref('Native'), before: orNull(ref('Native')) })),
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
