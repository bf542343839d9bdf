import { type SystemStatus } from '../../../../contract/control.ts';
import { type GroupValues } from '../../../../contract/groups.ts';

/** What takes no calls until a person says so. */
export interface Hold {
  readonly system: string;
  /** Or a source of it; empty: the whole system. */
  readonly operation: string;
  readonly isOperation: boolean;
  readonly sinceMs: number | null;
  readonly why: string;
  /** Held because too many in a row were parked. */
  readonly byItself: boolean;
}

/** Those that a group is concerned with, or all; those that held themselves first. */
export function holdsIn(systems: readonly SystemStatus[], of: GroupValues | null): readonly Hold[] {
  return systems
    .flatMap(({ system, availability, reason, sinceMs, heldOperations, operations }): Hold[] => [
      ...(availability === 'held' ? [{ system, operation: '', isOperation: false, sinceMs, why: reason ?? '', byItself: false }] : []),
      ...heldOperations.map(({ operation, failure, sinceMs: since }) => ({
        system,
        operation,
        isOperation: operations.includes(operation),
        sinceMs: since,
        // It begins with the name that stands before it.
        why: (failure?.message ?? '').replace(`${system} ${operation}: `, ''),
        byItself: failure?.code === 'OPERATION_HELD',
      })),
    ])
    .filter(
      ({ system, operation }) =>
        of === null ||
        ((of.system === undefined || of.system === system) && (of.operation === undefined || operation === '' || of.operation === operation)),
    )
    .sort((a, b) => Number(b.byItself) - Number(a.byItself));
}
