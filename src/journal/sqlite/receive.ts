import { hash } from 'node:crypto';
import { type Arrival, type NewTranslation, type ReceivedTranslation } from '../../contract/journal.ts';
import { type PendingBody } from './bodies.ts';
import { type Database } from './database.ts';
import { mayTakeKey } from './keys.ts';
import { type Ledger, type TranslationRecord, insertEvent, startRun } from './ledger.ts';
import { markTime } from './time-marks.ts';

export interface ReceiveOptions {
  readonly nowMs: number;
  readonly build: string;
}

/** All translations of one delivery (rules 13 to 16). The twin in the same commit is seen too: records run one after the other. */
export function receiveArrival(db: Database, ledger: Ledger, arrival: Arrival, body: PendingBody, options: ReceiveOptions): ReceivedTranslation[] {
  let event: number | null = null;
  const eventRow = (): number => (event ??= insertEvent(db, ledger, arrival.event, arrival.size, body));
  return arrival.translations.map((wanted) => {
    const { system, operation } = wanted;
    const known = identity(db, wanted.id);
    if (known === undefined) return { system, operation, id: wanted.id, outcome: 'new', ...start(db, ledger, arrival, wanted, eventRow(), options) };
    if (known.digest === arrival.digest)
      return { system, operation, id: wanted.id, outcome: 'duplicate', ...countDuplicate(db, ledger, known.translation) };
    const reused: NewTranslation = {
      ...wanted,
      id: hash('sha256', `${wanted.id} ${arrival.digest}`, 'hex').slice(0, 32),
      begin: false,
      key: null,
      park: {
        code: 'EVENT_ID_REUSED',
        message: `${system} ${operation}: the id of the event was used before with other content; the first translation is ${wanted.id}`,
      },
    };
    const again = identity(db, reused.id);
    if (again !== undefined) return { system, operation, id: reused.id, outcome: 'duplicate', ...countDuplicate(db, ledger, again.translation) };
    start(db, ledger, arrival, reused, eventRow(), options);
    return { system, operation, id: reused.id, outcome: 'reused' };
  });
}

function identity(db: Database, key: string): { digest: string; translation: number } | undefined {
  return db.get('SELECT digest, translation FROM identity WHERE key = ?', key);
}

function countDuplicate(db: Database, ledger: Ledger, seq: number): object {
  db.run('UPDATE translation SET duplicates = duplicates + 1, changed = ? WHERE seq = ?', ledger.change(), seq);
  return {};
}

function start(
  db: Database,
  ledger: Ledger,
  arrival: Arrival,
  wanted: NewTranslation,
  event: number,
  { nowMs, build }: ReceiveOptions,
): Pick<ReceivedTranslation, 'started'> {
  const row = insertTranslation(db, ledger, { arrival, wanted, event, nowMs, digest: arrival.digest, replay: 0, replayOf: null });
  const mayBegin =
    wanted.begin &&
    row.ready === 1 &&
    db.get('SELECT 1 FROM translation INDEXED BY translation_ready WHERE system = ? AND ready = 1 AND seq < ? LIMIT 1', wanted.system, row.seq) ===
      undefined;
  const started = mayBegin ? startRun(db, ledger, row, arrival.event, nowMs, build) : null;
  return started === null ? {} : { started };
}

interface Insert {
  readonly arrival: Pick<Arrival, 'event' | 'correlation' | 'hops'>;
  readonly wanted: NewTranslation;
  readonly event: number;
  readonly digest: string;
  readonly nowMs: number;
  readonly replay: number;
  readonly replayOf: string | null;
}

/** A translation of its own, ready unless it is parked or waits behind its key. */
export function insertTranslation(
  db: Database,
  ledger: Ledger,
  { arrival, wanted, event, digest, nowMs, replay, replayOf }: Insert,
): TranslationRecord {
  const { attributes } = arrival.event;
  const seq = ledger.next('translation');
  const parked = wanted.park !== null;
  const row: TranslationRecord = {
    seq,
    id: wanted.id,
    version: 1,
    event,
    system: wanted.system,
    operation: wanted.operation,
    state: parked ? 'parked' : 'received',
    waiting: null,
    due: null,
    ready: !parked && mayTakeKey(db, wanted.system, wanted.key, seq) ? 1 : 0,
    holds: wanted.key !== null && !parked ? 1 : 0,
    key: wanted.key,
    business_key: wanted.businessKey,
    pass: wanted.passWhenParked ? 1 : 0,
    keep: wanted.keepBodies ? 1 : 0,
    type: attributes.type,
    event_id: attributes.id,
    source: attributes.source,
    correlation: arrival.correlation,
    hops: arrival.hops,
    attempts: 0,
    runs: 0,
    crashes: 0,
    now_ms: null,
    run_ms: null,
    previous_run_ms: null,
    code: wanted.park?.code ?? null,
    message: wanted.park?.message ?? null,
    replay,
  };
  ledger.counts.add(row);
  markTime(db, ledger, seq, nowMs);
  db.run('INSERT INTO identity VALUES (?, ?, ?, ?)', wanted.id, digest, seq, nowMs);
  db.run(
    `INSERT INTO translation VALUES (?, ?, 1, ?, ?, ?, ?, NULL, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, NULL, NULL, NULL, ?, ?, NULL, 0, ?, ?, ?, NULL, ?, ?)`,
    seq,
    row.id,
    event,
    row.system,
    row.operation,
    row.state,
    row.ready,
    row.holds,
    row.key,
    row.business_key,
    row.pass,
    row.keep,
    row.type,
    row.event_id,
    row.source,
    row.correlation,
    row.hops,
    row.code,
    row.message,
    replay,
    replayOf,
    nowMs,
    ledger.epoch,
    ledger.change(),
  );
  return row;
}
