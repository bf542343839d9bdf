import { Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { instantOf, stateName, states } from '../choices.ts';
import { IncidentRefused } from '../events.ts';
import { isQueryValue } from '../query-values.ts';
import { FoundIncident, IncidentsFound, IncidentsRequested } from '../search.events.ts';
import { type Incident, type Query, type ServiceNow } from '../servicenow.layout.ts';

const pageRows = 50;

/** Finds incidents by example, page by page in order of their numbers. */
@Operation({ accepts: IncidentsRequested, replies: [IncidentsFound, IncidentRefused], businessKey: 'requestId' })
export class FindIncidents implements Translation<IncidentsRequested, ServiceNow, IncidentsFound | IncidentRefused> {
  async translate(request: IncidentsRequested, servicenow: SystemHandle<ServiceNow>) {
    const { requestId, limit = 100 } = request;
    const filter = filterOf(request);
    const unfit = Object.entries(filter).filter(([, value]) => !isQueryValue(value));
    if (Object.keys(filter).length === 0)
      return new IncidentRefused({ requestId, code: 'FILTER_MISSING', reason: 'The request names no filter, and would give the whole table.' });
    if (unfit.length > 0) {
      const columns = unfit.map(([column]) => column).join(', ');
      return new IncidentRefused({ requestId, code: 'FILTER_NOT_ALLOWED', reason: `A value that is query syntax is not asked for: ${columns}.` });
    }

    const found = new Map<string, Incident>();
    let shifted = false;
    let read = 0;
    for (let last: string | undefined, more = true; more && read <= limit;) {
      // A page begins with the last row of the one before: if that row is another one now, rows have moved between the pages.
      const first = Math.max(0, read - 1);
      const end = Math.min(first + pageRows, limit + 1);
      const { getRecordsResult: page = [] } = await servicenow.call('getRecords', {
        ...filter,
        __exclude_columns: 'close_notes,comments,description,work_notes',
        __first_row: first,
        __last_row: end,
        __order_by: 'number',
      });
      shifted ||= last !== undefined && page[0]?.sys_id !== last;
      for (const incident of page) found.set(incident.sys_id, incident);
      read = first + page.length;
      last = page.at(-1)?.sys_id;
      more = page.length === end - first;
    }
    const incidents = [...found.values()].slice(0, limit).map(foundIncident);
    return new IncidentsFound({ requestId, incidents, more: read > limit, shifted });
  }
}

function filterOf({ number, state, priority, callerId, assignmentGroup, assignedTo, correlationId }: IncidentsRequested): Record<string, string> {
  const filter: Query = {
    assigned_to: assignedTo,
    assignment_group: assignmentGroup,
    caller_id: callerId,
    correlation_id: correlationId,
    number,
    priority: priority?.toString(),
    state: state && states[state],
  };
  return Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Empty columns are left out. */
function foundIncident(incident: Incident): FoundIncident {
  const values = {
    number: incident.number,
    sysId: incident.sys_id,
    summary: incident.short_description,
    state: stateName(incident.state ?? ''),
    priority: incident.priority,
    callerId: incident.caller_id,
    assignmentGroup: incident.assignment_group,
    assignedTo: incident.assigned_to,
    correlationId: incident.correlation_id,
    openedAt: instantOf(incident.opened_at),
    updatedAt: instantOf(incident.sys_updated_on),
  };
  return Object.assign(new FoundIncident(), Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')));
}
