import { type Json } from '../../../contract/json.ts';
import { type SoapVersion, soapVersions, xsiNamespace } from '../wsdl/namespaces.ts';
import { type Message, type OperationDeclaration, type Part } from '../wsdl/wsdl.model.ts';
import { escapeAttribute } from '../xml/xml.text.ts';
import { type Attachment, Output, isObject } from './output.ts';
import { type ReaderCompiler } from './reader.ts';
import { type ReadElement } from './reading.ts';
import { type WriterCompiler } from './writer.ts';
import { type ElementWriter } from './writing.ts';

/** A part as it is written and read. */
export interface PartPlan {
  readonly name: string;
  /** The element it is in the message. */
  readonly local: string;
  readonly writer: ElementWriter;
  readonly read: ReadElement;
}

export interface MessagePlan {
  readonly parts: readonly PartPlan[];
  readonly headers: ReadonlyMap<string, PartPlan>;
}

/** An operation of a WSDL, compiled: what its envelopes are made of. */
export interface OperationPlan {
  readonly declaration: OperationDeclaration;
  readonly input: MessagePlan;
  readonly output: MessagePlan | null;
  /** By the local name of the element in a fault's detail. */
  readonly faults: ReadonlyMap<string, ReadElement>;
  /** Whether an element of this name is the answer of another operation of the port. */
  isAnother(local: string): boolean;
}

/** What the answers of an operation are called in errors: `insertResponse`. */
export const answerName = (plan: OperationPlan): string => plan.output?.parts[0]?.local ?? plan.declaration.name;

export interface Compilers {
  readonly literal: WriterCompiler;
  readonly encoded: WriterCompiler;
  readonly reader: ReaderCompiler;
}

export function compileOperation(declaration: OperationDeclaration, compilers: Compilers, names: ReadonlySet<string> = new Set()): OperationPlan {
  const writers = declaration.use === 'encoded' ? compilers.encoded : compilers.literal;
  const partPlan = (part: Part): PartPlan =>
    'element' in part
      ? { name: part.name, local: part.element.name, writer: writers.element(part.element), read: compilers.reader.element(part.element) }
      : {
          name: part.name,
          local: part.name,
          writer: writers.named(part.namespace, part.name, () => part.type, true),
          read: compilers.reader.typed(() => part.type, true),
        };
  const messagePlan = ({ parts, headers }: Message): MessagePlan => ({
    parts: parts.map(partPlan),
    headers: new Map(headers.map((part) => [headerName(part), partPlan(part)])),
  });
  return {
    declaration,
    input: messagePlan(declaration.input),
    output: declaration.output === null ? null : messagePlan(declaration.output),
    faults: new Map(declaration.faults.map(({ element }) => [element.name, compilers.reader.element(element)])),
    isAnother: (local) => local !== `${declaration.name}Response` && local.endsWith('Response') && names.has(local.slice(0, -'Response'.length)),
  };
}

const headerName = (part: Part): string => ('element' in part ? part.element.name : part.name);

export interface WrittenEnvelope {
  readonly xml: string;
  readonly attachments: readonly Attachment[];
}

export interface WriteOptions {
  readonly version: SoapVersion;
  /** Large Base64 values go beside the envelope. */
  readonly attach: boolean;
  /** Values of declared headers by name, where the arguments have none. */
  readonly headers: Readonly<Record<string, Json>>;
  /** Headers as XML text; null for none at all, empty where one will be put in later. */
  readonly headerXml: string | null;
}

/**
 * The envelope of a request; `problems` says what of the arguments does not fit, with its path.
 * Arguments are the content of the only element (document), or an object with a property a part (rpc). `$headers` holds headers by name.
 */
export function writeEnvelope(
  plan: OperationPlan,
  call: string,
  args: Json,
  options: WriteOptions,
  compilers: Compilers,
): WrittenEnvelope | { problems: readonly string[] } {
  const { declaration } = plan;
  const out = new Output({ attach: options.attach });
  const { $headers: own, ...body } = isObject(args) ? args : { $headers: undefined };
  const values: Json = isObject(args) ? (own === undefined ? args : body) : args;
  writeHeaders(plan, { ...options.headers, ...(isObject(own) ? own : {}) }, own, out);
  const header = out.xml;
  out.xml = '';
  out.path.push(call);
  writeBody(plan, values, options.version, compilers, out);
  if (out.problems.length > 0) return { problems: out.problems };
  const writers = declaration.use === 'encoded' ? compilers.encoded : compilers.literal;
  const { envelope } = soapVersions[options.version];
  return {
    xml:
      `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${envelope}" xmlns:xsi="${xsiNamespace}"${writers.prefixes.declare(out.prefixes)}>` +
      `${header === '' && options.headerXml === null ? '' : `<soap:Header>${options.headerXml ?? ''}${header}</soap:Header>`}<soap:Body>${out.xml}</soap:Body></soap:Envelope>`,
    attachments: out.attachments ?? [],
  };
}

function writeHeaders({ input }: OperationPlan, headers: Readonly<Record<string, Json>>, own: Json | undefined, out: Output): void {
  out.path.push('$headers');
  if (own !== undefined && !isObject(own)) out.problem('is no object');
  for (const [name, value] of Object.entries(headers)) {
    const part = input.headers.get(name);
    if (part === undefined) {
      out.problem('is no header of this operation', name);
      continue;
    }
    out.path.push(name);
    part.writer.write(value, out);
    out.path.pop();
  }
  out.path.pop();
}

function writeBody({ declaration, input }: OperationPlan, values: Json, version: SoapVersion, compilers: Compilers, out: Output): void {
  const { style, use } = declaration;
  const [only] = input.parts;
  if (style === 'document' && input.parts.length === 1 && only !== undefined) return only.writer.write(values, out);
  if (!isObject(values)) return out.problem('is no object');
  for (const name of Object.keys(values)) if (!input.parts.some((part) => part.name === name)) out.problem('is not in the WSDL', name);
  const writers = use === 'encoded' ? compilers.encoded : compilers.literal;
  const { namespace } = declaration.input;
  const wrapper = style === 'rpc' ? writers.prefixes.qualify(namespace, declaration.name) : null;
  if (wrapper !== null) {
    const number = writers.prefixes.numberOf(namespace);
    if (number >= 0) out.prefixes[number] = true;
    out.xml += `<${wrapper}${use === 'encoded' ? ` soap:encodingStyle="${escapeAttribute(soapVersions[version].encoding)}"` : ''}>`;
  }
  for (const part of input.parts) {
    const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
    if (value === undefined) {
      out.problem('is missing', part.name);
      continue;
    }
    out.path.push(part.name);
    part.writer.write(value, out);
    out.path.pop();
  }
  if (wrapper !== null) out.xml += `</${wrapper}>`;
}
