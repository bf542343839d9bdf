/**
 * A WSDL as one file of TypeScript. `selectCalls` picks a port and its operations; `ContractWriter` writes their arguments, answers
 * and faults; `TypeWriter` the types within, whose properties come from the same shape that the writer and the reader go by, so that what
 * compiles is what can be sent.
 */
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Message, type OperationDeclaration, type Part, type Port } from '../wsdl/wsdl.model.ts';
import { type Type } from '../wsdl/schema.model.ts';
import { anyType } from '../wsdl/complex-type.ts';
import { callText, declareAlias, declareInterface, helpers } from './declarations.ts';
import { docComment } from './doc-comment.ts';
import { type Field } from './fields.ts';
import { Names, typeName } from './names.ts';
import { type SelectedCalls, type Selection, described, selectCalls } from './selection.ts';
import { TypeWriter, isEmpty, typesWithin } from './type-writer.ts';

export interface TypesOptions extends Selection {
  /** Where the file imports `Call` from; as adapters do otherwise. */
  readonly contract?: string;
  /** The command that makes the file again, for its head. */
  readonly command?: string;
}

/** A call as the generated file has it. */
export interface TypedCall {
  /** Its name in the contract: the operation. */
  readonly name: string;
  /** `PlaceOrder`, an identifier that no other call has. */
  readonly typeName: string;
  readonly argumentsType: string;
  readonly answerType: string;
  /** Arguments and answer that are objects, and not text, numbers or lists. */
  readonly hasObjects: { readonly arguments: boolean; readonly answer: boolean };
  /** Local names of the elements in the details of its declared faults. */
  readonly faults: readonly string[];
  readonly doc?: string;
}

export interface TypedContract {
  readonly text: string;
  /** The name of the contract's interface. */
  readonly name: string;
  readonly port: Port;
  readonly calls: readonly TypedCall[];
}

/** The first line of what this makes: files that begin with it may be written over. */
export const madeBy = 'Made from a WSDL by `npx gatehouse types`';

/**
 * The types of a port of a WSDL as one TypeScript file: what its operations take and answer.
 * @throws GatehouseError LAYOUT_MISSING with file, line and reason; NOT_FOUND when there is no such port or operation
 */
export const wsdlTypes = (url: URL, options: TypesOptions = {}): string => typedContract(url, options).text;

/** The same with what a skeleton of an adapter is made of. @throws GatehouseError as wsdlTypes */
export function typedContract(url: URL, options: TypesOptions = {}): TypedContract {
  const selected = selectCalls(url, options);
  return described(fileURLToPath(url), () => new ContractWriter(selected).write(options));
}

class ContractWriter {
  readonly #selected: SelectedCalls;
  readonly #writer: TypeWriter;
  readonly #declared: string[] = [];
  readonly #calls: TypedCall[] = [];

  constructor(selected: SelectedCalls) {
    this.#selected = selected;
    this.#writer = new TypeWriter(typesWithin(selected.operations.flatMap(([, { input }]) => [...input.parts, ...input.headers].map(typeOf))));
  }

  write(options: TypesOptions): TypedContract {
    const { port, operations } = this.#selected;
    const { names } = this.#writer;
    const name = names.take(typeName(port.name));
    const faultsName = names.take(`${name}Faults`);
    const own = new Names();
    for (const [key, operation] of operations) this.#calls.push(this.#call(key, operation, own.take(typeName(key))));
    const faults = this.#faults(faultsName);
    const calls = operations.map(([key, { doc }], index) => {
      const call = this.#calls[index] as TypedCall;
      const faulty = call.faults.length === 0 ? undefined : `Declared faults: ${call.faults.join(', ')}.`;
      return docComment([doc, faulty], '  ') + callText(key, call.argumentsType, call.answerType);
    });
    const contract = `${docComment([`The port ${port.name}${port.service === '' ? '' : ` of ${port.service}`}, SOAP ${port.version}.`])}export interface ${name} {\n${calls.join('')}}\n`;
    const types = [...this.#writer.declarations()];
    const { needs } = this.#writer;
    const text = [
      this.#head(options),
      `import { type Call } from '${options.contract ?? '../../src/contract/index.ts'}';\n`,
      contract,
      ...faults,
      ...this.#declared,
      ...types,
      ...(needs.anyValue ? [helpers.anyValue] : []),
      ...(needs.oneOf ? [helpers.oneOf] : []),
    ].join('\n');
    return { text, name, port, calls: this.#calls };
  }

  #head({ command, port, operations }: TypesOptions): string {
    const { file, otherPorts } = this.#selected;
    const short = `npx gatehouse types ${basename(file)}${port === undefined ? '' : ` --port ${port}`}${operations === undefined ? '' : ` --operations ${operations.join(',')}`}`;
    return docComment([
      `${madeBy}: ${basename(file)}.`,
      'What is changed here by hand is lost when it is made again:',
      command ?? short,
      otherPorts.length === 0 ? undefined : `The WSDL has other ports: ${otherPorts.join(', ')}.`,
      'A type that is both sent and answered is written as it is sent: a list that may be left out is empty in answers. A system may answer values that an enumeration does not know.',
    ]);
  }

  #call(key: string, operation: OperationDeclaration, name: string): TypedCall {
    const { input, output, faults, doc } = operation;
    return {
      name: key,
      typeName: name,
      ...this.#sides(operation, input, output, name),
      faults: faults.map(({ element }) => element.name),
      ...(doc === undefined ? {} : { doc }),
    };
  }

