import { Operation, type SystemHandle, type Translation, isRefusal } from '../../../src/contract/index.ts';
import { levels } from '../choices.ts';
import { IncidentOpened, IncidentRefused, ServiceRequested } from '../events.ts';
import { firstMark } from '../marks.ts';
import { type ServiceNow } from '../servicenow.layout.ts';

/** A service request becomes an incident; what the table refuses becomes a refusal. */
@Operation({ accepts: ServiceRequested, replies: [IncidentOpened, IncidentRefused], key: 'callerId', businessKey: 'requestId' })
export class OpenIncident implements Translation<ServiceRequested, ServiceNow, IncidentOpened | IncidentRefused> {
  async translate(request: ServiceRequested, servicenow: SystemHandle<ServiceNow>) {
    const { requestId, callerId, callerPhone, summary, details, urgency } = request;
    const description = [details, callerPhone === undefined ? undefined : `Phone: ${callerPhone}`].filter((line) => line !== undefined).join('\n');
    const answer = await servicenow.call('insert', {
      caller_id: callerId,
      correlation_id: requestId,
      correlation_display: firstMark(servicenow.id('insert')),
      short_description: summary,
      ...(description === '' ? {} : { description }),
      urgency: levels[urgency ?? 'low'],
    });
    if (isRefusal(answer)) return new IncidentRefused({ requestId, code: answer.refused, reason: answer.reason });
    return new IncidentOpened({ requestId, number: answer.number, sysId: answer.sys_id });
  }
}
