import type { EventAttributes } from '../../contract/event.ts';
import type { ActionResult } from '../../contract/journal.ts';
import type { BatchRow, JournalReader, Story, StoryAction, StoryAttempt, StoryCall, StoryPart, StoryReply } from '../../contract/journal-reader.ts';
import { auditRows } from './audit.ts';
import type { BatchRecord } from './batches.ts';
import { type BodyCodec, readBody, readJson } from './bodies.ts';
import { bulk, bulkItems, bulks, selected } from './bulk-queries.ts';
import type { Database } from './database.ts';
import { flow, inLog } from './flow.ts';
import { ParkedGrouping, emptyNotes } from './groups.ts';
import { unseal } from './sealed-text.ts';
import { changes, countByState, list, maxLimit } from './search.ts';
import { type FullRecord, failureOf, translationRow } from './translation-row.ts';
import { noBodySearch, wordSearchOf } from './words/word-search.ts';

/** Questions as they are answered in the reader's worker. */
export type Queries = { readonly [K in keyof JournalReader]: (...args: Parameters<JournalReader[K]>) => Awaited<ReturnType<JournalReader[K]>> };

export function queriesOn(db: Database, codec: BodyCodec): Queries {
  const grouping = new ParkedGrouping(db, codec);
  return {
    list: (filter, page) => list(db, filter, page),
    story: (id) => story(db, codec, id),
    acted: (key) => {
      const found = db.get<{ result: string }>('SELECT result FROM action WHERE key = ?', key);
      return found === undefined ? null : { ...(JSON.parse(found.result) as ActionResult), repeated: true };
    },
    changes: (filter, after, limit) => changes(db, filter, after, limit),
    counts: (filter) => countByState(db, filter),
    bodySearch: () => wordSearchOf(db)?.progress() ?? noBodySearch,
    groups: (by, nowMs) => grouping.ask(by, nowMs),
    emptyNotes: (beforeMs) => emptyNotes(db, beforeMs),
    flow: (correlation) => flow(db, correlation),
    audit: ({ before, limit }) => auditRows(db, codec, before ?? Number.MAX_SAFE_INTEGER, Math.min(limit, maxLimit)),
    candidates: (system, limit) =>
      db
        .all<{ correlation: string; at: number; answer: number | null }>(
          'SELECT correlation, at, answer FROM candidate WHERE system = ? ORDER BY seq DESC LIMIT ?',
          system,
          Math.min(limit, maxLimit),
        )
        .map(({ correlation, at, answer }) => ({ correlation, atMs: at, answer: readJson(db, codec, answer) ?? null })),
    batches: (system, states, limit) =>
      states
        .flatMap((state) =>
          db.all<BatchRecord>(
            'SELECT * FROM batch INDEXED BY batch_system WHERE system = ? AND state = ? ORDER BY seq DESC LIMIT ?',
            system,
            state,
            Math.min(limit, maxLimit),
          ),
        )
        .sort((a, b) => b.seq - a.seq)
        .slice(0, maxLimit)
        .map((row) => batchRow(db, codec, row)),
    batchTotals: () =>
      db.all(
        `SELECT b.system, b.state, count(*) AS batches, sum(b.events) AS members, sum(b.code IS NOT NULL) AS failing, min(m.since) AS oldestMs
          FROM batch b INDEXED BY batch_unsettled JOIN batch_member m ON m.batch = b.seq AND m.call = (SELECT min(f.call) FROM batch_member f WHERE f.batch = b.seq)
          WHERE b.state IN ('open', 'calling', 'in doubt') GROUP BY b.system, b.state`,
      ) as never,
    batch: (seq) => batch(db, codec, seq),
    selected: (selection, limit) => selected(db, selection, limit),
    bulks: (page) => bulks(db, codec, page),
    bulk: (seq) => bulk(db, codec, seq),
    bulkItems: (seq, page) => bulkItems(db, seq, page),
    // A translation that can still run may still use its number.
    unusedNumbers: (system, limit) =>
      db
        .all<{ counter: string; n: number; translation_id: string; at: number; doubt: number }>(
          `SELECT n.counter, n.n, n.translation_id, n.at, n.doubt FROM sequence_number n INDEXED BY sequence_number_unused LEFT JOIN translation t ON t.seq = n.translation
            WHERE n.system = ? AND n.call IS NULL AND (t.seq IS NULL OR t.state IN ('answered', 'published', 'discarded')) ORDER BY n.at DESC LIMIT ?`,
          system,
          Math.min(limit, maxLimit),
        )
        .map(({ counter, n, translation_id, at, doubt }) => ({
          counter,
          number: n,
          translationId: translation_id,
          givenMs: at,
          inDoubt: doubt === 1,
        })),
  };
}

function story(db: Database, codec: BodyCodec, id: string): Story | null {
  const row = findTranslation(db, id);
  if (row === null) return null;
  const event = db.get<{ attributes: string; body: number | null; size: number }>(
    'SELECT attributes, body, size FROM event WHERE seq = ?',
    row.event,
  );
  const replays = db.all<{ id: string }>('SELECT id FROM translation WHERE replay_of = ? ORDER BY seq', row.id).map((replay) => replay.id);
  return {
    translation: translationRow(db, row),
    event: {
      attributes: JSON.parse(event?.attributes ?? '{}') as EventAttributes,
      data: { ...readBody(db, codec, event?.body ?? null), size: event?.size ?? 0 },
    },
    attempts: attemptsOf(db, row.seq),
    calls: callsOf(db, codec, row.seq),
    replies: repliesOf(db, codec, row.seq),
    actions: db
      .all<StoryAction>('SELECT kind, who, why, at AS atMs FROM action WHERE translation = ? ORDER BY at', row.seq)
      .map((action) => ({ ...action, why: unseal(codec, action.why) })),
    edited: row.replay_of !== null && isEdited(db, row.id),
    replays,
    editedReplays: replays.filter((replay) => isEdited(db, replay)),
  };
}

