import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatehouseError } from '../../../contract/errors.ts';
import { readWsdl } from '../wsdl/wsdl.reader.ts';
import { type OperationDeclaration, type Port } from '../wsdl/wsdl.model.ts';

export interface Selection {
  /** The first SOAP port otherwise. */
  readonly port?: string;
  /** All of the port otherwise. */
  readonly operations?: readonly string[];
}

export interface SelectedCalls {
  readonly file: string;
  readonly port: Port;
  readonly otherPorts: readonly string[];
  /** By their names in the contract, in the order of the WSDL. */
  readonly operations: readonly (readonly [string, OperationDeclaration])[];
}

const mostNamed = 30;

/** @throws GatehouseError LAYOUT_MISSING when the WSDL cannot be used, NOT_FOUND when it has no such port or operation */
export function selectCalls(url: URL, { port: wanted, operations }: Selection): SelectedCalls {
  const file = fileURLToPath(url);
  return described(file, () => {
    const { ports } = readWsdl(url);
    const port = wanted === undefined ? ports[0] : ports.find(({ name }) => name === wanted);
    if (port === undefined)
      throw new GatehouseError('NOT_FOUND', `${basename(file)} has no SOAP port '${wanted}', but ${named(ports.map(({ name }) => name))}`);
    for (const name of operations ?? [])
      if (!port.operations.has(name))
        throw new GatehouseError(
          'NOT_FOUND',
          `the port '${port.name}' of ${basename(file)} has no operation '${name}', but ${named([...port.operations.keys()])}`,
        );
    return {
      file,
      port,
      otherPorts: ports.filter((each) => each !== port).map(({ name }) => name),
      operations: [...port.operations].filter(([name]) => operations === undefined || operations.includes(name)),
    };
  });
}

/** What is wrong with a WSDL is an error of this product that says file, line and reason. @throws GatehouseError LAYOUT_MISSING */
export function described<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof GatehouseError || !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
    const place = /^[^:]+:/.test(error.message) ? '' : `${basename(file)}: `;
    throw new GatehouseError('LAYOUT_MISSING', `the WSDL cannot be used: ${place}${error.message}`, { cause: error });
  }
}

const named = (names: readonly string[]): string =>
  names.length === 0
    ? 'none at all'
    : `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''}`;
