import { Module } from '@nestjs/common';
import { type AnyCall } from './calls.ts';
import { type Class } from './json.ts';
import { type SourceDeclaration } from './source.ts';

/** Native layouts for one transport, made by the transport's face: `soap({ wsdl, faults })`. Data, not code that runs. */
export interface Layout {
  /** The name of the transport that understands it. */
  readonly transport: string;
}

export interface AdapterOptions {
  /** The system this adapter knows; also its key in the configuration. Lower case, digits, hyphens. */
  readonly system: string;
  /** What the system is, in one sentence for the catalogue. */
  readonly about: string;
  /** One layout a transport; none for a router. */
  readonly layouts: readonly Layout[];
  /** Every native call with its effect; see `Calls`. */
  readonly calls: Readonly<Record<string, unknown>>;
  readonly operations: readonly Class[];
  /** What it brings in without an event that asks for it. */
  readonly sources?: readonly SourceDeclaration[];
}

export interface AdapterDescription extends AdapterOptions {
  readonly calls: Readonly<Record<string, AnyCall>>;
}

const adapters = new WeakMap<object, AdapterDescription>();

/** Declares an adapter: a Nest module whose operations are its providers. List it in `adapters/index.ts`. */
export function Adapter(options: AdapterOptions): (target: Class) => void {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(options.system)) throw new TypeError(`'${options.system}' is no system name: lower case, digits, hyphens`);
  const operations = [...options.operations] as (new () => object)[];
  return (target) => {
    Module({ providers: operations, exports: operations })(target);
    adapters.set(target, options as AdapterDescription);
  };
}

/** @throws TypeError when the class has no `@Adapter`. */
export function adapterOf(module: Class): AdapterDescription {
  const description = adapters.get(module);
  if (description === undefined) throw new TypeError(`${module.name} has no @Adapter`);
  return description;
}
