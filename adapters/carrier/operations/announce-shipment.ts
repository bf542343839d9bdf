import { Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { type Carrier } from '../carrier.layout.ts';
import { ShipmentAccepted, ShipmentRejected, ShipmentRequested } from '../events.ts';
import { services } from '../services.ts';

/** A shipment goes onto a manifest; its line of the reply file, hours later, says whether the carrier takes it. */
@Operation({ accepts: ShipmentRequested, replies: [ShipmentAccepted, ShipmentRejected], key: 'shipmentId', businessKey: 'shipmentId' })
export class AnnounceShipment implements Translation<ShipmentRequested, Carrier, ShipmentAccepted | ShipmentRejected> {
  async translate({ shipmentId, depot, service, recipient, parcels }: ShipmentRequested, carrier: SystemHandle<Carrier>) {
    const reference = carrier.id('shipment');
    const answer = await carrier.call('Manifest', {
      fields: { depot, reference },
      records: [
        { type: 'shipment', value: { kind: 'S', reference, shipmentId, service: services[service], parcels: parcels.length, ...recipient } },
        ...parcels.map(({ weightKg, label = '' }, index) => ({
          type: 'parcel' as const,
          value: { kind: 'P', reference, number: index + 1, weightKg, label },
        })),
      ],
    });
    if (answer.record === 'accepted') return new ShipmentAccepted({ shipmentId, trackingNumber: answer.value.trackingNumber });
    const { code, field, reason } = answer.value;
    const scope = code.startsWith('M') ? 'manifest' : 'shipment';
    return new ShipmentRejected({ shipmentId, code, scope, reason, ...(field === '' ? {} : { field }) });
  }
}
