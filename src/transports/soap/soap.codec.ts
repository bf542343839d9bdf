import { fileURLToPath } from 'node:url';
import soap, { type Client } from 'soap';
import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Fault } from './soap.faults.ts';

/** An element of the WSDL's schema: the name of a simple type, or its fields. */
type Shape = string | { readonly [field: string]: Shape };

export interface Envelope {
  readonly xml: string;
  readonly headers: Readonly<Record<string, string>>;
  /** @throws GatehouseError NO_ANSWER when it is no envelope of this operation */
  read(body: string): { answer: Json } | { fault: Fault };
}

interface Captured {
  readonly xml: string;
  readonly headers: Record<string, string>;
  readonly deliver: (error: unknown, response: object | null, body: string | null) => void;
}

interface Operation {
  readonly input: Shape;
  readonly output: Shape;
}

/**
 * Values ⇄ envelopes for one WSDL, by node-soap without its transport: the client is called, its request is caught before it leaves, and
 * the answer is given to it later. Pure: no network, no clock.
 */
export class SoapCodec {
  readonly #client: Client;
  readonly #operations: ReadonlyMap<string, Operation>;
  #captured: Captured | null = null;

  private constructor(client: Client, capture: (take: (captured: Captured) => void) => void) {
    this.#client = client;
    capture((captured) => (this.#captured = captured));
    const [port = {}] = Object.values(client.describe() as Record<string, Record<string, Record<string, { input: Shape; output: Shape }>>>).flatMap(
      (service) => Object.values(service),
    );
    this.#operations = new Map(Object.entries(port));
  }

  /** @throws GatehouseError LAYOUT_MISSING when the file is missing, broken, or asks for the network */
  static async load(system: string, wsdl: URL): Promise<SoapCodec> {
    let take: (captured: Captured) => void = () => undefined;
    const forbidden = (uri: string): never => {
      throw new GatehouseError('LAYOUT_MISSING', `${system}: the WSDL imports ${uri}; keep a copy beside it`);
    };
    const httpClient = {
      request: (uri: string, data: string | null, deliver: Captured['deliver'], headers: Record<string, string> = {}) => {
        if (data === null || data === undefined)
          return deliver(new GatehouseError('LAYOUT_MISSING', `${system}: the WSDL asks for ${uri} from the network`), null, null);
        return take({ xml: data, headers, deliver });
      },
    };
    // Exact values as text: numbers and dates of the schema do not fit JavaScript's. @see node-soap, customDeserializer
    const text = (value: string): string => value;
    try {
      const client = await soap.createClientAsync(fileURLToPath(wsdl), {
        httpClient: httpClient as never,
        disableCache: true,
        handleNilAsNull: true,
        preserveWhitespace: true,
        forceUseSchemaXmlns: true,
        customDeserializer: { long: text, integer: text, decimal: text, date: text, dateTime: text },
        wsdl_options: {
          overrideImportLocation: (location: string) =>
            /^[a-z]+:/i.test(location) && !location.startsWith('file:') ? forbidden(location) : location,
        },
      });
      return new SoapCodec(client, (setter) => (take = setter));
    } catch (error) {
      if (error instanceof GatehouseError) throw error;
      throw new GatehouseError(
        'LAYOUT_MISSING',
        `${system}: the WSDL ${fileURLToPath(wsdl)} cannot be read: ${error instanceof Error ? error.message : 'unknown'}`,
        { cause: error },
      );
    }
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS naming the path that does not fit */
  encode(call: string, args: Json): Envelope {
    const operation = this.#operations.get(call);
    if (operation === undefined) throw new GatehouseError('CALL_UNKNOWN', `the WSDL has no operation '${call}'`);
    const wrong = misfits(operation.input, args, call, 'arguments');
    if (wrong.length > 0) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', wrong.slice(0, 10).join('; '));
    let result: { error: unknown; answer: unknown } | null = null;
    (this.#client as unknown as Record<string, (args: unknown, done: (error: unknown, answer: unknown) => void) => void>)[call]?.(
      inOrder(operation.input, args),
      (error, answer) => {
        result = { error, answer };
      },
    );
    const captured = this.#captured;
    this.#captured = null;
    if (captured === null) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${call}: the arguments could not be put into an envelope`);
    return {
      xml: captured.xml,
      headers: captured.headers,
      read: (body) => {
        captured.deliver(null, { statusCode: 200, status: 200, headers: {}, data: body }, body);
        if (result === null) throw new GatehouseError('NO_ANSWER', `${call}: the answer is no envelope`);
        return readResult(call, result, operation, body);
      },
    };
  }

  violations(call: string, answer: Json): string[] {
    const operation = this.#operations.get(call);
    if (operation === undefined) return [`the WSDL has no operation '${call}'`];
    if (typeof answer === 'object' && answer !== null && !Array.isArray(answer) && 'refused' in answer)
      return typeof answer['refused'] === 'string' && typeof answer['reason'] === 'string' ? [] : ['a refusal has the texts refused and reason'];
    return misfits(operation.output, answer, call, 'answer');
  }
}

function readResult(
  call: string,
  { error, answer }: { error: unknown; answer: unknown },
  operation: Operation,
  body: string,
): { answer: Json } | { fault: Fault } {
  if (error !== null && error !== undefined) {
    const fault = faultIn(error);
    if (fault !== null) return { fault };
    throw new GatehouseError('NO_ANSWER', `${call}: the answer is no envelope of the operation`, { cause: error });
  }
  // An empty body, and an envelope without a body, resolve like an element without content: node-soap does not tell them apart.
  if (!/<(?:[\w.-]+:)?Body[^>]*>\s*<[^/]/.test(body)) throw new GatehouseError('NO_ANSWER', `${call}: the answer has no envelope`);
  if (typeof answer === 'string') throw new GatehouseError('NO_ANSWER', `${call}: the answer has no element of the operation`);
  return { answer: asLists(operation.output, JSON.parse(JSON.stringify(answer ?? {})) as Json) };
}

function faultIn(error: unknown): Fault | null {
  const root = (error as { root?: { Envelope?: { Body?: { Fault?: Record<string, unknown> } } } }).root;
  const fault = root?.Envelope?.Body?.Fault;
  if (fault === undefined) return null;
  const text = (value: unknown): string => (typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value));
  const code = fault['faultcode'] ?? (fault['Code'] as { Value?: unknown } | undefined)?.Value;
  const reason = fault['faultstring'] ?? (fault['Reason'] as { Text?: unknown } | undefined)?.Text;
  return {
    faultcode: text((code as { $value?: unknown } | undefined)?.$value ?? code),
    faultstring: text((reason as { $value?: unknown } | undefined)?.$value ?? reason),
    detail: text(fault['detail'] ?? fault['Detail']),
  };
}

const isNote = (field: string): boolean => field === 'targetNSAlias' || field === 'targetNamespace';
const fieldsOf = (shape: object): [string, Shape][] => Object.entries(shape as Record<string, Shape>).filter(([field]) => !isNote(field));

/** Unknown names, and texts that XML 1.0 cannot carry. Optional and required look alike in node-soap's description. */
function misfits(shape: Shape, value: Json, path: string, what: string): string[] {
  if (value === null) return [];
  if (typeof shape === 'string') {
    if (typeof value === 'object') return [`${path} is a simple value in the ${what}`];
    return typeof value === 'string' && (!value.isWellFormed() || /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(value))
      ? [`${path} has a character that XML cannot carry`]
      : [];
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path} is an object in the ${what}`];
  const fields = new Map(fieldsOf(shape).map(([field, inner]) => [field.replace('[]', ''), { inner, list: field.endsWith('[]') }]));
  return Object.entries(value).flatMap(([name, inner]) => {
    const field = fields.get(name);
    if (field === undefined) return [`${path}.${name.replaceAll(/[^\w-]/g, '?').slice(0, 64)} is not in the ${what}`];
    const values = field.list ? (Array.isArray(inner) ? inner : [inner]) : [inner];
    return values.flatMap((each, index) => misfits(field.inner, each, `${path}.${name}${field.list ? `[${index}]` : ''}`, what));
  });
}

/** Elements go out in the order of the schema, whatever order the adapter wrote them in. */
function inOrder(shape: Shape, value: Json): Json {
  if (typeof shape === 'string' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    fieldsOf(shape).flatMap(([field, inner]) => {
      const given = value[field.replace('[]', '')];
      return given === undefined || given === null
        ? []
        : [[field.replace('[]', ''), Array.isArray(given) ? given.map((each) => inOrder(inner, each)) : inOrder(inner, given)]];
    }),
  );
}

/** What may repeat is always a list. */
function asLists(shape: Shape, value: Json): Json {
  if (typeof shape === 'string' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const lists = new Map(fieldsOf(shape).map(([field, inner]) => [field.replace('[]', ''), { inner, list: field.endsWith('[]') }]));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const field = lists.get(name);
      if (field === undefined) return [name, inner];
      if (!field.list) return [name, asLists(field.inner, inner)];
      return [name, (Array.isArray(inner) ? inner : inner === null ? [] : [inner]).map((each) => asLists(field.inner, each))];
    }),
  );
}
