import { GatehouseError } from '../../contract/errors.ts';
import { isRefusedAtTheDoor } from '../ssh/authentication.ts';

/** No session stood: nothing has been typed. Every driver classifies its failures to connect here. */
export function connectFailure(system: string, address: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const native = nativeOf(cause);
  if (isRefusedAtTheDoor(cause))
    return new GatehouseError('CREDENTIALS_REFUSED', `${system}: ${address} refused user, password or key`, { cause, native });
  // @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
  if (native !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|^ERR_SSL_/.test(native))
    return new GatehouseError('CERTIFICATE_REJECTED', `${system}: the certificate of ${address} is not trusted (${native})`, { cause, native });
  const said = cause instanceof Error ? cause.message.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200) : undefined;
  return new GatehouseError('UNREACHABLE', `${system}: no session with ${address}${said === undefined ? '' : `: ${said}`}`, { cause, native });
}

/** The session is over: whether what was sent before had an effect, only the caller knows. */
export function sessionEnded(system: string, doing: string, why: string): GatehouseError {
  return new GatehouseError('UNREACHABLE', `${system}: ${doing} was not sent, the session has ended: ${why}`);
}

export function noSuchKey(system: string, key: string, terminal: string): GatehouseError {
  return new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: the terminal ${terminal} has no key '${key}'`);
}

function nativeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
