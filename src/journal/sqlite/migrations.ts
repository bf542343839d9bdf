/**
 * The schema, one entry a released version, forward only. `user_version` says how many are applied.
 * Times are wall clock in ms. `ready` is 1 when a translation can run now; `holds` is 1 while it holds its key (rules 17, 18).
 */
export const migrations: readonly string[] = [
  `
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('epoch', 0);

CREATE TABLE identity (key TEXT PRIMARY KEY, digest TEXT NOT NULL, translation INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX identity_at ON identity (at);

CREATE TABLE body (id INTEGER PRIMARY KEY, codec INTEGER NOT NULL, size INTEGER NOT NULL, sha256 TEXT, clipped INTEGER NOT NULL, bytes BLOB) STRICT;
CREATE TABLE body_chunk (body INTEGER NOT NULL, n INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (body, n)) STRICT, WITHOUT ROWID;

CREATE TABLE event (seq INTEGER PRIMARY KEY, attributes TEXT NOT NULL, body INTEGER, size INTEGER NOT NULL) STRICT;

CREATE TABLE translation (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, event INTEGER NOT NULL,
  system TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL, waiting TEXT, due INTEGER, ready INTEGER NOT NULL, holds INTEGER NOT NULL,
  key TEXT, business_key TEXT, pass INTEGER NOT NULL, keep INTEGER NOT NULL,
  type TEXT NOT NULL, event_id TEXT NOT NULL, source TEXT NOT NULL, correlation TEXT NOT NULL, hops INTEGER NOT NULL,
  attempts INTEGER NOT NULL, runs INTEGER NOT NULL, crashes INTEGER NOT NULL, now_ms INTEGER, run_ms INTEGER, previous_run_ms INTEGER,
  code TEXT, message TEXT, native TEXT, duplicates INTEGER NOT NULL, replay INTEGER NOT NULL, replay_of TEXT,
  received INTEGER NOT NULL, finished INTEGER, epoch INTEGER NOT NULL, changed INTEGER NOT NULL
) STRICT;
CREATE INDEX translation_ready ON translation (system, operation, seq) WHERE ready = 1;
CREATE INDEX translation_key ON translation (system, key, seq) WHERE holds = 1;
CREATE INDEX translation_due ON translation (due) WHERE due IS NOT NULL;
CREATE INDEX translation_state ON translation (state, seq) WHERE state <> 'published';
CREATE INDEX translation_finished ON translation (finished) WHERE finished IS NOT NULL;
CREATE INDEX translation_changed ON translation (changed);
CREATE INDEX translation_event ON translation (event);
CREATE INDEX translation_system ON translation (system, seq);
CREATE INDEX translation_operation ON translation (operation, seq);
CREATE INDEX translation_type ON translation (type, seq);
CREATE INDEX translation_event_id ON translation (event_id, seq);
CREATE INDEX translation_correlation ON translation (correlation, seq);
CREATE INDEX translation_business_key ON translation (business_key, seq) WHERE business_key IS NOT NULL;
CREATE INDEX translation_any_key ON translation (key, seq) WHERE key IS NOT NULL;
CREATE INDEX translation_code ON translation (code, seq) WHERE code IS NOT NULL;
CREATE INDEX translation_received ON translation (received);
CREATE INDEX translation_replay ON translation (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE attempt (
  translation INTEGER NOT NULL, run INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER, outcome TEXT, counted INTEGER NOT NULL,
  code TEXT, message TEXT, native TEXT, build TEXT NOT NULL, PRIMARY KEY (translation, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE call (
  seq INTEGER PRIMARY KEY, translation INTEGER NOT NULL, run INTEGER NOT NULL, name TEXT NOT NULL, effect TEXT NOT NULL, digest TEXT NOT NULL, args INTEGER,
  state TEXT NOT NULL, answer INTEGER, answered_by TEXT NOT NULL, code TEXT, message TEXT, native TEXT, probe_of INTEGER,
  correlation TEXT, expires INTEGER, left_ms INTEGER, deadline INTEGER, ended INTEGER
) STRICT;
CREATE INDEX call_translation ON call (translation, seq);
CREATE INDEX call_correlation ON call (correlation) WHERE correlation IS NOT NULL;
CREATE TABLE part (seq INTEGER PRIMARY KEY, call INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, media TEXT NOT NULL, body INTEGER) STRICT;
CREATE INDEX part_call ON part (call, seq);
CREATE TABLE pause (translation INTEGER NOT NULL, n INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (translation, n)) STRICT, WITHOUT ROWID;

CREATE TABLE correlation (system TEXT NOT NULL, correlation TEXT NOT NULL, call INTEGER NOT NULL, translation INTEGER NOT NULL, PRIMARY KEY (system, correlation)) STRICT, WITHOUT ROWID;
CREATE INDEX correlation_translation ON correlation (translation);
CREATE TABLE candidate (seq INTEGER PRIMARY KEY, system TEXT NOT NULL, correlation TEXT NOT NULL, at INTEGER NOT NULL, answer INTEGER) STRICT;
CREATE INDEX candidate_system ON candidate (system, seq);

CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY, origin TEXT NOT NULL, translation INTEGER, event INTEGER NOT NULL, state TEXT NOT NULL, routed INTEGER, published INTEGER,
  code TEXT, message TEXT
) STRICT;
CREATE INDEX outbox_pending ON outbox (seq) WHERE state = 'pending';
CREATE INDEX outbox_translation ON outbox (translation, seq) WHERE translation IS NOT NULL;
CREATE INDEX outbox_event ON outbox (event);

CREATE TABLE action (key TEXT PRIMARY KEY, translation INTEGER NOT NULL, kind TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL, result TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX action_translation ON action (translation);
CREATE TABLE audit (seq INTEGER PRIMARY KEY, who TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, why TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE system_state (
  system TEXT NOT NULL, operation TEXT NOT NULL, availability TEXT NOT NULL, code TEXT, message TEXT, native TEXT, since INTEGER NOT NULL, who TEXT NOT NULL,
  PRIMARY KEY (system, operation)
) STRICT, WITHOUT ROWID;

CREATE TABLE spool_queue (seq INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, event INTEGER NOT NULL) STRICT;
CREATE INDEX spool_queue_queue ON spool_queue (queue, seq);
CREATE INDEX spool_queue_event ON spool_queue (event);
CREATE TABLE spool_log (position INTEGER PRIMARY KEY AUTOINCREMENT, event INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX spool_log_event ON spool_log (event);

CREATE TABLE tally (system TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (system, operation, state, detail)) STRICT, WITHOUT ROWID;
CREATE TRIGGER tally_insert AFTER INSERT ON translation BEGIN
  INSERT INTO tally VALUES (new.system, new.operation, new.state, CASE WHEN new.state = 'received' AND new.ready = 0 THEN 'behind' ELSE ifnull(new.waiting, '') END, 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tally_update AFTER UPDATE OF state, ready, waiting ON translation
WHEN new.state <> old.state OR new.waiting IS NOT old.waiting OR (new.state = 'received' AND new.ready <> old.ready) BEGIN
  UPDATE tally SET n = n - 1 WHERE system = old.system AND operation = old.operation AND state = old.state
    AND detail = CASE WHEN old.state = 'received' AND old.ready = 0 THEN 'behind' ELSE ifnull(old.waiting, '') END;
  INSERT INTO tally VALUES (new.system, new.operation, new.state, CASE WHEN new.state = 'received' AND new.ready = 0 THEN 'behind' ELSE ifnull(new.waiting, '') END, 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER tally_delete AFTER DELETE ON translation BEGIN
  UPDATE tally SET n = n - 1 WHERE system = old.system AND operation = old.operation AND state = old.state
    AND detail = CASE WHEN old.state = 'received' AND old.ready = 0 THEN 'behind' ELSE ifnull(old.waiting, '') END;
END;
`,
  `
CREATE INDEX translation_key_active ON translation (system, key) WHERE holds = 1 AND (ready = 1 OR state IN ('running', 'waiting'));
CREATE TABLE candidate_part (
  candidate INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, media TEXT NOT NULL, body INTEGER NOT NULL, PRIMARY KEY (candidate, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE spool_binding (queue TEXT PRIMARY KEY, patterns TEXT NOT NULL) STRICT, WITHOUT ROWID;
`,
  // Counts are kept by the program (see counts.ts); a translation is found by its id through its identity, which has it as its key.
  `
DROP TRIGGER tally_insert;
DROP TRIGGER tally_update;
DROP TRIGGER tally_delete;
CREATE TABLE translation_3 (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, version INTEGER NOT NULL, event INTEGER NOT NULL,
  system TEXT NOT NULL, operation TEXT NOT NULL, state TEXT NOT NULL, waiting TEXT, due INTEGER, ready INTEGER NOT NULL, holds INTEGER NOT NULL,
  key TEXT, business_key TEXT, pass INTEGER NOT NULL, keep INTEGER NOT NULL,
  type TEXT NOT NULL, event_id TEXT NOT NULL, source TEXT NOT NULL, correlation TEXT NOT NULL, hops INTEGER NOT NULL,
  attempts INTEGER NOT NULL, runs INTEGER NOT NULL, crashes INTEGER NOT NULL, now_ms INTEGER, run_ms INTEGER, previous_run_ms INTEGER,
  code TEXT, message TEXT, native TEXT, duplicates INTEGER NOT NULL, replay INTEGER NOT NULL, replay_of TEXT,
  received INTEGER NOT NULL, finished INTEGER, epoch INTEGER NOT NULL, changed INTEGER NOT NULL
) STRICT;
INSERT INTO translation_3 SELECT * FROM translation;
DROP TABLE translation;
ALTER TABLE translation_3 RENAME TO translation;
CREATE INDEX translation_ready ON translation (system, operation, seq) WHERE ready = 1;
CREATE INDEX translation_key ON translation (system, key, seq) WHERE holds = 1;
CREATE INDEX translation_due ON translation (due) WHERE due IS NOT NULL;
CREATE INDEX translation_state ON translation (state, seq) WHERE state <> 'published';
CREATE INDEX translation_finished ON translation (finished) WHERE finished IS NOT NULL;
CREATE INDEX translation_changed ON translation (changed);
CREATE INDEX translation_event ON translation (event);
CREATE INDEX translation_system ON translation (system, seq);
CREATE INDEX translation_operation ON translation (operation, seq);
CREATE INDEX translation_type ON translation (type, seq);
CREATE INDEX translation_event_id ON translation (event_id, seq);
CREATE INDEX translation_correlation ON translation (correlation, seq);
CREATE INDEX translation_business_key ON translation (business_key, seq) WHERE business_key IS NOT NULL;
CREATE INDEX translation_any_key ON translation (key, seq) WHERE key IS NOT NULL;
CREATE INDEX translation_code ON translation (code, seq) WHERE code IS NOT NULL;
CREATE INDEX translation_replay ON translation (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX translation_key_active ON translation (system, key) WHERE holds = 1 AND (ready = 1 OR state IN ('running', 'waiting'));
`,
  // `call` is set while the number is used: its call has left and did not turn out not to have been sent.
  `
CREATE TABLE sequence_counter (system TEXT NOT NULL, counter TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (system, counter)) STRICT, WITHOUT ROWID;
CREATE TABLE sequence_number (
  system TEXT NOT NULL, counter TEXT NOT NULL, n INTEGER NOT NULL, call_id TEXT NOT NULL, translation INTEGER NOT NULL, translation_id TEXT NOT NULL,
  run INTEGER NOT NULL, call INTEGER, doubt INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (system, counter, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX sequence_number_translation ON sequence_number (translation, counter);
CREATE INDEX sequence_number_unused ON sequence_number (system, at) WHERE call IS NULL;
CREATE TABLE reply_key (system TEXT NOT NULL, key TEXT NOT NULL, verdict TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (system, key)) STRICT, WITHOUT ROWID;
CREATE INDEX reply_key_at ON reply_key (at);
`,
  // Sources: what they bring in, and the extracts that they compare. `put_away` is null until the source has nothing more to do with it.
  `
INSERT INTO meta VALUES ('instance', abs(random() % 281474976710656));
CREATE TABLE source (seq INTEGER PRIMARY KEY, system TEXT NOT NULL, name TEXT NOT NULL, current INTEGER, last INTEGER NOT NULL, UNIQUE (system, name)) STRICT;
CREATE TABLE consignment (
  seq INTEGER PRIMARY KEY, source INTEGER NOT NULL, claim TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, identity TEXT, size INTEGER,
  at INTEGER NOT NULL, cursor TEXT, generation INTEGER, events INTEGER NOT NULL, parked INTEGER NOT NULL, held_by INTEGER, accepted INTEGER NOT NULL,
  same_as TEXT, started INTEGER NOT NULL, put_away INTEGER
) STRICT;
CREATE UNIQUE INDEX consignment_claim ON consignment (source, claim);
CREATE UNIQUE INDEX consignment_identity ON consignment (source, identity) WHERE identity IS NOT NULL AND state <> 'duplicate';
CREATE INDEX consignment_open ON consignment (source, seq) WHERE put_away IS NULL;
CREATE INDEX consignment_put_away ON consignment (put_away) WHERE put_away IS NOT NULL;
CREATE TABLE snapshot (source INTEGER NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (source, generation)) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_stale ON snapshot (source, generation) WHERE state = 'stale';
CREATE TABLE snapshot_row (
  source INTEGER NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (source, generation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_source ON outbox (published) WHERE translation IS NULL AND published IS NOT NULL;
`,
  // Batches. `due` is null when nothing is to be done; until the first try (`now_ms`) the limits say when it is. `passing` is 1 while the members
  // after `passed` have not been told what became of it.
  `
CREATE TABLE batch (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, version INTEGER NOT NULL, system TEXT NOT NULL, call TEXT NOT NULL, grp TEXT NOT NULL, state TEXT NOT NULL,
  full INTEGER NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL, after_ms INTEGER NOT NULL, due INTEGER,
  now_ms INTEGER, attempts INTEGER NOT NULL, tried INTEGER, previous_try INTEGER, answer INTEGER, answered_by TEXT NOT NULL, left_ms INTEGER, deadline INTEGER, expires INTEGER,
  passing INTEGER NOT NULL, passed INTEGER NOT NULL, code TEXT, message TEXT, native TEXT, ended INTEGER
) STRICT;
CREATE INDEX batch_due ON batch (system, due) WHERE due IS NOT NULL;
CREATE INDEX batch_passing ON batch (system, seq) WHERE passing = 1;
CREATE INDEX batch_line ON batch (system, call, grp, seq) WHERE state IN ('open', 'calling');
CREATE INDEX batch_system ON batch (system, seq);
CREATE INDEX batch_ended ON batch (ended) WHERE ended IS NOT NULL;
CREATE TABLE batch_member (
  batch INTEGER NOT NULL, call INTEGER NOT NULL, translation INTEGER NOT NULL, bytes INTEGER NOT NULL, since INTEGER NOT NULL, place INTEGER, PRIMARY KEY (batch, call)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_member_translation ON batch_member (translation, call);
CREATE TABLE batch_part (
  batch INTEGER NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL, media TEXT NOT NULL, body INTEGER, PRIMARY KEY (batch, n)
) STRICT, WITHOUT ROWID;
  `,
  // What links remember, and which call a row is, for what is found out about it later.
  `
CREATE TABLE memory (system TEXT NOT NULL, transport TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (system, transport, key)) STRICT, WITHOUT ROWID;
ALTER TABLE call ADD COLUMN call_id TEXT;
`,
  // Batches of which something is still to become, to be counted.
  `
CREATE INDEX batch_unsettled ON batch (state, system) WHERE state IN ('open', 'calling', 'in doubt');
`,
  // Bulk actions: what is done to a translation and the end of its row are one commit.
  `
CREATE TABLE bulk (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, act TEXT NOT NULL, selection TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,
  per_second REAL NOT NULL, state TEXT NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, skipped INTEGER NOT NULL,
  started INTEGER NOT NULL, ended INTEGER, note TEXT, changed INTEGER NOT NULL
) STRICT;
CREATE INDEX bulk_state ON bulk (state, seq) WHERE state <> 'done';
CREATE INDEX bulk_changed ON bulk (changed);
CREATE INDEX bulk_ended ON bulk (ended) WHERE ended IS NOT NULL;
CREATE TABLE bulk_item (
  bulk INTEGER NOT NULL, place INTEGER NOT NULL, translation INTEGER NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL, code TEXT, message TEXT,
  PRIMARY KEY (bulk, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_item_open ON bulk_item (bulk, place) WHERE state = 'open';
CREATE INDEX bulk_item_trouble ON bulk_item (bulk, state, place) WHERE code IS NOT NULL;
CREATE TABLE bulk_turn (key TEXT PRIMARY KEY, bulk INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_turn_bulk ON bulk_turn (bulk);
`,
  // Searches: three ways in by what has few values, each followed by the sequence, so that any choice among them is ranges in the order of the list.
  // `time_mark` has a row wherever the ten minutes in which translations arrived change along the sequence: a span of time is a span of it.
  `
DROP INDEX translation_state;
DROP INDEX translation_system;
DROP INDEX translation_operation;
DROP INDEX translation_type;
DROP INDEX translation_code;
CREATE INDEX translation_kind ON translation (system, operation, type, seq);
CREATE INDEX translation_state ON translation (state, system, operation, type, seq) WHERE state <> 'published';
CREATE INDEX translation_code ON translation (code, system, operation, type, seq) WHERE code IS NOT NULL;
CREATE INDEX translation_slow ON translation (system, operation, type, seq) WHERE finished - received > 60000;
CREATE INDEX translation_parked ON translation (code, system, operation, type, source, native, received) WHERE state = 'parked';
CREATE INDEX call_open ON call (translation) WHERE state IN ('in doubt', 'calling') AND effect <> 'read' AND probe_of IS NULL;
CREATE TABLE time_mark (seq INTEGER PRIMARY KEY, span INTEGER NOT NULL) STRICT;
INSERT INTO time_mark SELECT seq, span FROM (
  SELECT seq, received / 600000 AS span, lag(received / 600000) OVER (ORDER BY seq) AS before FROM translation
) WHERE before IS NOT span;
CREATE INDEX time_mark_span ON time_mark (span, seq);
CREATE TABLE group_note (
  grp TEXT PRIMARY KEY, note TEXT NOT NULL, owner TEXT NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX group_note_at ON group_note (at);
`,
  // Of two who write a note at once one is told.
  `
ALTER TABLE group_note ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE group_note ADD COLUMN key TEXT NOT NULL DEFAULT '';
`,
  // What a picked-up event names leads to its file.
  `
CREATE INDEX consignment_name ON consignment (source, name, seq);
`,
];
