import { GatehouseError } from '../../contract/errors.ts';
import { type Line } from './line.codec.ts';

/** What went wrong before a connection stood: nothing has left. */
export function connectFailure(system: string, address: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const native = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
  return new GatehouseError('UNREACHABLE', `${system}: no connection to ${address}${native === undefined ? '' : ` (${native})`}`, { cause, native });
}

/** The connection ended or the deadline passed while an answer was awaited. */
export function lostAnswer(system: string, verb: string, why: string): GatehouseError {
  return new GatehouseError('NO_ANSWER', `${system}: ${verb} was sent and no answer came: ${why}`);
}

/** Before the point of no return the same silence is a missing connection. */
export function notReached(system: string, verb: string, why: string): GatehouseError {
  return new GatehouseError('UNREACHABLE', `${system}: ${verb} was not answered before anything could take effect: ${why}`);
}

/** Lines that are no answer of the call: `BUSY` was not executed, `DENIED` is about the credentials, anything else is unknown. */
export function faultOf(system: string, verb: string, line: Line): GatehouseError {
  if (line.verb === 'BUSY')
    return new GatehouseError('NOT_EXECUTED', `${system}: ${verb} was not carried out, the depot is busy`, { native: 'BUSY' });
  if (line.verb === 'DENIED') return new GatehouseError('CREDENTIALS_REFUSED', `${system}: the depot refuses the credentials`, { native: 'DENIED' });
  return new GatehouseError('FAULT_UNKNOWN', `${system}: ${verb} was answered with ${line.verb}, which no table knows`, { native: line.verb });
}
