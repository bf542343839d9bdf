import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Link, type LinkSurroundings, type Outcome, type Part, type Passage, Transport } from '../../contract/transport.ts';
import { type SoapLayout } from './soap.ts';
import { type Envelope, SoapCodec } from './soap.codec.ts';
import { type Connection, Connections, readBody } from './soap.connections.ts';
import { connectFailure, judgeFault, noAnswer, refusedCredentials } from './soap.faults.ts';
import { SoapSettings } from './soap.settings.ts';

/** SOAP over HTTP(S): envelopes by the WSDL, connections that stand before anything leaves, failures classified. */
export class SoapTransport extends Transport {
  readonly name = 'soap';
  readonly settings = SoapSettings;

  async open(surroundings: LinkSurroundings): Promise<Link> {
    const layout = surroundings.layout as SoapLayout;
    return new SoapLink(surroundings, layout, await SoapCodec.load(surroundings.system, layout.wsdl));
  }
}

class SoapLink implements Link {
  readonly #surroundings: LinkSurroundings;
  readonly #system: string;
  readonly #settings: SoapSettings;
  readonly #layout: SoapLayout;
  readonly #codec: SoapCodec;
  readonly #connections: Connections;
  readonly #url: URL;

  constructor(surroundings: LinkSurroundings, layout: SoapLayout, codec: SoapCodec) {
    this.#surroundings = surroundings;
    this.#system = surroundings.system;
    this.#settings = surroundings.settings as SoapSettings;
    this.#layout = layout;
    this.#codec = codec;
    this.#url = new URL(this.#settings.url);
    this.#connections = new Connections(this.#settings);
  }

  async exchange(call: string, args: Json, passage: Passage): Promise<Outcome> {
    let connection: Connection | null = null;
    let envelope: Envelope;
    try {
      envelope = this.#codec.encode(call, args);
      connection = await this.#take(passage.signal);
      await passage.leave();
    } catch (error) {
      if (connection !== null) this.#connections.giveBack(connection);
      return { end: 'not sent', error: asGatehouseError(error) };
    }
    try {
      const { status, body } = await this.#post(connection, envelope, passage);
      this.#connections.giveBack(connection);
      return this.#judge(call, status, body, envelope);
    } catch (error) {
      this.#connections.drop(connection);
      const why =
        error instanceof GatehouseError
          ? error.message
          : passage.signal.aborted
            ? 'no answer came before the deadline'
            : `the connection failed: ${(error as Error).message}`;
      return { end: 'unknown', error: noAnswer(this.#system, call, why, error) };
    }
  }

  async #take(signal: AbortSignal): Promise<Connection> {
    try {
      return await this.#connections.take(signal);
    } catch (error) {
      throw connectFailure(this.#system, this.#url.host, error);
    }
  }

  async #post(connection: Connection, envelope: Envelope, passage: Passage): Promise<{ status: number; body: string }> {
    const path = `${this.#url.pathname}${this.#url.search}`;
    const headers: Record<string, string> = {
      'content-type': 'text/xml; charset=utf-8',
      ...lowerCase(envelope.headers),
      ...this.#authorization(),
      'user-agent': 'gatehouse',
    };
    delete headers['connection'];
    delete headers['host'];
    delete headers['content-length'];
    const shown =
      headers['authorization'] === undefined ? headers : { ...headers, authorization: `Basic {{${this.#settings.password?.name ?? ''}}}` };
    passage.trace(this.#part('sent', `POST ${path} HTTP/1.1\r\nhost: ${this.#url.host}\r\n${headerLines(shown)}\r\n${this.#hide(envelope.xml)}`));
    const response = await connection.client.request({ method: 'POST', path, headers, body: envelope.xml, signal: passage.signal });
    const received: Uint8Array[] = [Buffer.from(`HTTP/1.1 ${response.statusCode}\r\n${headerLines(response.headers)}\r\n`)];
    try {
      return { status: response.statusCode, body: await readBody(response.body, this.#settings.maxAnswerBytes, (bytes) => received.push(bytes)) };
    } finally {
      passage.trace(this.#part('received', this.#hide(Buffer.concat(received).toString('utf8'))));
    }
  }

  #judge(call: string, status: number, body: string, envelope: Envelope): Outcome {
    if (status === 401 || status === 403) return { end: 'not sent', error: refusedCredentials(this.#system, call, `HTTP ${status}`) };
    if (status !== 200 && status !== 500) return { end: 'unknown', error: noAnswer(this.#system, call, `the answer was HTTP ${status}`) };
    if (/<!DOCTYPE/i.test(body.slice(0, 4_096)))
      return { end: 'unknown', error: noAnswer(this.#system, call, 'the answer has a document type, which no envelope has') };
    try {
      const read = envelope.read(body);
      return 'fault' in read ? judgeFault(this.#system, call, read.fault, this.#layout.faults) : { end: 'answer', answer: read.answer };
    } catch (error) {
      return { end: 'unknown', error: noAnswer(this.#system, call, `the answer (HTTP ${status}, ${body.length} characters) cannot be read`, error) };
    }
  }

  /** Connects, and asks for the description of the service: harmless, and only a living service answers. */
  async check(signal: AbortSignal): Promise<void> {
    const connection = await this.#take(signal);
    try {
      const response = await connection.client.request({ method: 'GET', path: `${this.#url.pathname}?wsdl`, headers: this.#authorization(), signal });
      await readBody(response.body, this.#settings.maxAnswerBytes, () => undefined);
      this.#connections.giveBack(connection);
      if (response.statusCode === 401 || response.statusCode === 403)
        throw refusedCredentials(this.#system, 'the check', `HTTP ${response.statusCode}`);
      if (response.statusCode >= 500)
        throw new GatehouseError('UNREACHABLE', `${this.#system}: the check was answered with HTTP ${response.statusCode}`);
    } catch (error) {
      if (error instanceof GatehouseError) throw error;
      this.#connections.drop(connection);
      throw connectFailure(this.#system, this.#url.host, error);
    }
  }

  violations(call: string, answer: Json): readonly string[] {
    return this.#codec.violations(call, answer);
  }

  async close(): Promise<void> {
    this.#connections.close();
  }

  #authorization(): Record<string, string> {
    const { user, password } = this.#settings;
    return user === undefined ? {} : { authorization: `Basic ${Buffer.from(`${user}:${password?.reveal() ?? ''}`).toString('base64')}` };
  }

  #hide(text: string): string {
    return this.#settings.password?.hide(text) ?? text;
  }

  #part(kind: Part['kind'], text: string): Part {
    return { kind, atMs: this.#surroundings.clock.wallMs(), media: 'message/http', bytes: Buffer.from(text) };
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function headerLines(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => (value === undefined ? [] : (Array.isArray(value) ? value : [value]).map((each) => `${name}: ${each}\r\n`)))
    .join('');
}
