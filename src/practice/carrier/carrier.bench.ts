import { resolve } from 'node:path';
import { CarrierAdapter } from '../../../adapters/carrier/carrier.adapter.ts';
import { Secret } from '../../contract/secret.ts';
import { FileSettings } from '../../transports/file/file.settings.ts';
import { FileTransport } from '../../transports/file/file.transport.ts';
import { type Bench } from '../bench.ts';
import { type CarrierFault } from './carrier.faults.ts';
import { PracticeCarrier } from './carrier.server.ts';

/** How a gateway reaches a practice carrier. Looks often. */
export function carrierSettings(practice: PracticeCarrier, more: Partial<FileSettings> = {}): FileSettings {
  return Object.assign(new FileSettings(), {
    kind: 'sftp',
    host: '127.0.0.1',
    port: practice.port,
    user: 'gatehouse',
    password: new Secret('built-in', practice.password),
    hostKeys: [practice.fingerprint],
    directory: '/',
    pollMs: 50,
    ...more,
  });
}

export const carrierBench: Bench = {
  system: 'carrier',
  adapter: CarrierAdapter,
  casesFolder: resolve(import.meta.dirname, '../../../adapters/carrier/cases'),
  timing: { callTimeoutMs: 5_000, settleMs: 200 },
  transports: () => [new FileTransport()],
  start: async (faults) => {
    const practice = await PracticeCarrier.start();
    for (const fault of faults) practice.fault(fault as CarrierFault);
    return { settings: { file: carrierSettings(practice) }, dropped: () => practice.taken(), stop: () => practice.close() };
  },
};
