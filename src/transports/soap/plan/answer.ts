import { type Json } from '../../../contract/json.ts';
import { soapVersions } from '../wsdl/namespaces.ts';
import { XmlError, XmlReader } from '../xml/xml.reader.ts';
import { contentAsXml } from './any-value.ts';
import { Input } from './input.ts';
import { type MessagePlan, type OperationPlan, answerName } from './operation-plan.ts';
import { absent } from './reading.ts';
import { Unfit } from './unfit.ts';

/** A fault as the system sent it. @see SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4 */
export interface Fault {
  /** The local part of the code, in SOAP 1.2 with its subcodes: `Client`, `Sender.ValidationFailed`. */
  readonly faultcode: string;
  readonly faultstring: string;
  /** The content of its detail, as XML text. */
  readonly detail: string;
  /** The local name of the first element in it, and its value where the WSDL declares it. */
  readonly element?: string;
  readonly value?: Json;
}

export type Answer = { readonly answer: Json; readonly notes: readonly string[] } | { readonly fault: Fault };

const envelopes: ReadonlySet<string> = new Set([soapVersions['1.1'].envelope, soapVersions['1.2'].envelope]);

/**
 * What an envelope says: the answer of the operation, or a fault.
 * @throws Unfit, XmlError when it is neither
 */
export function readAnswer(plan: OperationPlan, xml: string, attachments?: ReadonlyMap<string, Uint8Array>): Answer {
  const reader = new XmlReader(xml);
  const targets = plan.declaration.use === 'encoded' && /\s(?:href|(?:[\w.-]+:)?ref)\s*=/.test(xml) ? targetsOf(xml) : undefined;
  const input = new Input(attachments, targets);
  reader.next();
  const root: string = reader.local;
  if (root !== 'Envelope' || !envelopes.has(reader.namespace)) throw new Unfit(`the answer is no envelope: its root is '${root.slice(0, 60)}'`);
  const headers: { [name: string]: Json } = {};
  let answer: Answer | null = null;
  for (let token = reader.next(); token !== 'end'; token = reader.next()) {
    if (token !== 'open') continue;
    if (reader.local === 'Header' && answer === null) readHeaders(reader, input, plan.output, headers);
    else if (reader.local === 'Body' && answer === null) answer = readBody(plan, reader, input);
    else reader.skip();
  }
  if (answer === null) throw new Unfit('the envelope has no body');
  if ('fault' in answer) return answer;
  const { answer: body } = answer;
  const isPlain = typeof body === 'object' && body !== null && !Array.isArray(body);
  return { answer: Object.keys(headers).length > 0 && isPlain ? { ...body, $headers: headers } : body, notes: [...input.notes] };
}

function readHeaders(reader: XmlReader, input: Input, output: MessagePlan | null, headers: { [name: string]: Json }): void {
  input.path.push('$headers');
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token !== 'open') continue;
    const part = output?.headers.get(reader.local);
    if (part === undefined) reader.skip();
    else {
      const { local } = reader;
      const value = input.at(local, () => part.read(reader, input));
      if (value !== absent) headers[local] = value;
    }
  }
  input.path.pop();
}

function readBody(plan: OperationPlan, reader: XmlReader, input: Input): Answer {
  let answer: Answer | null = null;
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token !== 'open') continue;
    if (answer !== null && 'answer' in answer && plan.declaration.style === 'document' && isAnotherPart(plan, reader, answer.answer))
      answer = {
        answer: { ...(answer.answer as { [name: string]: Json }), ...(readElement(plan, reader, input) as { [name: string]: Json }) },
        notes: [],
      };
    else if (answer !== null) reader.skip();
    else if (reader.local === 'Fault' && plan.output?.parts.every(({ local }) => local !== 'Fault') !== false)
      answer = { fault: readFault(plan, reader, input) };
    else answer = { answer: plan.declaration.style === 'rpc' ? readWrapper(plan, reader, input) : readElement(plan, reader, input), notes: [] };
  }
  if (answer !== null) return answer;
  if ((plan.output?.parts.length ?? 0) === 0) return { answer: {}, notes: [] };
  throw new Unfit(`the body of the envelope is empty, and ${answerName(plan)} was expected`);
}

/** In a document of several parts each is an element of the body. */
function isAnotherPart({ output }: OperationPlan, reader: XmlReader, answer: Json): boolean {
  const parts = output?.parts ?? [];
  const part = parts.find(({ local }) => local === reader.local);
  return parts.length > 1 && part !== undefined && !Object.hasOwn(answer as object, part.name);
}

