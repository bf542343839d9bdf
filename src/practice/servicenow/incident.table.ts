import { createHash } from 'node:crypto';

/** An incident that was really inserted. */
export interface IncidentEntry {
  readonly correlationId: string;
  readonly number: string;
  readonly sysId: string;
  /** As they were sent. */
  readonly fields: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** An update that was really made. */
export interface UpdateEntry {
  readonly number: string;
  readonly sysId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly atMs: number;
}

/** A note as ServiceNow keeps it: outside the record, and never replaced. */
export interface JournalEntry {
  readonly sysId: string;
  readonly column: 'comments' | 'work_notes';
  readonly text: string;
}

/** What the table says no with. */
export interface TableFault {
  readonly text: string;
  readonly detail: string;
}

type Fields = Readonly<Record<string, string>>;

/** Times are steps of a minute, so that what a case records is the same on every run. */
const beginMs = Date.UTC(2026, 0, 5, 8);

const columns = [
  'active',
  'assigned_to',
  'assignment_group',
  'caller_id',
  'category',
  'close_code',
  'close_notes',
  'comments',
  'correlation_display',
  'correlation_id',
  'description',
  'impact',
  'number',
  'opened_at',
  'priority',
  'resolved_at',
  'short_description',
  'state',
  'sys_created_on',
  'sys_id',
  'sys_mod_count',
  'sys_updated_on',
  'urgency',
  'work_notes',
] as const;
const kept: ReadonlySet<string> = new Set(columns);
const isJournal = (column: string): column is JournalEntry['column'] => column === 'comments' || column === 'work_notes';

/** A small incident table. Like the real one it takes the same correlation_id twice, and the same note twice, without a word. */
export class IncidentTable {
  readonly #records = new Map<string, Record<string, string>>();
  readonly inserts: IncidentEntry[] = [];
  readonly updates: UpdateEntry[] = [];
  readonly journal: JournalEntry[] = [];
  #made = 0;
  #steps = 0;

  /** Why a write is refused; null when it is not. */
  objection(call: 'insert' | 'update', fields: Fields): TableFault | null {
    const before = call === 'update' ? this.#records.get(fields['sys_id'] ?? '') : {};
    if (before === undefined) return { text: 'No Record found', detail: 'Record does not exist or ACL restricts the record retrieval' };
    if (before['state'] === '7' || before['state'] === '8')
      return { text: `Update Aborted : Error during update of incident (${before['number']})`, detail: 'Incident is closed' };
    if (fields['caller_id']?.startsWith('nobody') === true) return { text: 'Invalid insert', detail: 'Caller not found' };
    if ((fields['short_description'] ?? '').includes('forbidden'))
      return { text: 'Data Policy Exception: the short description is not allowed', detail: '' };
    const after = { ...before, ...fields };
    if (after['state'] === '6' && (!after['close_code'] || !after['close_notes']))
      return { text: 'Data Policy Exception: The following fields are mandatory: Close code, Close notes', detail: '' };
    return null;
  }

  /** Makes a record that no ledger shows: it was there before. */
  seed(fields: Fields): Readonly<Record<string, string>> {
    const n = (this.#made += 1);
    const now = this.#now();
    const record: Record<string, string> = {
      ...Object.fromEntries(columns.map((column) => [column, ''])),
      number: `INC${String(10_000 + n).padStart(7, '0')}`,
      sys_id: createHash('sha256').update(`incident ${n}`).digest('hex').slice(0, 32),
      active: '1',
      impact: '3',
      priority: '5',
      state: '1',
      urgency: '3',
      opened_at: now,
      sys_created_on: now,
      sys_mod_count: '0',
    };
    this.#records.set(record['sys_id'] as string, record);
    this.#write(record, fields, now);
    return record;
  }

  insert(fields: Fields): IncidentEntry {
    const { number = '', sys_id: sysId = '' } = this.seed(fields);
    const entry = { correlationId: fields['correlation_id'] ?? '', number, sysId, fields, atMs: Date.now() };
    this.inserts.push(entry);
    return entry;
  }

  /** @returns null when there is no such record */
  update(fields: Fields): UpdateEntry | null {
    const record = this.edit(fields);
    if (record === null) return null;
    const { number = '', sys_id: sysId = '' } = record;
    const entry = { number, sysId, fields, atMs: Date.now() };
    this.updates.push(entry);
    return entry;
  }

  /** Changes a record past rules and ledger. */
  edit(fields: Fields): Readonly<Record<string, string>> | null {
    const record = this.#records.get(fields['sys_id'] ?? '');
    if (record === undefined) return null;
    if (this.#write(record, fields, this.#now())) record['sys_mod_count'] = String(Number(record['sys_mod_count']) + 1);
    return record;
  }

  remove(number: string): void {
    for (const [sysId, record] of this.#records) if (record['number'] === number) this.#records.delete(sysId);
  }

  /** A query by example. A column that the table does not have is no condition, as in the real one. */
  query(fields: Fields): Readonly<Record<string, string>>[] {
    const conditions = Object.entries(fields).filter(([column, value]) => kept.has(column) && value !== '');
    const found = [...this.#records.values()].filter((record) => conditions.every(([column, value]) => fits(record[column] ?? '', value)));
    const [ascending, descending] = [fields['__order_by'], fields['__order_by_desc']];
    const order = ascending ?? descending;
    if (order !== undefined) found.sort((a, b) => (a[order] ?? '').localeCompare(b[order] ?? '') * (descending === undefined ? 1 : -1));
    const [first, last, limit] = ['__first_row', '__last_row', '__limit'].map((name) => Number(fields[name] ?? Number.NaN));
    const from = first !== undefined && first >= 0 ? first : 0;
    const rows = found.slice(
      from,
      Math.min(last !== undefined && last >= 0 ? last : Infinity, from + (limit !== undefined && limit >= 0 ? limit : 250)),
    );
    const excluded = new Set((fields['__exclude_columns'] ?? '').split(','));
    return rows.map((record) => Object.fromEntries(Object.entries(record).filter(([column]) => !excluded.has(column))));
  }

  #write(record: Record<string, string>, fields: Fields, now: string): boolean {
    let changed = false;
    for (const [column, value] of Object.entries(fields)) {
      if (!kept.has(column) || column.startsWith('sys_') || value === record[column]) continue;
      changed = true;
      if (isJournal(column)) this.journal.push({ sysId: record['sys_id'] ?? '', column, text: value });
      else record[column] = value;
    }
    if (!changed) return false;
    const { impact = '', urgency = '' } = record;
    record['priority'] = impact === '' || urgency === '' ? '' : String(Math.max(1, Math.min(5, Number(impact) + Number(urgency) - 1)));
    record['active'] = Number(record['state']) >= 7 ? '0' : '1';
    if (record['state'] === '6' && record['resolved_at'] === '') record['resolved_at'] = now;
    record['sys_updated_on'] = now;
    return true;
  }

  #now(): string {
    this.#steps += 1;
    return new Date(beginMs + this.#steps * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  }
}

/** Equal without regard to case, or by an operator before the value, which the real table reads there too: `^NE^3`. */
function fits(has: string, wanted: string): boolean {
  const [, operator, value = ''] = /^\^(NE|LIKE|STARTSWITH)\^([^]*)$/.exec(wanted) ?? [];
  const [left, right] = [has.toLowerCase(), (operator === undefined ? wanted : value).toLowerCase()];
  switch (operator) {
    case 'NE':
      return left !== right;
    case 'LIKE':
      return left.includes(right);
    case 'STARTSWITH':
      return left.startsWith(right);
    default:
      return left === right;
  }
}
