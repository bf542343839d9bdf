import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Outcome } from '../../contract/transport.ts';
import { type FaultRule } from './soap.ts';

/** A SOAP fault as the system sent it. @see SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4 */
export interface Fault {
  readonly faultcode: string;
  readonly faultstring: string;
  readonly detail: string;
}

/** What a fault means by the adapter's table. */
export function judgeFault(system: string, call: string, fault: Fault, rules: readonly FaultRule[]): Outcome {
  const code = fault.faultcode.replace(/^.*:/, '');
  const rule = rules.find(
    (candidate) =>
      (candidate.faultcode === undefined || candidate.faultcode === code) &&
      (candidate.faultstring === undefined || fault.faultstring.startsWith(candidate.faultstring)) &&
      (candidate.detail === undefined || fault.detail.includes(candidate.detail)),
  );
  if (rule === undefined)
    return {
      end: 'unknown',
      error: new GatehouseError('FAULT_UNKNOWN', `${system}: ${call} was answered with the fault '${clip(code)}', which no table knows`, {
        native: clip(fault.faultcode),
      }),
    };
  if (rule.means === 'not executed')
    return {
      end: 'not sent',
      error: new GatehouseError('NOT_EXECUTED', `${system}: ${call} was not carried out, fault '${clip(code)}'`, { native: clip(fault.faultcode) }),
    };
  if (rule.means === 'credentials') return { end: 'not sent', error: refusedCredentials(system, call, clip(code)) };
  const refusal: Json = { refused: rule.means.refusal, reason: fault.faultstring };
  return { end: 'answer', answer: refusal };
}

export function refusedCredentials(system: string, call: string, native: string): GatehouseError {
  return new GatehouseError('CREDENTIALS_REFUSED', `${system}: ${call} was refused for its credentials (${native})`, { native });
}

/** No connection stood: nothing has left. */
export function connectFailure(system: string, address: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const native = codeOf(cause);
  // @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
  const untrusted = native !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH/.test(native);
  if (untrusted)
    return new GatehouseError('CERTIFICATE_REJECTED', `${system}: the certificate of ${address} is not trusted (${native})`, { cause, native });
  return new GatehouseError('UNREACHABLE', `${system}: no connection to ${address}${native === undefined ? '' : ` (${native})`}`, { cause, native });
}

/** The request left and no answer came that can be trusted (rule 8). */
export function noAnswer(system: string, call: string, why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('NO_ANSWER', `${system}: ${call} was sent, and ${why}`, { cause, native: codeOf(cause) });
}

function codeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

const clip = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
