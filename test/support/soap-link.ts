import { Secret } from '../../src/contract/secret.ts';
import { type Link } from '../../src/contract/transport.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { type SoapOptions, soap } from '../../src/transports/soap/soap.ts';
import { SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { FleetingMemory } from './fleeting-memory.ts';

export const canary = 'CANARY-pass&word<7>';

/** A link of the SOAP transport without a gateway around it. Close it. */
export function soapLink(
  settings: Partial<SoapSettings> & { url: string },
  layout: Omit<SoapOptions, 'wsdl' | 'faults'> & { wsdl: string; faults?: SoapOptions['faults'] },
  calls: readonly string[] = [],
): Promise<Link> {
  return new SoapTransport().open({
    system: 'acme',
    gateway: 'test',
    log: () => undefined,
    settings: Object.assign(new SoapSettings(), settings),
    layout: soap({ faults: [], ...layout, wsdl: new URL(layout.wsdl) }),
    calls,
    clock: new SystemClock(),
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied: async () => 'candidate',
  });
}

export const password = new Secret('env:ACME_PASSWORD', canary);