function readElement(plan: OperationPlan, reader: XmlReader, input: Input): Json {
  const parts = plan.output?.parts ?? [];
  const part = parts.find(({ local }) => local === reader.local);
  if (part === undefined) throw new Unfit(`the answer is '${reader.local.slice(0, 60)}', and ${answerName(plan)} was expected`);
  const value = input.at(part.local, () => part.read(reader, input));
  const named = value === absent ? null : value;
  return parts.length > 1 ? { [part.name]: named } : named;
}

/**
 * The parts inside the element that an rpc answer is wrapped in. What that element is called does not matter, unless it is the answer of
 * another operation; nor what a single part is called, if nothing else is there and the wrapper has its usual name.
 */
function readWrapper(plan: OperationPlan, reader: XmlReader, input: Input): Json {
  const parts = plan.output?.parts ?? [];
  const values: { [name: string]: Json } = {};
  const others: string[] = [];
  const isNamedSo = reader.local === `${plan.declaration.name}Response`;
  if (plan.isAnother(reader.local)) throw new Unfit(`the answer is '${reader.local.slice(0, 60)}', which belongs to another operation`);
  input.path.push(reader.local);
  for (let token = reader.next(); token !== 'close'; token = reader.next()) {
    if (token !== 'open') continue;
    const part = parts.find(({ local }) => local === reader.local);
    if (part === undefined || Object.hasOwn(values, part.name)) {
      input.note(reader.local);
      others.push(reader.fragment());
      continue;
    }
    const value = input.at(part.name, () => part.read(reader, input));
    if (value !== absent) values[part.name] = value;
  }
  const [only] = parts;
  const [other] = others;
  if (isNamedSo && only !== undefined && parts.length === 1 && others.length === 1 && other !== undefined && !Object.hasOwn(values, only.name)) {
    const alone = new XmlReader(other);
    alone.next();
    const value = input.at(only.name, () => only.read(alone, input));
    if (value !== absent) values[only.name] = value;
    input.notes.clear();
  }
  for (const part of parts) if (!Object.hasOwn(values, part.name)) input.refuse('is missing', part.name);
  input.path.pop();
  return values;
}

function readFault(plan: OperationPlan, reader: XmlReader, input: Input): Fault {
  const codes: string[] = [];
  let faultstring = '';
  let detail: { xml: string; element?: string; value?: Json } = { xml: '' };
  const depth = reader.depth - 1;
  for (let token = reader.next(); token !== 'close' || reader.depth > depth; token = reader.next()) {
    if (token !== 'open') continue;
    switch (reader.local) {
      case 'faultcode':
      case 'Value':
        codes.push(reader.content().trim().replace(/^.*:/, ''));
        break;
      case 'faultstring':
      case 'Text': {
        const words = reader.content();
        if (faultstring === '') faultstring = words;
        break;
      }
      case 'detail':
      case 'Detail':
        detail = readDetail(plan, reader, input);
        break;
      case 'faultactor':
      case 'Node':
      case 'Role':
        reader.skip();
        break;
      default:
    }
  }
  const { xml, ...known } = detail;
  return { faultcode: codes.join('.'), faultstring, detail: xml, ...known };
}

function readDetail(plan: OperationPlan, reader: XmlReader, input: Input): { xml: string; element?: string; value?: Json } {
  const { xml, plain } = contentAsXml(reader);
  if (plain !== null) return { xml };
  const inner = new XmlReader(`<detail>${xml}</detail>`);
  inner.next();
  while (inner.next() !== 'open');
  const element = inner.local;
  const read = plan.faults.get(element);
  if (read === undefined) return { xml, element };
  try {
    const value = read(inner, input);
    return value === absent ? { xml, element } : { xml, element, value };
  } catch (error) {
    // A detail that does not fit its type is still a fault, with its words.
    if (error instanceof Unfit || error instanceof XmlError) return { xml, element };
    throw error;
  }
}

/** Every element with an id, as XML text of its own. */
function targetsOf(xml: string): Map<string, string> {
  const targets = new Map<string, string>();
  const reader = new XmlReader(xml);
  const open: { id: string; head: ReturnType<XmlReader['head']>; depth: number }[] = [];
  for (let token = reader.next(); token !== 'end'; token = reader.next()) {
    if (token === 'open') {
      const id = reader.attribute('id') ?? reader.attribute('id', soapVersions['1.2'].encoding);
      if (id !== undefined && open.length < 50) open.push({ id, head: reader.head(), depth: reader.depth });
    } else if (token === 'close' && open.at(-1)?.depth === reader.depth + 1) {
      const { id, head } = open.pop() as (typeof open)[number];
      if (!targets.has(id)) targets.set(id, reader.from(head));
    }
  }
  return targets;
}
