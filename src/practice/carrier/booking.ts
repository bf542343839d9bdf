import { createHash } from 'node:crypto';
import { type ManifestShipment } from './manifest.ts';

/** A shipment that the carrier has really booked. */
export interface CarrierEntry {
  readonly shipmentId: string;
  readonly reference: string;
  readonly manifest: number;
  readonly depot: string;
  readonly service: string;
  readonly parcels: number;
  readonly grams: number;
  readonly trackingNumber: string;
}

const served: ReadonlySet<string> = new Set(['AT', 'BE', 'CH', 'CZ', 'DE', 'DK', 'FR', 'IT', 'LU', 'NL', 'PL']);
const knownServices: ReadonlySet<string> = new Set(['EXP', 'FRT', 'STD']);
/** Heaviest parcel of a service that is carried by hand, grams. */
const heaviestGrams = 31_500;

/** What the carrier objects to in a shipment; null when it takes it. `isBooked`: its number was booked before. */
export function objection(shipment: ManifestShipment, isBooked: boolean): { code: string; field: string; reason: string } | null {
  const { shipmentId, service, country, postcode, parcels, parcelCount, name, street, city } = shipment;
  const refused = (code: string, field: string, reason: string) => ({ code, field, reason });
  const empty = Object.entries({ shipmentId, name, street, postcode, city }).find(([, text]) => text === '')?.[0];
  if (empty !== undefined) return refused('R001', empty, 'Is empty.');
  if (isBooked) return refused('R002', 'shipmentId', 'Is booked already.');
  if (!knownServices.has(service)) return refused('R003', 'service', 'Is not known.');
  if (!served.has(country)) return refused('R010', 'country', 'Is not served.');
  if (country === 'DE' && !/^\d{5}$/.test(postcode)) return refused('R011', 'postcode', 'Has five digits in this country.');
  if (parcels.length !== parcelCount || parcels.some(({ number }, index) => number !== index + 1))
    return refused('R020', 'parcels', 'Are not as many as the shipment says, or not in order.');
  if (service !== 'FRT' && parcels.some(({ grams }) => grams > heaviestGrams))
    return refused('R021', 'weight', 'A parcel is heavier than 31.5 kg: send it as freight.');
  return null;
}

/** Twelve digits that follow from the reference, so that a case can know them. */
export function trackingNumberOf(reference: string): string {
  const bytes = createHash('sha256').update(reference).digest();
  return `PC${String(bytes.readUIntBE(0, 6) % 1_000_000_000_000).padStart(12, '0')}`;
}
