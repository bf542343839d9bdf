import { Adapter } from '../../src/contract/index.ts';
import { calls, layout } from './carrier.layout.ts';
import { AnnounceShipment } from './operations/announce-shipment.ts';

@Adapter({
  system: 'carrier',
  about: 'The carrier: shipments on fixed-width manifests by SFTP, answered by reply files.',
  layouts: [layout],
  calls,
  operations: [AnnounceShipment],
})
export class CarrierAdapter {}
