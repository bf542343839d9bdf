import { type GroupValues, type Grouping, type ParkedGroup, type ParkedGroups, groupKey } from '../../contract/groups.ts';
import type { BodyCodec } from './bodies.ts';
import { openCall } from './conditions.ts';
import type { Database } from './database.ts';
import { noteOf } from './notes.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const sparkHours = 24;
const maxGroups = 1_000;

/** All in the index of parked translations, so that no row is read. */
const expressions: Readonly<Record<Grouping, string>> = {
  code: 'code',
  system: 'system',
  operation: 'operation',
  type: 'type',
  source: 'source',
  native: 'native',
  day: `received / ${dayMs}`,
};

type Grouped<T> = Readonly<Record<`g${number}`, string | number | null>> & T;

/** A day is counted from 1970 in the journal. */
const shownValue = (name: Grouping, value: string | number | null): string | null =>
  name === 'day' ? new Date(Number(value) * dayMs).toISOString().slice(0, 10) : (value as string | null);

/** What takes longer than this to group is not grouped anew for everybody who looks. */
const longMs = 50;
/** How long it is shown, measured by how long it took: a twentieth of the reader's time goes to groups at most. */
const shownForTimes = 20;
const groupingsKept = 16;

interface Kept {
  readonly groups: ParkedGroups;
  readonly untilMs: number;
}

/** Groups as people ask for them again and again, with their notes as they are now. */
export class ParkedGrouping {
  readonly #db: Database;
  readonly #codec: BodyCodec;
  readonly #kept = new Map<string, Kept>();

  constructor(db: Database, codec: BodyCodec) {
    this.#db = db;
    this.#codec = codec;
  }

  ask(by: readonly Grouping[], nowMs: number | null): ParkedGroups {
    const key = JSON.stringify([by, nowMs === null]);
    const beganMs = performance.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && beganMs < kept.untilMs) return this.#noted(kept.groups);
    const groups = parkedGroups(this.#db, by, nowMs);
    const endedMs = performance.now();
    this.#kept.delete(key);
    if (endedMs - beganMs > longMs) this.#kept.set(key, { groups, untilMs: endedMs + shownForTimes * (endedMs - beganMs) });
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > groupingsKept) this.#kept.delete(oldest);
    return this.#noted(groups);
  }

  #noted({ groups, ...rest }: ParkedGroups): ParkedGroups {
    return { ...rest, groups: groups.map((group) => ({ ...group, note: noteOf(this.#db, this.#codec, groupKey(group.by)) })) };
  }
}

/** Parked translations by what they have in common, the largest group first; without notes. */
function parkedGroups(db: Database, by: readonly Grouping[], nowMs: number | null): ParkedGroups {
  const columns = by.map((name, n) => `${expressions[name]} AS g${n}`).join(', ');
  const names = by.map((_, n) => `g${n}`).join(', ');
  const totals = db.all<Grouped<{ n: number; first: number; last: number }>>(
    `SELECT ${columns}, count(*) AS n, min(received) AS first, max(received) AS last FROM translation INDEXED BY translation_parked
      WHERE state = 'parked' GROUP BY ${names} ORDER BY n DESC, last DESC LIMIT ?`,
    maxGroups + 1,
  );
  const more = totals.length > maxGroups;
  const groups = new Map<string, { readonly group: ParkedGroup; readonly spark: number[]; inDoubt: number }>();
  for (const row of totals.slice(0, maxGroups)) {
    const values = by.map((_, n) => row[`g${n}`] ?? null);
    const spark = Array.from({ length: sparkHours }, () => 0);
    const common = Object.fromEntries(by.map((name, n) => [name, shownValue(name, values[n] ?? null)])) as GroupValues;
    groups.set(JSON.stringify(values), {
      group: { by: common, count: row.n, inDoubt: 0, firstMs: row.first, lastMs: row.last, spark, note: null },
      spark,
      inDoubt: 0,
    });
  }
  const groupOf = (row: Grouped<object>) => groups.get(JSON.stringify(by.map((_, n) => row[`g${n}`] ?? null)));
  // Of so many groups only the shown ones are looked at.
  const shown = more ? ` AND json_array(${by.map((name) => expressions[name]).join(', ')}) IN (SELECT value FROM json_each(?))` : '';
  const keys = more ? [JSON.stringify([...groups.keys()])] : [];
  const fromMs = (nowMs ?? 0) - sparkHours * hourMs;
  const hours =
    nowMs === null
      ? []
      : db.all<Grouped<{ hour: number; n: number }>>(
          `SELECT ${columns}, (received - CAST(? AS INTEGER)) / ${hourMs} AS hour, count(*) AS n FROM translation INDEXED BY translation_parked
      WHERE state = 'parked' AND received >= ?${shown} GROUP BY ${names}, hour`,
          fromMs,
          fromMs,
          ...keys,
        );
  for (const row of hours) {
    const spark = groupOf(row)?.spark;
    const hour = Math.min(row.hour, sparkHours - 1);
    if (spark !== undefined) spark[hour] = (spark[hour] ?? 0) + row.n;
  }
  const doubts = db.all<Grouped<{ n: number }>>(
    `SELECT ${columns}, count(*) AS n FROM (SELECT DISTINCT translation FROM call INDEXED BY call_open WHERE ${openCall}) AS open
      CROSS JOIN translation t ON t.seq = open.translation WHERE t.state = 'parked'${shown} GROUP BY ${names}`,
    ...keys,
  );
  for (const row of doubts) {
    const found = groupOf(row);
    if (found !== undefined) found.inDoubt = row.n;
  }
  return { groups: [...groups.values()].map(({ group, inDoubt }) => ({ ...group, inDoubt })), asOfMs: nowMs, more };
}

const oldNotes = 100;

/** Notes written before then, on groups that nothing is in. */
export function emptyNotes(db: Database, beforeMs: number): readonly string[] {
  const notes = db.all<{ grp: string }>('SELECT grp FROM group_note INDEXED BY group_note_at WHERE at < ? ORDER BY at LIMIT ?', beforeMs, oldNotes);
  return notes.map(({ grp }) => grp).filter((key) => !isInhabited(db, key));
}

function isInhabited(db: Database, key: string): boolean {
  const values = JSON.parse(key) as readonly (readonly [Grouping, string | null])[];
  const where: string[] = ["state = 'parked'"];
  const bound: (string | number | null)[] = [];
  for (const [name, value] of values) {
    if (name === 'day') {
      where.push('received >= ? AND received < ?');
      bound.push(Date.parse(value ?? ''), Date.parse(value ?? '') + dayMs);
    } else {
      where.push(`${expressions[name]} IS ?`);
      bound.push(value);
    }
  }
  return db.get(`SELECT 1 FROM translation INDEXED BY translation_parked WHERE ${where.join(' AND ')} LIMIT 1`, ...bound) !== undefined;
}