  #sides(
    operation: OperationDeclaration,
    input: Message,
    output: Message | null,
    name: string,
  ): Pick<TypedCall, 'argumentsType' | 'answerType' | 'hasObjects'> {
    const args = this.#message(operation, input, `${name}Arguments`, `${name}Headers`, false);
    const answer =
      output === null
        ? { type: this.#alias(`${name}Answer`, ['Record<string, never>']), isObject: true }
        : this.#message(operation, output, `${name}Answer`, `${name}AnswerHeaders`, true);
    return { argumentsType: args.type, answerType: answer.type, hasObjects: { arguments: args.isObject, answer: answer.isObject } };
  }

  #message(
    { style }: OperationDeclaration,
    message: Message,
    name: string,
    headersName: string,
    isAnswer: boolean,
  ): { type: string; isObject: boolean } {
    const [only] = message.parts;
    if (style === 'document' && message.parts.length === 1 && only !== undefined) return this.#content(only, message, name, headersName);
    // In a document with several parts each may be the one that is answered.
    const optional = isAnswer && style === 'document';
    const fields = message.parts.map((part) =>
      this.#writer.field(part.name, this.#part(part, `${name}${typeName(part.name)}`), optional, partDoc(part)),
    );
    fields.push(...this.#headers(message, headersName));
    return { type: this.#object(name, fields), isObject: true };
  }

  #content(part: Part, message: Message, name: string, headersName: string): { type: string; isObject: boolean } {
    const type = typeOf(part);
    const isObject = type.kind === 'complex' && type !== anyType && type.arrayOf === undefined;
    const [headers] = isObject ? this.#headers(message, headersName) : [];
    if (headers === undefined) {
      const texts = this.#part(part, name);
      return { type: texts.length === 1 && texts[0] === name ? name : this.#alias(name, texts, partDoc(part)), isObject };
    }
    if (type.kind === 'complex' && isEmpty(type)) return { type: this.#object(name, [headers]), isObject };
    const [content = '', ...others] = this.#part(part, `${name}Content`);
    const both = `${content} & { $headers?: ${headers.types.join(' | ')} }`;
    return { type: this.#alias(name, others.length === 0 ? [both] : [`(${both})`, ...others], partDoc(part)), isObject };
  }

  /** The values of a part; one that is a type, and no element, may be nil. */
  #part(part: Part, hint: string): string[] {
    return 'element' in part ? this.#writer.element(part.element, hint) : [...this.#writer.type(part.type, hint), 'null'];
  }

  #headers(message: Message, name: string): Field[] {
    if (message.headers.length === 0) return [];
    const byName = new Map(message.headers.map((part) => ['element' in part ? part.element.name : part.name, part]));
    const fields = [...byName].map(([header, part]) =>
      this.#writer.field(header, this.#part(part, `${name}${typeName(header)}`), true, partDoc(part)),
    );
    return [this.#writer.field('$headers', [this.#object(name, fields)], true)];
  }

  #faults(name: string): string[] {
    const declared = new Map(this.#selected.operations.flatMap(([, { faults }]) => faults.map(({ element }) => [element.name, element] as const)));
    if (declared.size === 0) return [];
    const fields = [...declared].map(([local, element]) =>
      this.#writer.field(local, this.#writer.element(element, typeName(local)), false, [element.doc]),
    );
    return [
      docComment(['The declared faults: what is in their details, by the element that a fault rule names: `{ element, means }`.']) +
        declareInterface(name, fields),
    ];
  }

  #object(wanted: string, fields: readonly Field[]): string {
    if (fields.length === 0) return this.#alias(wanted, ['Record<string, never>']);
    const name = this.#writer.names.take(wanted);
    this.#declared.push(declareInterface(name, fields));
    return name;
  }

  #alias(wanted: string, texts: readonly string[], doc: Field['doc'] = []): string {
    const name = this.#writer.names.take(wanted);
    this.#declared.push(docComment(doc) + declareAlias(name, texts));
    return name;
  }
}

const typeOf = (part: Part): Type => ('element' in part ? part.element.type() : part.type);

const partDoc = (part: Part): Field['doc'] => ('element' in part ? [part.element.doc] : []);
