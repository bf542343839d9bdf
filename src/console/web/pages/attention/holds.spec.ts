import { describe, expect, it } from 'vitest';
import { type SystemStatus } from '../../../../contract/control.ts';
import { holdsIn } from './holds.ts';

const status = (system: string, more: object): SystemStatus =>
  ({ system, availability: 'open', reason: null, sinceMs: null, heldOperations: [], operations: ['book'], ...more }) as unknown as SystemStatus;
const record = (operation: string, code: string) => ({
  operation,
  availability: 'held',
  failure: { code, message: `erp ${operation}: ${code} of it` },
  sinceMs: 5,
});

describe('what is held', () => {
  const systems = [
    status('crm', { availability: 'held', reason: 'held by ann: moving', sinceMs: 3 }),
    status('erp', { heldOperations: [record('book', 'OPERATION_HELD'), record('nightly', 'HELD_BY_OPERATOR')] }),
    status('dms', { availability: 'down' }),
  ];
  const names = (of: Parameters<typeof holdsIn>[1]): readonly string[] =>
    holdsIn(systems, of).map(({ system, operation }) => `${system} ${operation}`);

  it('is systems, operations and sources, those first that held themselves, each with its reason', () => {
    expect(names(null)).toEqual(['erp book', 'crm ', 'erp nightly']);
    expect(holdsIn(systems, null)[0]).toEqual({
      system: 'erp',
      operation: 'book',
      isOperation: true,
      sinceMs: 5,
      why: 'OPERATION_HELD of it',
      byItself: true,
    });
  });

  it('is said to a group that it concerns', () => {
    expect(names({ code: 'DEFECT', system: 'erp', operation: 'book' })).toEqual(['erp book']);
    expect(names({ system: 'crm', operation: 'book' })).toEqual(['crm ']);
    expect(names({ operation: 'book' })).toEqual(['erp book', 'crm ']);
    expect(names({ system: 'dms' })).toEqual([]);
  });
});
