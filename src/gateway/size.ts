import { type Code, GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';

/** What people send is journaled as what systems and buses send, and no larger. @throws GatehouseError of `code` */
export function checkSize(code: Code, what: string, value: Json, maxBytes: number): void {
  const bytes = bytesOf(value);
  if (bytes === null) throw new GatehouseError(code, `${what} is nested too deeply to be written down`);
  if (bytes > maxBytes) throw new GatehouseError(code, `${what} has ${bytes} bytes; at most ${maxBytes} are allowed: send less`);
}

/** Of it as JSON; null when it is nested deeper than the stack. */
function bytesOf(value: Json): number | null {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return null;
  }
}
