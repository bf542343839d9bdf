import { type SystemStatus } from '../contract/control.ts';

/** Since when a system, or one of its operations, is held; null when it is not. `''` is the whole system. Wall clock, ms. */
export function heldSince({ availability, sinceMs, heldOperations }: SystemStatus, operation: string): number | null {
  if (operation === '') return availability === 'held' ? sinceMs : null;
  return heldOperations.find((each) => each.operation === operation)?.sinceMs ?? null;
}
