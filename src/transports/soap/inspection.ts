/** What the native exchange of a SOAP call means, as people are shown it. Types only: the pages and the CLI know it by type. */

export interface SoapInspection {
  readonly view: 'soap';
  /** Requests, answers and notes in order: a log-in before the call, a second try with a new session. */
  readonly messages: readonly SoapMessage[];
}

export interface SoapMessage {
  /** Index of its part in the trace. */
  readonly part: number;
  readonly kind: 'sent' | 'received' | 'note';
  readonly atMs: number;
  /** `POST /orders.do HTTP/1.1`, `HTTP/1.1 200`; empty for a note. */
  readonly startLine: string;
  readonly status: number | null;
  /** In order, as they went. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Bytes of all of it, head included. */
  readonly size: number;
  /** The envelope, line by line; null where the body is no XML. */
  readonly envelope: SoapEnvelope | null;
  /** The body as text, as it went; a part of it where it is long. */
  readonly raw: string;
  /** Bytes of the body that are not in `raw`. */
  readonly rawLeft: number;
  readonly fault: SoapFault | null;
  readonly attachments: readonly SoapAttachment[];
  /** What a person must know of it: only a part is kept, it is no XML. */
  readonly remarks: readonly string[];
}

export interface SoapEnvelope {
  readonly lines: readonly XmlLine[];
  /** Lines that are not here; null when nobody has counted them. */
  readonly left: number | null;
  readonly namespaces: readonly string[];
}

/** One line of an indented document. Texts are decoded: whoever writes them into a page escapes them. */
export interface XmlLine {
  readonly depth: number;
  /** `begin` and `end` enclose the lines between them. */
  readonly is: 'begin' | 'end' | 'element' | 'text';
  /** As it is written, with its prefix; empty for a text. */
  readonly name: string;
  /** Index into `namespaces`. */
  readonly namespace: number | null;
  readonly attributes: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** Within the fault. */
  readonly fault?: true;
}

export interface SoapFault {
  readonly code: string;
  readonly reason: string;
  /** Its elements as text, one a line. */
  readonly detail: string;
}

export interface SoapAttachment {
  readonly name: string;
  readonly media: string;
  readonly size: number;
}
