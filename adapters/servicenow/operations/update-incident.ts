import { Operation, type SystemHandle, type Translation, isRefusal } from '../../../src/contract/index.ts';
import { isFinal, levels, stateName, states } from '../choices.ts';
import { IncidentRefused, IncidentUpdateRequested, IncidentUpdated } from '../events.ts';
import { nextMark } from '../marks.ts';
import { type ServiceNow, type Update } from '../servicenow.layout.ts';

/** Changes an incident and adds notes to it, once: it is looked up first, and the update carries a mark to find it by. */
@Operation({ accepts: IncidentUpdateRequested, replies: [IncidentUpdated, IncidentRefused], key: 'incident', businessKey: 'requestId' })
export class UpdateIncident implements Translation<IncidentUpdateRequested, ServiceNow, IncidentUpdated | IncidentRefused> {
  async translate(request: IncidentUpdateRequested, servicenow: SystemHandle<ServiceNow>) {
    const { requestId, incident: wanted } = request;
    const refused = (code: string, reason: string) => new IncidentRefused({ requestId, code, reason });
    const changes = changesOf(request);
    if (Object.keys(changes).length === 0) return refused('NOTHING_TO_UPDATE', 'The request names nothing to change.');

    const column = /^[0-9a-f]{32}$/.test(wanted) ? 'sys_id' : 'number';
    const { getRecordsResult = [] } = await servicenow.call('getRecords', {
      [column]: wanted,
      __limit: 2,
      __exclude_columns: 'close_notes,comments,description,work_notes',
    });
    // An instance that drops a condition it does not know gives every record.
    const found = getRecordsResult.filter((each) => each[column] === wanted);
    const [incident] = found;
    if (incident === undefined) return refused('INCIDENT_NOT_FOUND', `There is no incident ${wanted}.`);
    if (found.length > 1) return refused('INCIDENT_NOT_UNIQUE', `More than one incident is called ${wanted}.`);
    const { number, sys_id: sysId, state } = incident;
    if (isFinal(state)) return refused('INCIDENT_CLOSED', `The incident ${number} is ${stateName(state ?? '')}.`);

    const mark = nextMark(servicenow.id('update'), incident);
    const answer = await servicenow.call('update', { ...changes, correlation_display: mark, sys_id: sysId });
    if (isRefusal(answer)) return refused(answer.refused, answer.reason);
    return new IncidentUpdated({ requestId, number, sysId });
  }
}

function changesOf(request: IncidentUpdateRequested): Partial<Update> {
  const { summary, details, urgency, impact, state, assignmentGroup, assignedTo, closeCode, closeNotes, workNote, comment } = request;
  const changes: Partial<Update> = {
    short_description: summary,
    description: details,
    urgency: urgency && levels[urgency],
    impact: impact && levels[impact],
    state: state && states[state],
    assignment_group: assignmentGroup,
    assigned_to: assignedTo,
    close_code: closeCode,
    close_notes: closeNotes,
    work_notes: workNote && asText(workNote),
    comments: comment && asText(comment),
  };
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

/** ServiceNow shows what stands between [code] tags of a note as HTML. */
const asText = (note: string): string => note.replaceAll(/\[(?=\s*\/?\s*code\s*\])/gi, '[ ');
