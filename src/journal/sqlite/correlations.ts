import { GatehouseError } from '../../contract/errors.ts';
import { type Database } from './database.ts';

/**
 * Nobody else waits for a reply with this correlation.
 * @param call the call that asks, when it has a row
 * @throws GatehouseError CORRELATION_TAKEN naming the translation that waits
 */
export function checkFree(db: Database, system: string, name: string, correlation: string, call: number | null): void {
  const taken = db.get<{ call: number; id: string }>(
    'SELECT c.call, t.id FROM correlation c JOIN translation t ON t.seq = c.translation WHERE c.system = ? AND c.correlation = ?',
    system,
    correlation,
  );
  if (taken === undefined || taken.call === call) return;
  throw new GatehouseError(
    'CORRELATION_TAKEN',
    `${system}: ${name} waits behind ${taken.id.slice(0, 8)}, whose open call awaits a reply with the same correlation`,
  );
}
