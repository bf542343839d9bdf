import { GatehouseError } from '../../contract/errors.ts';
import { type CloudEvent, type EventAttributes } from '../../contract/event.ts';
import { type Failure, type RecordedCall, type Started, type TranslationRef } from '../../contract/journal.ts';
import { type Bodies, type PendingBody, insertBody, readBody, readJson } from './bodies.ts';
import { Counts, type Placed } from './counts.ts';
import { type Database } from './database.ts';

export interface TranslationRecord {
  seq: number;
  id: string;
  version: number;
  event: number;
  system: string;
  operation: string;
  state: string;
  waiting: string | null;
  due: number | null;
  ready: number;
  holds: number;
  key: string | null;
  business_key: string | null;
  pass: number;
  keep: number;
  type: string;
  event_id: string;
  source: string;
  correlation: string;
  hops: number;
  attempts: number;
  runs: number;
  crashes: number;
  now_ms: number | null;
  run_ms: number | null;
  previous_run_ms: number | null;
  code: string | null;
  message: string | null;
  replay: number;
}

type Counter = 'translation' | 'event' | 'call' | 'outbox';

/** What every record needs beside the connection: bodies, counters that never go back, and the epoch. */
export class Ledger {
  readonly bodies: Bodies;
  readonly counts: Counts;
  /** What is at work, as it stands in the file: the run asks for it at each of its steps. */
  readonly atWork = new Map<number, TranslationRecord>();
  epoch = 0;
  /** The ten minutes that the last time mark is for; null when that is not known. */
  timeSpan: number | null = null;
  readonly #counters: Record<Counter, number>;
  #changed: number;

  constructor(db: Database, bodies: Bodies) {
    this.bodies = bodies;
    this.counts = new Counts(db);
    const last = (table: string, column = 'seq'): number => db.get<{ last: number | null }>(`SELECT max(${column}) AS last FROM ${table}`)?.last ?? 0;
    const kept = (name: string): number => db.get<{ value: number }>('SELECT value FROM meta WHERE key = ?', `last ${name}`)?.value ?? 0;
    const counter = (name: Counter): number => Math.max(last(name), kept(name));
    this.#counters = { translation: counter('translation'), event: counter('event'), call: counter('call'), outbox: counter('outbox') };
    this.#changed = Math.max(last('translation', 'changed'), last('bulk', 'changed'), kept('changed'));
  }

