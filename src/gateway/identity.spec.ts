import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { translationId } from '../contract/translation-id.ts';
import { contentDigest, derivedUuid, hopsOf } from './identity.ts';

describe('identity', () => {
  it('rule 13: the id of a translation is a hash of what identifies it, so it survives a lost journal', () => {
    expect(translationId('crm', 'book-order', '/shop', 'A1')).toBe(translationId('crm', 'book-order', '/shop', 'A1', 0));
    const others = [
      translationId('erp', 'book-order', '/shop', 'A1'),
      translationId('crm', 'book', '/shop', 'A1'),
      translationId('crm', 'book-order', '/web', 'A1'),
      translationId('crm', 'book-order', '/shop', 'A1', 1),
    ];
    expect(new Set([...others, translationId('crm', 'book-order', '/shop', 'A1')]).size).toBe(5);
  });

  it('rule 13: no two identities run together whatever stands in their parts', () => {
    expect(translationId('a', 'b', 'c"', ',d')).not.toBe(translationId('a', 'b', 'c', '",d'));
    expect(contentDigest('a', Buffer.from('bc'))).not.toBe(contentDigest('ab', Buffer.from('c')));
  });

  it('a derived UUID is a version 8 UUID of its names', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1 }),
        (names) =>
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(derivedUuid(...names)) &&
          derivedUuid(...names) === derivedUuid(...names),
      ),
    );
  });

  it('rule 34: a hop count that is no number counts as none', () => {
    const attributes = { specversion: '1.0', id: '1', source: '/s', type: 't' } as const;
    expect(hopsOf({ ...attributes, gatehousehops: '7' })).toBe(7);
    for (const hops of ['-1', 'x', '1e99', '1.5']) expect(hopsOf({ ...attributes, gatehousehops: hops })).toBe(0);
  });
});
