import { resolve } from 'node:path';
import { ServiceNowAdapter } from '../../../adapters/servicenow/servicenow.adapter.ts';
import { Secret } from '../../contract/secret.ts';
import { SoapSettings } from '../../transports/soap/soap.settings.ts';
import { SoapTransport } from '../../transports/soap/soap.transport.ts';
import { type Bench } from '../bench.ts';
import { PracticeServiceNow, type ServiceNowFault } from './servicenow.server.ts';

/** Incidents that are there before the event comes. */
interface IncidentsThere {
  readonly incident: Readonly<Record<string, string>>;
  readonly times?: number;
}

export const serviceNowBench: Bench = {
  system: 'servicenow',
  adapter: ServiceNowAdapter,
  casesFolder: resolve(import.meta.dirname, '../../../adapters/servicenow/cases'),
  transports: () => [new SoapTransport()],
  start: async (preparation) => {
    const practice = await PracticeServiceNow.start();
    for (const each of preparation as (ServiceNowFault | IncidentsThere)[])
      if ('incident' in each) for (let n = 0; n < (each.times ?? 1); n += 1) practice.seed(each.incident);
      else practice.fault(each);
    const soap = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('built-in', 'practice') });
    return { settings: { soap }, stop: () => practice.stop() };
  },
};
