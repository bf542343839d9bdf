import { IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Asked, Told } from '../../test/support/depot.ts';
import { type BulkRow } from '../contract/bulk.ts';
import { type CataloguedOperation } from '../contract/catalogue.ts';
import { EventType, Sensitive } from '../contract/event.ts';
import { maskedBulk } from './bulk.mask.ts';

@EventType('test.secret.v1')
class Secretive {
  @Sensitive()
  @IsString()
  ref: string;
}

const operation = (accepts: CataloguedOperation['accepts']): CataloguedOperation =>
  ({ accepts, replies: new Map([['test.told.v1', Told]]), key: null, businessKey: 'ref' }) as unknown as CataloguedOperation;
const row = {
  seq: 1,
  why: 'x',
  act: { kind: 'discard', reply: { type: 'test.told.v1', data: { text: 'canary' } } },
  selection: { filter: { system: 'depot', businessKey: 'canary', key: 'canary' } },
} as unknown as BulkRow;

describe('a bulk as a viewer sees it', () => {
  it('rule 42: shows no key that is a sensitive field, and not what the refusal says', () => {
    const masked = maskedBulk(row, [operation(Asked), operation(Secretive)]);
    expect(JSON.stringify(masked)).not.toContain('canary');
    expect(masked.selection).toEqual({ filter: { system: 'depot', businessKey: '••••', key: '••••' } });
  });

  it('shows keys that are none, and ids', () => {
    expect(maskedBulk(row, [operation(Asked)]).selection).toEqual(row.selection);
    expect(maskedBulk({ ...row, selection: { ids: ['a'] } }, [operation(Secretive)]).selection).toEqual({ ids: ['a'] });
    expect(maskedBulk({ ...row, act: { kind: 'retry' } }, []).act).toEqual({ kind: 'retry' });
  });
});
