import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Outcome } from '../../contract/transport.ts';
import { type Fault } from './plan/answer.ts';
import { type FaultRule } from './soap.ts';

/** The first rule of the table that fits; a fault of null is an answer without an envelope, which only a rule of nothing but a status fits. */
export function ruleFor(status: number, fault: Fault | null, rules: readonly FaultRule[]): FaultRule | undefined {
  return rules.find((rule) => {
    if (rule.status !== undefined && rule.status !== status) return false;
    const { faultcode, faultstring, element, detail } = rule;
    if (fault === null) return rule.status !== undefined && [faultcode, faultstring, element, detail].every((part) => part === undefined);
    return (
      (faultcode === undefined || faultcode === fault.faultcode) &&
      (faultstring === undefined || fault.faultstring.startsWith(faultstring)) &&
      (element === undefined || element === fault.element) &&
      (detail === undefined || fault.detail.includes(detail))
    );
  });
}

/** What a fault, or a status, means by the rule that fits it. */
export function outcomeOf(system: string, call: string, status: number, fault: Fault | null, { means }: FaultRule): Outcome {
  const native = fault === null ? `HTTP ${status}` : clip(fault.faultcode);
  const what = fault === null ? native : `the fault '${native}'`;
  if (means === 'not executed' || means === 'session over')
    return { end: 'not sent', error: new GatehouseError('NOT_EXECUTED', `${system}: ${call} was not carried out, ${what}`, { native }) };
  if (means === 'credentials') return { end: 'not sent', error: refusedCredentials(system, call, native) };
  const refusal: Json = {
    refused: means.refusal,
    reason: fault?.faultstring ?? native,
    ...(fault?.value === undefined ? {} : { detail: fault.value }),
  };
  return { end: 'answer', answer: refusal };
}

export function unknownFault(system: string, call: string, { faultcode }: Fault): Outcome {
  const native = clip(faultcode);
  return {
    end: 'unknown',
    error: new GatehouseError(
      'FAULT_UNKNOWN',
      `${system}: ${call} was answered with the fault '${native}', which the adapter's table does not know`,
      { native },
    ),
  };
}

export function refusedCredentials(system: string, call: string, native: string): GatehouseError {
  return new GatehouseError('CREDENTIALS_REFUSED', `${system}: ${call} was refused for its credentials (${native})`, { native });
}

/** No connection stood: nothing has left. */
export function connectFailure(system: string, address: string, cause: unknown): GatehouseError {
  if (cause instanceof GatehouseError) return cause;
  const native = codeOf(cause);
  // The other side ends the handshake with an alert: most often it wants a certificate of ours, or another one.
  if (native !== undefined && native.startsWith('ERR_SSL_'))
    return new GatehouseError(
      'CERTIFICATE_REJECTED',
      `${system}: ${address} broke off TLS (${native}); it may want a client certificate: certificateFile, keyFile`,
      {
        cause,
        native,
      },
    );
  // @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
  const untrusted = native !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH/.test(native);
  if (untrusted)
    return new GatehouseError('CERTIFICATE_REJECTED', `${system}: the certificate of ${address} is not trusted (${native})`, { cause, native });
  return new GatehouseError('UNREACHABLE', `${system}: no connection to ${address}${native === undefined ? '' : ` (${native})`}`, { cause, native });
}

const certificateAlerts =
  /^ERR_SSL_\w+_ALERT_(?:CERTIFICATE_\w+|NO_CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)$/;

/** A TLS alert about our certificate before any answer: the handshake was refused, and with it whatever we had already sent. @see RFC 8446, section 4.4.2.4 */
export const isHandshakeRefusal = (cause: unknown): boolean => certificateAlerts.test(codeOf(cause) ?? '');

/** The request left and no answer came that can be trusted (rule 8). */
export function noAnswer(system: string, call: string, why: string, cause?: unknown): GatehouseError {
  return new GatehouseError('NO_ANSWER', `${system}: ${call} was sent, and ${why}`, { cause, native: codeOf(cause) });
}

/** Why an answer without an envelope is none, in words for a person. */
export function describeAnswer(status: number, contentType: string, location: string | undefined, length: number): string {
  if (status >= 300 && status < 400)
    return `the answer was HTTP ${status}, to another address${location === undefined ? '' : ` (${clip(hostOf(location))})`}: correct url`;
  if (/html/i.test(contentType)) return `the answer was a page of HTML (HTTP ${status})`;
  if (length === 0) return `the answer was empty (HTTP ${status})`;
  return `the answer was HTTP ${status}`;
}

function hostOf(location: string): string {
  try {
    return new URL(location).host;
  } catch {
    return 'not an address';
  }
}

function codeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

const clip = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120);
