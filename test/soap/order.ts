import { type Json } from '../../src/contract/json.ts';

/** An order with a value of every type that orders.wsdl knows, as an adapter would write it. */
export const order = (externalId: string, changed: { [field: string]: Json } = {}): { [field: string]: Json } => ({
  '@channel': 'web',
  '@revision': 2,
  externalId,
  customer: {
    '@id': 'C1',
    '@vip': true,
    '@rating': 'A+',
    name: 'Müller & Söhne <AG>',
    country: 'DE',
    vatId: 'DE1',
    founded: '1870',
    bic: 'DEUTDEFF',
  },
  payer: { $type: 'Company', '@id': 'P1', name: 'Payer', vatId: 'FR2' },
  placedOn: '2026-03-01-05:00',
  placedAt: '2026-07-01T12:00:00Z',
  urgent: true,
  serial: '9223372036854775807',
  total: '123456789012345678.123456',
  currency: 'EUR',
  count: '9007199254740993',
  ratio: 0.1,
  tags: ['red', 'green', 'blue'],
  note: null,
  approvedBy: null,
  document: 'AAEC/w==',
  digest: '00FF',
  gross: { '@unit': 'kg', $value: '1.50' },
  card: { number: '4111', expires: '2030-01' },
  address: { '@kind': 'home', street: '  two  spaces ', city: 'Genève' },
  lines: {
    line: [
      { '@no': 1, sku: 'SKU-1', quantity: 1, price: '1.10' },
      { '@no': 2, sku: 'SKU-2', quantity: 2, price: '2.10' },
    ],
  },
  remark: ['only one'],
  bundle: { '@weight': '1.0', name: 'root', node: [{ name: 'leaf', node: [{ name: 'deeper', node: [] }] }] },
  ...changed,
});
