import { type Call, type Calls, type Probe, type Refusal, cannotTell, didNot, happened, once, read } from '../../src/contract/index.ts';
import { soap } from '../../src/transports/soap/soap.ts';
import { isBefore } from './marks.ts';

/** Columns that are written. Numbers are text, as the table gives them. `comments` and `work_notes` are appended to, never replaced. */
interface Columns {
  assigned_to?: string;
  assignment_group?: string;
  caller_id?: string;
  category?: string;
  close_code?: string;
  close_notes?: string;
  comments?: string;
  /** The mark of the last write; see marks.ts. */
  correlation_display?: string;
  correlation_id?: string;
  description?: string;
  impact?: string;
  priority?: string;
  short_description?: string;
  state?: string;
  urgency?: string;
  work_notes?: string;
}

export type Insert = Columns;

export interface Update extends Columns {
  sys_id: string;
}

/** A query by example: every column that is given must be equal. `__encoded_query` is left out: what comes in events must not become a query. */
export interface Query {
  assigned_to?: string;
  assignment_group?: string;
  caller_id?: string;
  correlation_id?: string;
  number?: string;
  priority?: string;
  state?: string;
  sys_id?: string;
  /** Comma-separated. */
  __exclude_columns?: string;
  /** Rows from here, counted from 0, up to and without `__last_row`. */
  __first_row?: number;
  __last_row?: number;
  __limit?: number;
  __order_by?: string;
}

/** Empty numbers are left out, empty text is ''. Journal columns are always empty here: they live in a table of their own. */
export interface Incident extends Columns {
  sys_id: string;
  number: string;
  /** `2026-11-21 08:15:00`, in UTC. */
  opened_at?: string;
  sys_updated_on?: string;
  /** How often the record was changed since it was made. */
  sys_mod_count?: string;
}

/** The native contract of the incident table. */
export interface ServiceNow {
  insert: Call<Insert, { sys_id: string; number: string } | Refusal<'CALLER_UNKNOWN' | 'REJECTED'>>;
  update: Call<Update, { sys_id: string } | Refusal<'CALLER_UNKNOWN' | 'INCIDENT_CLOSED' | 'INCIDENT_NOT_FOUND' | 'REJECTED'>>;
  getRecords: Call<Query, { getRecordsResult?: Incident[] }>;
}

export const layout = soap({
  wsdl: new URL('./servicenow.wsdl', import.meta.url),
  faults: [
    { status: 429, means: 'not executed' },
    { faultcode: 'Server', detail: 'Caller not found', means: { refusal: 'CALLER_UNKNOWN' } },
    { faultcode: 'Server', faultstring: 'Update Aborted', detail: 'Incident is closed', means: { refusal: 'INCIDENT_CLOSED' } },
    { faultcode: 'Server', faultstring: 'No Record found', means: { refusal: 'INCIDENT_NOT_FOUND' } },
    { faultcode: 'Server', faultstring: 'Data Policy Exception', means: { refusal: 'REJECTED' } },
    { faultcode: 'Server', faultstring: 'Insert Aborted', means: { refusal: 'REJECTED' } },
    { faultcode: 'Server', faultstring: 'Update Aborted', means: { refusal: 'REJECTED' } },
    // Not so 'maximum execution time exceeded': what ran that long may have written.
    { faultcode: 'Server', faultstring: 'Transaction cancelled: maximum execution queue depth', means: 'not executed' },
    { faultcode: 'Server', faultstring: 'Insufficient rights', means: 'credentials' },
  ],
});

/** An insert is found by its correlation_id; its mark tells it from those of other events with the same one. */
const probeInsert: Probe<Insert, { sys_id: string; number: string }, ServiceNow> = async (request, servicenow) => {
  const { correlation_id, correlation_display } = request;
  if (correlation_id === undefined || correlation_display === undefined) return cannotTell('the insert had no correlation_id or no mark');
  const { getRecordsResult = [] } = await servicenow.call('getRecords', { correlation_id, __limit: 50 });
  // The table compares without regard to case.
  const found = getRecordsResult.filter((incident) => incident.correlation_id === correlation_id);
  if (found.length === 0) return didNot;
  const [incident, ...more] = found.filter((each) => each.correlation_display === correlation_display);
  if (incident !== undefined && more.length === 0) return happened({ sys_id: incident.sys_id, number: incident.number });
  return cannotTell(`${found.length} incident(s) have the correlation_id of this insert, ${more.length + Number(incident !== undefined)} its mark`);
};

/** An update is found by its mark. It did not happen when what stood there before still does. */
const probeUpdate: Probe<Update, { sys_id: string }, ServiceNow> = async ({ sys_id, correlation_display }, servicenow) => {
  const { getRecordsResult = [] } = await servicenow.call('getRecords', { sys_id, __limit: 2 });
  const incident = getRecordsResult.find((each) => each.sys_id === sys_id);
  if (incident === undefined) return cannotTell('the incident is no longer there, or may no longer be read');
  if (correlation_display !== undefined && incident.correlation_display === correlation_display) return happened({ sys_id });
  if (isBefore(correlation_display, incident)) return didNot;
  return cannotTell(
    `another write has covered the mark, or the incident never had one and was changed (${incident.sys_mod_count ?? 'unknown'} times)`,
  );
};

export const calls: Calls<ServiceNow> = {
  getRecords: read(),
  insert: once({ probe: probeInsert }),
  // Not repeatable: a note would stand there twice, and a state that a person has moved on meanwhile would be set back.
  update: once({ probe: probeUpdate }),
};
