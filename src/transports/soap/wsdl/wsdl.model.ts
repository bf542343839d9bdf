import { type ElementDeclaration, type Type } from './schema.model.ts';

/** A part of a message: an element of the schema, or (rpc) a type under the part's name, in a namespace where it is a header. */
export type Part =
  { readonly name: string; readonly element: ElementDeclaration } | { readonly name: string; readonly type: Type; readonly namespace: string };

export interface Message {
  /** In the order of the WSDL, those that are headers left out. */
  readonly parts: readonly Part[];
  readonly headers: readonly Part[];
  /** rpc: the namespace of the element that wraps the parts. */
  readonly namespace: string;
}

export interface DeclaredFault {
  readonly name: string;
  readonly element: ElementDeclaration;
}

export interface OperationDeclaration {
  readonly name: string;
  readonly style: 'document' | 'rpc';
  readonly use: 'literal' | 'encoded';
  readonly action: string;
  readonly input: Message;
  /** Null when nothing is answered. */
  readonly output: Message | null;
  readonly faults: readonly DeclaredFault[];
  readonly doc?: string;
}

export interface Port {
  readonly service: string;
  readonly name: string;
  readonly version: '1.1' | '1.2';
  readonly address: string;
  /** By name; of operations with one name the later ones are `name:input`. */
  readonly operations: ReadonlyMap<string, OperationDeclaration>;
}

export interface Wsdl {
  readonly file: string;
  /** Those bound to SOAP over HTTP. */
  readonly ports: readonly Port[];
}
