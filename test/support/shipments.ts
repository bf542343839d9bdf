import { type Json } from '../../src/contract/json.ts';

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
