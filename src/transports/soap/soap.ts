/** SOAP over HTTP: what an adapter says of its WSDL and its faults. */
import { type Layout } from '../../contract/adapter.ts';

/** How a fault is recognised: every part that is given must fit. Compared as text, never as a pattern. */
export interface FaultRule {
  /** The local part of faultcode: `Client`, `Server.Validation`. */
  readonly faultcode?: string;
  /** What faultstring begins with. */
  readonly faultstring?: string;
  /** What the text of detail contains. */
  readonly detail?: string;
  readonly means:
    | { readonly refusal: string }
    /** The system did not carry the request out: it is tried again. */
    | 'not executed'
    /** The credentials were refused: the system is held. */
    | 'credentials';
}

export interface SoapLayout extends Layout {
  readonly transport: 'soap';
  /** The WSDL file beside the adapter: `new URL('./servicenow.wsdl', import.meta.url)`. Never loaded from the network. */
  readonly wsdl: URL;
  /** In order; the first that fits decides. A fault that none knows is ambiguous. */
  readonly faults: readonly FaultRule[];
}

/** The layout of a system that speaks SOAP, document/literal. Call names are the operations of the WSDL's first port. */
export const soap = (layout: Omit<SoapLayout, 'transport'>): SoapLayout => ({ ...layout, transport: 'soap' });