  /** Before rows are deleted: what a counter has given out is never given out again, over a restart too (rule 22). */
  keepCounters(db: Database): void {
    for (const [name, value] of Object.entries({ ...this.#counters, changed: this.#changed }))
      db.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', `last ${name}`, value);
  }

  next(counter: Counter): number {
    return (this.#counters[counter] += 1);
  }

  mark(): number {
    return this.counts.mark();
  }

  /** The transaction was taken back to `mark`. */
  undo(mark: number): void {
    this.counts.undo(mark);
    this.atWork.clear();
    this.timeSpan = null;
  }

  /** The next feed position: given out in commit order, because records run in commit order. */
  change(): number {
    return (this.#changed += 1);
  }

  get changed(): number {
    return this.#changed;
  }
}

/** The translation, when it is at work under this version. @throws GatehouseError CHANGED */
export function atWork(db: Database, ledger: Ledger, ref: TranslationRef): TranslationRecord {
  const known = ledger.atWork.get(ref.seq);
  if (known?.version === ref.version) return known;
  const row = db.get<TranslationRecord>('SELECT * FROM translation WHERE seq = ?', ref.seq);
  if (row === undefined || row.state !== 'running' || row.version !== ref.version)
    throw new GatehouseError(
      'CHANGED',
      `translation ${row?.id ?? ref.seq} is ${row?.state ?? 'gone'} at version ${row?.version ?? 0}, not at work at version ${ref.version}`,
    );
  return row;
}

export function insertEvent(db: Database, ledger: Ledger, event: CloudEvent, size: number, body: PendingBody): number {
  const seq = ledger.next('event');
  db.run('INSERT INTO event VALUES (?, ?, ?, ?)', seq, JSON.stringify(event.attributes), insertBody(db, body), size);
  return seq;
}

export function readEvent(db: Database, ledger: Ledger, seq: number): CloudEvent | null {
  const row = db.get<{ attributes: string; body: number | null }>('SELECT attributes, body FROM event WHERE seq = ?', seq);
  if (row === undefined) return null;
  const { bytes } = readBody(db, ledger.bodies.codec, row.body);
  return bytes === null ? null : { attributes: JSON.parse(row.attributes) as EventAttributes, data: bytes };
}

export function endAttempt(db: Database, row: TranslationRecord, outcome: string, counted: boolean, failure: Failure | null, nowMs: number): void {
  db.run(
    'UPDATE attempt SET ended = ?, outcome = ?, counted = ?, code = ?, message = ?, native = ? WHERE translation = ? AND run = ?',
    nowMs,
    outcome,
    counted ? 1 : 0,
    failure?.code ?? null,
    failure?.message ?? null,
    failure?.native ?? null,
    row.seq,
    row.runs,
  );
}

/** Its run is over: it stands elsewhere from now on. */
export function leaveWork(ledger: Ledger, row: TranslationRecord, to: Pick<Placed, 'state'> & Partial<Placed>): void {
  ledger.counts.move(row, to);
  ledger.atWork.delete(row.seq);
}

/** Begins an attempt in the row and hands out everything a run needs. @returns null when its event is gone */
export function startRun(
  db: Database,
  ledger: Ledger,
  row: TranslationRecord,
  known: CloudEvent | null,
  nowMs: number,
  build: string,
): Started | null {
  const event = known ?? readEvent(db, ledger, row.event);
  if (event === null) return null;
  const { seq } = row;
  const [version, run, attempts] = [row.version + 1, row.runs + 1, row.attempts + 1];
  db.run(
    `UPDATE translation SET state = 'running', ready = 0, waiting = NULL, due = NULL, code = NULL, message = NULL, native = NULL, version = ?, runs = ?, attempts = ?,
      now_ms = ?, previous_run_ms = run_ms, run_ms = ?, epoch = ?, changed = ? WHERE seq = ?`,
    version,
    run,
    attempts,
    row.now_ms ?? nowMs,
    nowMs,
    ledger.epoch,
    ledger.change(),
    seq,
  );
  db.run('INSERT INTO attempt VALUES (?, ?, ?, NULL, NULL, 1, NULL, NULL, NULL, ?)', seq, run, nowMs, build);
  ledger.counts.move(row, { state: 'running' });
  ledger.atWork.set(seq, {
    ...row,
    state: 'running',
    ready: 0,
    waiting: null,
    due: null,
    code: null,
    message: null,
    version,
    runs: run,
    attempts,
    now_ms: row.now_ms ?? nowMs,
    previous_run_ms: row.run_ms,
    run_ms: nowMs,
  });
  return {
    seq,
    version,
    id: row.id,
    system: row.system,
    operation: row.operation,
    event,
    correlation: row.correlation,
    hops: row.hops,
    run,
    attempts,
    nowMs: row.now_ms ?? nowMs,
    previousRunMs: row.run_ms,
    crashes: row.crashes,
    recorded: run === 1 ? [] : recordedCalls(db, ledger, seq),
    pauses: run === 1 ? [] : db.all<{ due: number }>('SELECT due FROM pause WHERE translation = ? ORDER BY n', seq).map(({ due }) => due),
  };
}

interface CallRecord {
  seq: number;
  run: number;
  name: string;
  effect: RecordedCall['effect'];
  digest: string;
  args: number;
  state: RecordedCall['state'];
  answer: number | null;
  deadline: number | null;
  correlation: string | null;
  expires: number | null;
  batch: number | null;
  batch_state: NonNullable<RecordedCall['batch']>['state'] | null;
}

/** Rule 5: from the run in which the first effect left, what is recorded is law. */
function recordedCalls(db: Database, ledger: Ledger, translation: number): RecordedCall[] {
  const calls = db.all<CallRecord>(
    `SELECT c.*, m.batch, CASE WHEN b.passing = 1 AND m.call > b.passed THEN 'calling' ELSE b.state END AS batch_state FROM call c LEFT JOIN batch_member m ON m.translation = c.translation AND m.call = c.seq LEFT JOIN batch b ON b.seq = m.batch
      WHERE c.translation = ? AND c.probe_of IS NULL AND c.state NOT IN ('not sent', 'gathered') ORDER BY c.seq`,
    translation,
  );
  const lawFrom = Math.min(...calls.filter((call) => call.effect !== 'read').map((call) => call.run));
  return calls
    .filter((call) => call.run >= lawFrom)
    .map((call) => ({
      seq: call.seq,
      name: call.name,
      effect: call.effect,
      digest: call.digest,
      args: readJson(db, ledger.bodies.codec, call.args) ?? null,
      state: call.state,
      ...(call.state === 'answered' ? { answer: readJson(db, ledger.bodies.codec, call.answer) ?? null } : {}),
      deadlineMs: call.deadline,
      correlation: call.correlation,
      expiresMs: call.expires,
      batch: call.batch === null || call.batch_state === null ? null : { seq: call.batch, state: call.batch_state },
    }));
}
