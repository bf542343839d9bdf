import { Adapter } from '../../src/contract/index.ts';
import { FindIncidents } from './operations/find-incidents.ts';
import { OpenIncident } from './operations/open-incident.ts';
import { UpdateIncident } from './operations/update-incident.ts';
import { calls, layout } from './servicenow.layout.ts';

@Adapter({
  system: 'servicenow',
  about: 'The service desk: incidents in a ServiceNow table, over its SOAP interface.',
  layouts: [layout],
  calls,
  operations: [OpenIncident, UpdateIncident, FindIncidents],
})
export class ServiceNowAdapter {}
