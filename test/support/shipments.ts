import { type Json } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type PracticeCarrier } from '../../src/practice/carrier/carrier.server.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';

export const requested = 'com.acme.shipment.requested.v1';

/** A shipment that the practice carrier takes. */
export const shipment = (shipmentId: string, more: object = {}): Json => ({
  shipmentId,
  depot: 'MUC',
  service: 'standard',
  recipient: { name: 'Jürgen Müßig', street: 'Straße 7', postcode: '80331', city: 'München', country: 'DE' },
  parcels: [{ weightKg: '12.5' }, { weightKg: '0.125', label: 'second' }],
  ...more,
});

/** How a gateway reaches it. */
export function settingsOf(practice: PracticeCarrier, more: Partial<FileSettings> = {}): FileSettings {
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
