/** SOAP over HTTP: what an adapter says of its WSDL, its faults and its session. */
import { type Layout } from '../../contract/adapter.ts';
import { type Json } from '../../contract/json.ts';

/** How an answer that is none is recognised: every part that is given must fit. Compared as text, never as a pattern. */
export interface FaultRule {
  /** The status of HTTP. A rule with nothing else also fits an answer without an envelope: a 503 of a load balancer. */
  readonly status?: number;
  /** The local part of the code: `Client`, `Server.Validation`; in SOAP 1.2 with its subcodes: `Sender.ValidationFailed`. */
  readonly faultcode?: string;
  /** What faultstring (1.2: the reason) begins with. */
  readonly faultstring?: string;
  /** The local name of the first element in the detail: `OrderRejected`. */
  readonly element?: string;
  /** What the detail contains, as XML text. */
  readonly detail?: string;
  readonly means:
    | { readonly refusal: string }
    /** The system did not carry the request out: it is tried again. */
    | 'not executed'
    /** The credentials were refused: the system is held. */
    | 'credentials'
    /** The session is over and nothing was carried out: the session is renewed, and the request sent once more. */
    | 'session over';
}

/** Stands for a setting of the system where a layout needs it: `setting('password')`. */
export interface SettingReference {
  readonly $setting: 'user' | 'password';
}

export const setting = (name: 'user' | 'password'): SettingReference => ({ $setting: name });

type Template = Json | SettingReference | { readonly [key: string]: Template } | readonly Template[];

/** A system that wants a log-in call once, and what it gave with every call after it. */
export interface SoapSession {
  /** Asks for the session. Its faults are judged by the table. */
  readonly login: { readonly call: string; readonly args: { readonly [name: string]: Template } };
  /** Where the answer has the session: a path like `result.sessionId` or `$headers.Session.id`; `cookie` for the cookies of HTTP. */
  readonly token: string;
  /** Where calls carry it: a header of the WSDL with `token()` where it belongs. Not needed for cookies. */
  readonly header?: { readonly [header: string]: Template };
  /** Asked when the link is closed; `token()` where the session belongs. */
  readonly logout?: { readonly call: string; readonly args: { readonly [name: string]: Template } };
}

/** Stands for the session's token. */
export const token = (): { readonly $token: true } => ({ $token: true });

export interface SoapOptions {
  /** The WSDL file beside the adapter: `new URL('./servicenow.wsdl', import.meta.url)`. Never loaded from the network; it is yours to mend. */
  readonly wsdl: URL;
  /** The port of the WSDL; its first SOAP port otherwise. */
  readonly port?: string;
  /** In order; the first that fits decides. A fault that none knows is ambiguous. */
  readonly faults: readonly FaultRule[];
  /** Values for headers that the WSDL declares, on every operation that has them. */
  readonly headers?: { readonly [header: string]: Template };
  readonly session?: SoapSession;
  /** WS-Addressing headers: action, to, message id. @see https://www.w3.org/TR/ws-addr-soap/ */
  readonly addressing?: boolean;
}

export interface SoapLayout extends Layout, SoapOptions {
  readonly transport: 'soap';
}

/** The layout of a system that speaks SOAP. Call names are the operations of the port. */
export const soap = (layout: SoapOptions): SoapLayout => ({ ...layout, transport: 'soap' });
