import { type Json } from '../contract/json.ts';

export type Chapter = 'plain' | 'refused' | 'slow' | 'lost' | 'doubt' | 'duplicate' | 'screens' | 'files' | 'night' | 'outage';

export type DemoSystem = 'carrier' | 'depot' | 'ledger' | 'servicenow' | 'stockroom';

export interface DemoEvent {
  readonly chapter: Chapter;
  readonly event: { readonly specversion: '1.0'; readonly id: string; readonly source: string; readonly type: string; readonly data: Json };
  /** How often it is sent. */
  readonly times: number;
  /** What the ledgers must show for it in the end. */
  readonly effect: { readonly system: DemoSystem; readonly ref: string; readonly count: number };
  readonly refused: boolean;
}

const event = (id: string, type: string, data: Json): DemoEvent['event'] => ({ specversion: '1.0', id: `demo-${id}`, source: '/shop', type, data });

function stock(chapter: Chapter, ref: string, sku = 'BOLT', times = 1): DemoEvent {
  const refused = sku.startsWith('NONE');
  return {
    chapter,
    times,
    refused,
    effect: { system: 'depot', ref, count: refused ? 0 : 1 },
    event: event(ref, 'com.acme.stock.wanted.v1', { requestId: ref, customerId: `C-${ref}`, sku, quantity: 1 }),
  };
}

function order(chapter: Chapter, ref: string): DemoEvent {
  return {
    chapter,
    times: 1,
    refused: false,
    effect: { system: 'depot', ref, count: 1 },
    event: event(ref, 'com.acme.order.sent.v1', { orderId: ref, sku: 'BOLT' }),
  };
}

function request(chapter: Chapter, ref: string, callerId = 'ann.lee'): DemoEvent {
  const refused = callerId.startsWith('nobody');
  return {
    chapter,
    times: 1,
    refused,
    effect: { system: 'servicenow', ref, count: refused ? 0 : 1 },
    event: event(ref, 'com.acme.service.requested.v1', {
      requestId: ref,
      callerId,
      callerPhone: '+49 30 1234567',
      summary: 'No network in room 4.12',
    }),
  };
}

function reservation(ref: string, sku = 'SKU-1017', quantity = 1): DemoEvent {
  const refused = quantity > 3;
  return {
    chapter: 'screens',
    times: 1,
    refused,
    effect: { system: 'stockroom', ref, count: refused ? 0 : 1 },
    event: event(ref, 'com.acme.reservation.requested.v1', { reference: ref, sku, quantity, customer: 'Linden Clinic' }),
  };
}

function enquiry(ref: string, sku: string): DemoEvent {
  return {
    chapter: 'screens',
    times: 1,
    refused: false,
    effect: { system: 'stockroom', ref, count: 0 },
    event: event(ref, 'com.acme.stock.enquired.v1', { sku }),
  };
}

function shipment(chapter: Chapter, ref: string, weightKg = '12.5'): DemoEvent {
  const refused = Number(weightKg) > 31.5;
  return {
    chapter,
    times: 1,
    refused,
    effect: { system: 'carrier', ref, count: refused ? 0 : 1 },
    event: event(ref, 'com.acme.shipment.requested.v1', {
      shipmentId: ref,
      depot: 'MUC',
      service: 'standard',
      recipient: { name: 'Jürgen Müßig', street: 'Straße 7', postcode: '80331', city: 'München', country: 'DE' },
      parcels: [{ weightKg }],
    }),
  };
}

function posting(ref: string, creditAccount = '1000000003'): DemoEvent {
  const refused = creditAccount.startsWith('9');
  return {
    chapter: 'night',
    times: 1,
    refused,
    effect: { system: 'ledger', ref, count: refused ? 0 : 1 },
    event: event(ref, 'com.acme.posting.requested.v1', {
      postingId: ref,
      debitAccount: '1000000001',
      creditAccount,
      amount: '1250.00',
      currency: 'EUR',
      valueDate: '2026-11-20',
      text: ['Rechnung für Jürgen Müßig'],
    }),
  };
}

/** The stream of the demo: a few of everything. */
export function demoEvents(): DemoEvent[] {
  return [
    ...['S-101', 'S-102', 'S-103'].map((ref) => stock('plain', ref)),
    ...['R-201', 'R-202'].map((ref) => request('plain', ref)),
    stock('refused', 'S-104', 'NONE-7'),
    request('refused', 'R-203', 'nobody.here'),
    stock('slow', 'S-SLOW'),
    stock('slow', 'S-105'),
    order('slow', 'O-301'),
    request('lost', 'R-LOST'),
    order('doubt', 'O-DOUBT'),
    stock('duplicate', 'S-106', 'BOLT', 3),
    ...['RES-601', 'RES-LOST'].map((ref) => reservation(ref)),
    reservation('RES-603', 'SKU-1017', 4),
    enquiry('ENQ-604', 'SKU-1001'),
    ...['SHP-401', 'SHP-402'].map((ref) => shipment('files', ref)),
    shipment('files', 'SHP-403', '99.5'),
    ...['P-501', 'P-502'].map((ref) => posting(ref)),
    posting('P-503', '9999999999'),
    ...Array.from({ length: 8 }, (_, n) => stock('outage', `S-${110 + n}`)),
    ...['R-204', 'R-205'].map((ref) => request('outage', ref)),
  ];
}

export const trickle = (n: number): DemoEvent =>
  n % 3 === 0 ? request('plain', `R-T${n}`) : n % 3 === 1 ? stock('plain', `S-T${n}`) : order('plain', `O-T${n}`);
