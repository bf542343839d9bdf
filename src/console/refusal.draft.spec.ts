import { describe, expect, it } from 'vitest';
import { Catalogue } from '../contract/catalogue.ts';
import { DepotAdapter } from '../practice/line/depot.adapter.ts';
import { refusalDrafts } from './refusal.draft.ts';

describe('the draft of a refusal', () => {
  const operation = new Catalogue([DepotAdapter]).operation('depot', 'send-order');

  it('is there for each declared reply, refusals first, and names values of each translation where it can', () => {
    expect(operation && refusalDrafts(operation)).toEqual([
      { type: 'com.acme.order.rejected.v1', data: { orderId: '{{event.orderId}}', code: '{{code}}', reason: '{{reason}}' } },
      { type: 'com.acme.order.confirmed.v1', data: { orderId: '{{event.orderId}}', order: '' } },
    ]);
  });
});
