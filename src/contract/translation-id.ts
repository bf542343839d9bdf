import { hash } from 'node:crypto';

/** The id of a translation: the same for the same event, in every journal (rule 13). 32 hex digits. */
export function translationId(system: string, operation: string, source: string, id: string, replay = 0): string {
  return hash('sha256', JSON.stringify([system, operation, source, id, replay]), 'hex').slice(0, 32);
}
