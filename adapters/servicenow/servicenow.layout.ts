import { type Call, type Calls, type Refusal, didNot, happened, once, read } from '../../src/contract/index.ts';
import { soap } from '../../src/transports/soap/soap.ts';

export interface Insert {
  caller_id?: string;
  category?: string;
  correlation_id?: string;
  description?: string;
  impact?: string;
  short_description?: string;
  urgency?: string;
}

export interface Incident {
  sys_id: string;
  number: string;
}

/** The native contract of the incident table. */
export interface ServiceNow {
  insert: Call<Insert, Incident | Refusal<'CALLER_UNKNOWN' | 'REJECTED'>>;
  getRecords: Call<{ correlation_id?: string; number?: string }, { getRecordsResult?: Incident[] }>;
}

export const layout = soap({
  wsdl: new URL('./servicenow.wsdl', import.meta.url),
  faults: [
    { faultcode: 'Server', detail: 'Caller not found', means: { refusal: 'CALLER_UNKNOWN' } },
    { faultcode: 'Server', faultstring: 'Data Policy Exception', means: { refusal: 'REJECTED' } },
    { faultcode: 'Server', faultstring: 'Transaction cancelled: maximum execution queue depth', means: 'not executed' },
    { faultcode: 'Server', faultstring: 'Insufficient rights', means: 'credentials' },
  ],
});

export const calls: Calls<ServiceNow> = {
  getRecords: read(),
  insert: once({
    probe: async (request, servicenow) => {
      if (request.correlation_id === undefined) return { verdict: 'cannotTell', reason: 'the insert had no correlation_id' };
      const found = await servicenow.call('getRecords', { correlation_id: request.correlation_id });
      const [incident] = found.getRecordsResult ?? [];
      return incident === undefined ? didNot : happened({ sys_id: incident.sys_id, number: incident.number });
    },
  }),
};
