import { fileURLToPath } from 'node:url';
import { GatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Answer, readAnswer } from './plan/answer.ts';
import { Prefixes } from './plan/namespaces.ts';
import {
  type Compilers,
  type OperationPlan,
  type WriteOptions,
  type WrittenEnvelope,
  compileOperation,
  writeEnvelope,
} from './plan/operation-plan.ts';
import { isObject } from './plan/output.ts';
import { ReaderCompiler } from './plan/reader.ts';
import { Unfit } from './plan/unfit.ts';
import { WriterCompiler } from './plan/writer.ts';
import { type Port } from './wsdl/wsdl.model.ts';
import { readWsdl } from './wsdl/wsdl.reader.ts';
import { XmlPlaceError } from './xml/xml.document.ts';
import { XmlError } from './xml/xml.reader.ts';

export type EnvelopeOptions = Omit<WriteOptions, 'version'>;

/** Values ⇄ envelopes of one port of a WSDL. Pure: no network, no clock; each operation is compiled when it is first used. */
export class SoapCodec {
  readonly port: Port;
  readonly #system: string;
  readonly #file: string;
  readonly #compilers: Compilers;
  readonly #plans = new Map<string, OperationPlan>();

  private constructor(system: string, file: string, port: Port) {
    this.#system = system;
    this.#file = file;
    this.port = port;
    const prefixes = new Prefixes();
    this.#compilers = {
      literal: new WriterCompiler(prefixes, { version: port.version, encoded: false }),
      encoded: new WriterCompiler(prefixes, { version: port.version, encoded: true }),
      reader: new ReaderCompiler(),
    };
  }

  /** @throws GatehouseError LAYOUT_MISSING when a file is missing, broken, or would come from the network */
  static load(system: string, { wsdl, port: name }: { wsdl: URL; port?: string }): SoapCodec {
    const { file, ports } = described(system, fileURLToPath(wsdl), () => readWsdl(wsdl));
    const port = name === undefined ? ports[0] : ports.find((each) => each.name === name);
    if (port === undefined)
      throw new GatehouseError(
        'LAYOUT_MISSING',
        `${system}: the WSDL ${file} has no SOAP port '${name}', but ${ports.map((each) => each.name).join(', ')}`,
      );
    return new SoapCodec(system, file, port);
  }

  /** Compiles these calls now, so that a mistake in the WSDL shows at the start. @throws GatehouseError LAYOUT_MISSING */
  prepare(calls: readonly string[]): void {
    for (const call of calls) this.plan(call);
  }

  /** @throws GatehouseError CALL_UNKNOWN, LAYOUT_MISSING */
  plan(call: string): OperationPlan {
    const known = this.#plans.get(call);
    if (known !== undefined) return known;
    const plan = described(this.#system, this.#file, () => {
      const declaration = this.port.operations.get(call);
      if (declaration === undefined)
        throw new GatehouseError(
          'CALL_UNKNOWN',
          `${this.#system}: the port '${this.port.name}' of the WSDL has no operation '${call.slice(0, 100)}'`,
        );
      return compileOperation(declaration, this.#compilers, new Set(this.port.operations.keys()));
    });
    this.#plans.set(call, plan);
    return plan;
  }

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS naming every path that does not fit, at most ten */
  encode(call: string, args: Json, options: EnvelopeOptions): WrittenEnvelope {
    const plan = this.plan(call);
    const written = described(this.#system, this.#file, () =>
      writeEnvelope(plan, call, args, { ...options, version: this.port.version }, this.#compilers),
    );
    if ('problems' in written) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', written.problems.join('; '));
    return written;
  }

  /** @throws GatehouseError NO_ANSWER when `xml` is no envelope, ANSWER_INVALID when the answer in it does not fit the WSDL */
  decode(call: string, xml: string, attachments?: ReadonlyMap<string, Uint8Array>): Answer {
    const plan = this.plan(call);
    try {
      return described(this.#system, this.#file, () => readAnswer(plan, xml, attachments));
    } catch (error) {
      if (error instanceof XmlError)
        throw new GatehouseError('NO_ANSWER', `the answer is not XML that can be read: ${error.message} (character ${error.offset + 1})`, {
          cause: error,
        });
      if (error instanceof RangeError)
        throw new GatehouseError('NO_ANSWER', 'the answer has more inside each other than can be read', { cause: error });
      if (error instanceof Unfit)
        throw new GatehouseError('ANSWER_INVALID', `${error.message}; where the system is right, mend its WSDL`, { cause: error });
      throw error;
    }
  }

  /** What is wrong with a value as an answer of `call`; empty when it fits. */
  violations(call: string, answer: Json): string[] {
    const { declaration, output } = this.plan(call);
    if (isObject(answer) && 'refused' in answer)
      return typeof answer['refused'] === 'string' && typeof answer['reason'] === 'string' ? [] : ['a refusal has the texts refused and reason'];
    if (output === null) return isObject(answer) && Object.keys(answer).length === 0 ? [] : [`${call} has no answer: give {}`];
    const mirrored: OperationPlan = {
      declaration: { ...declaration, input: declaration.output ?? declaration.input },
      input: output,
      output: null,
      faults: new Map(),
      isAnother: () => false,
    };
    const written = writeEnvelope(
      mirrored,
      call,
      answer,
      { version: this.port.version, attach: false, headers: {}, headerXml: null },
      this.#compilers,
    );
    return 'problems' in written ? [...written.problems] : [];
  }
}

/** What is wrong with the WSDL is told with its file and line. */
function described<T>(system: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof GatehouseError || error instanceof Unfit || error instanceof XmlError) throw error;
    if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
    const message = error instanceof XmlPlaceError || error.message.includes(':') ? error.message : `${file}: ${error.message}`;
    throw new GatehouseError('LAYOUT_MISSING', `${system}: the WSDL cannot be used: ${message}`, { cause: error });
  }
}