/** A replay of the same event is remembered without a digest of its own. */
const isEdited = (db: Database, replay: string): boolean =>
  (db.get<{ digest: string }>('SELECT digest FROM identity WHERE key = ?', replay)?.digest ?? '') !== '';

function findTranslation(db: Database, id: string): FullRecord | null {
  if (!/^[0-9a-f]{6,32}$/.test(id)) return null;
  const found = db.all<FullRecord>(
    'SELECT t.* FROM identity i JOIN translation t ON t.seq = i.translation WHERE i.key >= ? AND i.key <= ? LIMIT 2',
    id,
    `${id}g`,
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

function attemptsOf(db: Database, translation: number): StoryAttempt[] {
  return db
    .all<{
      run: number;
      started: number;
      ended: number | null;
      outcome: string | null;
      counted: number;
      code: string | null;
      message: string | null;
      native: string | null;
      build: string;
    }>('SELECT * FROM attempt WHERE translation = ? ORDER BY run', translation)
    .map((row) => ({
      run: row.run,
      startedMs: row.started,
      endedMs: row.ended,
      outcome: row.outcome,
      counted: row.counted === 1,
      failure: failureOf(row),
      build: row.build,
    }));
}

function batchRow(db: Database, codec: BodyCodec, row: BatchRecord): BatchRow {
  return {
    seq: row.seq,
    system: row.system,
    call: row.call,
    group: row.grp,
    state: row.state,
    events: row.events,
    bytes: row.bytes,
    dueMs: row.due,
    attempts: row.attempts,
    failure: failureOf(row),
    answer: readJson(db, codec, row.answer) ?? null,
    leftMs: row.left_ms,
    endedMs: row.ended,
  };
}

function batch(db: Database, codec: BodyCodec, seq: number): ReturnType<Queries['batch']> {
  const row = db.get<BatchRecord>('SELECT * FROM batch WHERE seq = ?', seq);
  if (row === undefined) return null;
  return {
    batch: batchRow(db, codec, row),
    parts: db.all<PartRow>('SELECT kind, at, media, body FROM batch_part WHERE batch = ? ORDER BY n', seq).map((part) => storyPart(db, codec, part)),
    members: db.all(
      'SELECT t.id, m.place FROM batch_member m JOIN translation t ON t.seq = m.translation WHERE m.batch = ? ORDER BY m.call LIMIT ?',
      seq,
      maxLimit,
    ) as never,
  };
}

interface PartRow {
  kind: StoryPart['kind'];
  at: number;
  media: string;
  body: number | null;
}

const storyPart = (db: Database, codec: BodyCodec, { kind, at, media, body }: PartRow): StoryPart => ({
  kind,
  atMs: at,
  media,
  body: readBody(db, codec, body),
});

interface FullCall {
  seq: number;
  run: number;
  name: string;
  effect: StoryCall['effect'];
  args: number | null;
  state: StoryCall['state'];
  answer: number | null;
  answered_by: StoryCall['answeredBy'];
  code: string | null;
  message: string | null;
  native: string | null;
  probe_of: number | null;
  correlation: string | null;
  left_ms: number | null;
  deadline: number | null;
  ended: number | null;
}

function callsOf(db: Database, codec: BodyCodec, translation: number): StoryCall[] {
  return db.all<FullCall>('SELECT * FROM call WHERE translation = ? ORDER BY seq', translation).map((call) => ({
    seq: call.seq,
    run: call.run,
    name: call.name,
    effect: call.effect,
    state: call.state,
    args: readJson(db, codec, call.args) ?? null,
    answer: readJson(db, codec, call.answer) ?? null,
    answeredBy: call.answered_by,
    failure: failureOf(call),
    probeOf: call.probe_of,
    batch:
      (db.get(
        'SELECT b.seq, b.state, m.place FROM batch_member m INDEXED BY batch_member_translation JOIN batch b ON b.seq = m.batch WHERE m.translation = ? AND m.call = ?',
        translation,
        call.seq,
      ) as never) ?? null,
    correlation: call.correlation,
    leftMs: call.left_ms,
    deadlineMs: call.deadline,
    endedMs: call.ended,
    parts: db.all<PartRow>('SELECT kind, at, media, body FROM part WHERE call = ? ORDER BY seq', call.seq).map((part) => storyPart(db, codec, part)),
  }));
}

function repliesOf(db: Database, codec: BodyCodec, translation: number): StoryReply[] {
  return db
    .all<{
      seq: number;
      state: StoryReply['state'];
      routed: number | null;
      readable: number;
      published: number | null;
      attributes: string;
      body: number | null;
      size: number;
    }>(
      `SELECT o.seq, o.state, o.routed, ${inLog} AS readable, o.published, e.attributes, e.body, e.size FROM outbox o JOIN event e ON e.seq = o.event WHERE o.translation = ? ORDER BY o.seq`,
      translation,
    )
    .map((row) => ({
      seq: row.seq,
      attributes: JSON.parse(row.attributes) as EventAttributes,
      data: { ...readBody(db, codec, row.body), size: row.size },
      state: row.state,
      routed: row.routed === null ? null : row.routed === 1,
      readable: row.readable === 1,
      publishedMs: row.published,
    }));
}
