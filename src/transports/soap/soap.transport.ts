import { randomUUID } from 'node:crypto';
import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Secret } from '../../contract/secret.ts';
import {
  type Link,
  type LinkSurroundings,
  type Outcome,
  type Part,
  type Passage,
  type RecordedExchange,
  Transport,
} from '../../contract/transport.ts';
import { type Answer, type Fault } from './plan/answer.ts';
import { type SoapLayout } from './soap.ts';
import { SoapCodec } from './soap.codec.ts';
import { type Connection, Connections } from './soap.connections.ts';
import { dialing } from './soap.dial.ts';
import { connectFailure, describeAnswer, isHandshakeRefusal, noAnswer, outcomeOf, refusedCredentials, ruleFor, unknownFault } from './soap.faults.ts';
import { type HttpAnswer, charsetOf, sendRequest, textOf, xmlText } from './soap.http.ts';
import { inspectionOf } from './soap.inspect.ts';
import { readMultipart } from './soap.multipart.ts';
import { Requests, type SoapRequest } from './soap.requests.ts';
import { type LoginEnd, type Session, Sessions, fill } from './soap.session.ts';
import { SoapSettings } from './soap.settings.ts';
import { SoapTrace } from './soap.trace.ts';

/** SOAP over HTTP(S): envelopes by the WSDL, connections that stand before anything leaves, failures classified. */
export class SoapTransport extends Transport {
  readonly name = 'soap';
  readonly settings = SoapSettings;

  async open(surroundings: LinkSurroundings): Promise<Link> {
    return new SoapLink(
      surroundings,
      await Requests.create(surroundings.system, surroundings.settings as SoapSettings, surroundings.layout as SoapLayout),
    );
  }
}

/** The part of a passage that an exchange before the call itself may use: a log-in leaves by itself. */
type Way = Pick<Passage, 'signal' | 'trace' | 'callId'>;

/** `session over` is heard only by the one who has a session to renew. */
type Ended = Outcome | { readonly end: 'session over'; readonly error: GatehouseError };

/** Longest time of a log-in, ms. */
const loginTimeoutMs = 30_000;

class SoapLink implements Link {
  readonly #surroundings: LinkSurroundings;
  readonly #system: string;
  readonly #settings: SoapSettings;
  readonly #layout: SoapLayout;
  readonly #requests: Requests;
  readonly #connections: Connections;
  readonly #sessions: Sessions | null;
  readonly #url: URL;
  #codec: SoapCodec | null = null;
  fault: GatehouseError | null = null;

  constructor(surroundings: LinkSurroundings, requests: Requests) {
    this.#surroundings = surroundings;
    this.#system = surroundings.system;
    this.#settings = surroundings.settings as SoapSettings;
    this.#layout = surroundings.layout as SoapLayout;
    this.#requests = requests;
    this.#url = new URL(this.#settings.url);
    // Proxies close after an answer without saying so: a second request on the same connection could meet the close.
    const reused = this.#settings.proxy !== undefined && this.#url.protocol === 'http:' ? 0 : this.#settings.connections;
    this.#connections = new Connections(this.#url, reused, dialing(this.#system, this.#settings));
    this.#sessions = this.#layout.session === undefined ? null : new Sessions(this.#system, this.#layout.session);
    try {
      this.#load();
    } catch (error) {
      this.fault = asGatehouseError(error);
    }
  }

  async exchange(call: string, args: Json, passage: Passage): Promise<Outcome> {
    let ready: { session: Session | null; request: SoapRequest; connection: Connection } | null = null;
    try {
      ready = await this.#ready(call, args, passage);
      await passage.leave();
    } catch (error) {
      if (ready !== null) this.#giveUp(ready.connection);
      return { end: 'not sent', error: asGatehouseError(error) };
    }
    const { session, request, connection } = ready;
    const ended = await this.#send(call, request, connection, passage);
    if (ended.end !== 'session over') return ended;
    if (this.#sessions === null || session === null) return { end: 'not sent', error: ended.error };
    this.#sessions.over(session);
    return this.#again(call, args, passage);
  }

  /** Nothing left on it. A handshake that was begun cannot be gone on with by somebody else. */
  #giveUp(connection: Connection): void {
    if (this.#requests.ntlm !== null && !connection.authenticated) this.#connections.drop(connection);
    else this.#connections.giveBack(connection);
  }

  /** The session was over and nothing was carried out: once more with a new one. */
  async #again(call: string, args: Json, passage: Passage): Promise<Outcome> {
    try {
      const { request, connection } = await this.#ready(call, args, passage);
      const ended = await this.#send(call, request, connection, passage);
      return ended.end === 'session over' ? { end: 'not sent', error: ended.error } : ended;
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
  }

  /** Everything that can wait or fail before the request leaves: arguments, session, connection, the handshake on it. */
  async #ready(call: string, args: Json, passage: Passage): Promise<{ session: Session | null; request: SoapRequest; connection: Connection }> {
    const codec = this.#load();
    if (this.#sessions !== null) this.#requests.build(codec, call, args, this.#sessions.current, passage.callId);
    const session = this.#sessions === null ? null : await this.#loggedIn(this.#sessions, codec, passage);
    const request = this.#requests.build(codec, call, args, session, passage.callId);
    return { session, ...(await this.#connected(call, request, passage)) };
  }

  /** A connection on which the request can leave; nothing of it is left open when that fails. */
  async #connected(call: string, request: SoapRequest, way: Way): Promise<{ request: SoapRequest; connection: Connection }> {
    const connection = await this.#take(way.signal);
    try {
      return { request: await this.#authenticated(call, request, connection, way), connection };
    } catch (error) {
      this.#connections.drop(connection);
      throw error;
    }
  }

  /** NTLM proves the user to the connection first, with an empty request. */
  async #authenticated(call: string, request: SoapRequest, connection: Connection, way: Way): Promise<SoapRequest> {
    const { ntlm } = this.#requests;
    if (ntlm === null || connection.authenticated) return request;
    const asking = { ...request.http, headers: { ...request.http.headers, authorization: ntlm.negotiate() }, body: '' };
    let answer: HttpAnswer;
    try {
      answer = await this.#http(connection, { ...request, http: asking }, way);
    } catch (error) {
      throw connectFailure(this.#system, this.#url.host, error);
    }
    if (answer.status >= 500) throw new GatehouseError('UNREACHABLE', `${this.#system}: HTTP ${answer.status} where an NTLM challenge was expected`);
    if (answer.status !== 401) throw refusedCredentials(this.#system, call, `HTTP ${answer.status} where a challenge was expected`);
    const authorization = ntlm.authenticate(textOf(answer.headers['www-authenticate']));
    if (/close/i.test(textOf(answer.headers['connection']) ?? '') || connection.socket.destroyed)
      throw new GatehouseError(
        'UNREACHABLE',
        `${this.#system}: the connection is closed with the NTLM challenge: something between does not keep connections`,
      );
    connection.fresh = true;
    return { ...request, http: { ...request.http, headers: { ...request.http.headers, authorization } } };
  }

  /** The log-in is told to the trace when it is known what in it must not be seen. */
  async #loggedIn(sessions: Sessions, codec: SoapCodec, passage: Passage): Promise<Session> {
    const parts: Part[] = [];
    // Its own time: the first caller may give up while others wait for the same log-in.
    const way = { signal: AbortSignal.timeout(loginTimeoutMs), callId: passage.callId, trace: (part: Part) => void parts.push(part) };
    let session: Session | null = null;
    try {
      session = await sessions.take(() => this.#login(codec, way), passage.signal);
      return session;
    } finally {
      for (const part of parts) passage.trace(session === null ? SoapTrace.withoutAnswer(part) : SoapTrace.without(part, session.secrets));
    }
  }

  async #login(codec: SoapCodec, way: Way): Promise<LoginEnd> {
    const { call, args } = (this.#layout.session as NonNullable<SoapLayout['session']>).login;
    const built = this.#requests.build(codec, call, fill(args, this.#settings, null), null, randomUUID());
    const { request, connection } = await this.#connected(call, built, way);
    let cookies: readonly string[] = [];
    const ended = await this.#send(call, request, connection, way, ({ headers }) => {
      const given = headers['set-cookie'];
      cookies = given === undefined ? [] : Array.isArray(given) ? given : [given];
    });
    return {
      outcome: ended.end === 'session over' ? { end: 'not sent', error: refusedCredentials(this.#system, call, ended.error.native ?? '') } : ended,
      cookies,
    };
  }

  async #send(
    call: string,
    request: SoapRequest,
    connection: Connection,
    way: Way,
    seen: (answer: HttpAnswer) => void = () => undefined,
  ): Promise<Ended> {
    // While `leave` wrote, the system may have closed the connection, or the time run out: nothing has left.
    if (way.signal.aborted || connection.socket.destroyed || !connection.socket.writable) {
      this.#connections.drop(connection);
      return {
        end: 'not sent',
        error: new GatehouseError('UNREACHABLE', `${this.#system}: the connection was closed, or the time over, before ${call} left`),
      };
    }
    try {
      const answer = await this.#http(connection, request, way);
      // Answered before all of the request was taken: the rest of it would lie before the next one.
      if (answer.status === 401 || connection.socket.writableLength > 0) this.#connections.drop(connection);
      else {
        connection.authenticated = true;
        this.#connections.giveBack(connection);
      }
      seen(answer);
      return this.#judge(call, answer, request, way);
    } catch (error) {
      this.#connections.drop(connection);
      if (connection.fresh && isHandshakeRefusal(connection.broken))
        return { end: 'not sent', error: connectFailure(this.#system, this.#url.host, connection.broken) };
      const why =
        error instanceof GatehouseError
          ? error.message
          : way.signal.aborted
            ? 'no answer came before the deadline'
            : `the connection failed: ${(error as Error).message}${connection.fresh && this.#url.protocol === 'https:' ? ' (on a new TLS connection: it may want a client certificate)' : ''}`;
      return { end: 'unknown', error: noAnswer(this.#system, call, why, error) };
    }
  }

  #http(connection: Connection, request: SoapRequest, { signal, trace }: Way): Promise<HttpAnswer> {
    const { maxAnswerBytes, headersTimeoutMs, bodyTimeoutMs } = this.#settings;
    const tracing = new SoapTrace(request.secrets, this.#surroundings.clock, trace);
    return sendRequest(connection, request.http, { maxAnswerBytes, headersTimeoutMs, bodyTimeoutMs, signal }, (kind, head, body) =>
      tracing.add(kind, head, body),
    );
  }

  /** What became of the call, by envelope, fault table and status, in this order. */
  #judge(call: string, { status, headers, body }: HttpAnswer, { secrets }: SoapRequest, { trace }: Way): Ended {
    const contentType = textOf(headers['content-type']) ?? '';
    let answer: Answer | null = null;
    let unreadable: GatehouseError | null = null;
    if (body.length > 0 && !/html/i.test(contentType))
      try {
        answer = this.#read(call, body, contentType);
      } catch (error) {
        unreadable = asGatehouseError(error);
      }
    const fault = answer !== null && 'fault' in answer ? answer.fault : null;
    const rule = answer === null || fault !== null ? ruleFor(status, fault, this.#layout.faults) : undefined;
    if (rule !== undefined) {
      const outcome = outcomeOf(this.#system, call, status, fault === null ? null : hidden(fault, secrets), rule);
      return rule.means === 'session over' && outcome.end === 'not sent' ? { end: 'session over', error: outcome.error } : outcome;
    }
    const proxied = status === 407 && this.#settings.proxy !== undefined;
    if ((status === 401 || status === 403 || proxied) && (answer === null || fault !== null))
      return { end: 'not sent', error: refusedCredentials(this.#system, call, `HTTP ${status}`) };
    if (fault !== null) return unknownFault(this.#system, call, fault);
    const good = status >= 200 && status < 300;
    if (answer !== null && 'answer' in answer && good) {
      if (answer.notes.length > 0) trace(SoapTrace.note(this.#surroundings.clock, `not in the WSDL, passed over: ${answer.notes.join(', ')}`));
      return { end: 'answer', answer: answer.answer };
    }
    if (good && body.length === 0 && this.#load().plan(call).output === null) return { end: 'answer', answer: {} };
    if (unreadable?.code === 'ANSWER_INVALID' && good)
      return {
        end: 'unknown',
        error: new GatehouseError('ANSWER_INVALID', `${this.#system}: ${call} was answered, and ${unreadable.message}`, { cause: unreadable }),
      };
    const why = good && unreadable !== null ? unreadable.message : describeAnswer(status, contentType, textOf(headers['location']), body.length);
    return { end: 'unknown', error: noAnswer(this.#system, call, why, unreadable ?? undefined) };
  }

  #read(call: string, body: Buffer, contentType: string): Answer {
    const codec = this.#load();
    if (!/^multipart\/related/i.test(contentType)) return codec.decode(call, xmlText(body, charsetOf(contentType)));
    try {
      const { envelope, charset, attachments } = readMultipart(body, contentType);
      return codec.decode(call, xmlText(envelope, charset), attachments);
    } catch (error) {
      if (error instanceof RangeError) throw new GatehouseError('NO_ANSWER', error.message, { cause: error });
      throw error;
    }
  }

  async #take(signal: AbortSignal): Promise<Connection> {
    try {
      return await this.#connections.take(signal);
    } catch (error) {
      throw connectFailure(
        this.#system,
        this.#settings.proxy === undefined ? this.#url.host : `${this.#url.host} through ${new URL(this.#settings.proxy).host}`,
        error,
      );
    }
  }

  /** The codec; loaded again with every call as long as the WSDL is missing or broken. @throws GatehouseError LAYOUT_MISSING */
  #load(): SoapCodec {
    if (this.#codec !== null) return this.#codec;
    const codec = SoapCodec.load(this.#system, this.#layout);
    this.fault = null;
    try {
      codec.prepare(this.#surroundings.calls);
    } catch (error) {
      // A call that the WSDL does not have is a fault of its own, and none of the others.
      if (!(error instanceof GatehouseError) || error.code !== 'CALL_UNKNOWN') throw error;
      this.fault = error;
    }
    this.#codec = codec;
    return codec;
  }

  /** Reads the WSDL, connects, and asks for the description of the service: harmless, and only a living service answers. */
  async check(signal: AbortSignal): Promise<void> {
    this.#load();
    const way = { signal, trace: () => undefined, callId: '' };
    const { request, connection } = await this.#connected('the check', this.#requests.check(), way);
    let status = 200;
    try {
      ({ status } = await this.#http(connection, request, way));
    } catch (error) {
      // What came is too large or packed wrongly: the service lives.
      if (!(error instanceof GatehouseError)) throw connectFailure(this.#system, this.#url.host, error);
    } finally {
      this.#connections.drop(connection);
    }
    if (status === 401 || status === 403) throw refusedCredentials(this.#system, 'the check', `HTTP ${status}`);
    // 500 is the answer of many a service that has no description to give.
    if (status >= 502 && status <= 504) throw new GatehouseError('UNREACHABLE', `${this.#system}: the check was answered with HTTP ${status}`);
  }

  violations(call: string, answer: Json): readonly string[] {
    return this.#load().violations(call, answer);
  }

  async inspect(exchange: RecordedExchange): Promise<Json> {
    return inspectionOf(exchange);
  }

  async close(): Promise<void> {
    await this.#logout().catch(() => undefined);
    this.#connections.close();
  }

  /** Polite, and not more: a session that is not given back ends by itself. */
  async #logout(): Promise<void> {
    const session = this.#sessions?.current ?? null;
    const logout = this.#layout.session?.logout;
    if (session === null || logout === undefined) return;
    const signal = AbortSignal.timeout(1_000);
    const request = this.#requests.build(this.#load(), logout.call, fill(logout.args, this.#settings, session.token), session, randomUUID());
    const way = { signal, trace: () => undefined, callId: '' };
    const ready = await this.#connected(logout.call, request, way);
    await this.#send(logout.call, ready.request, ready.connection, way);
  }
}

/** A system may repeat in its words what it was shown; a fault goes on to logs, replies and people. */
function hidden(fault: Fault, secrets: readonly Secret[]): Fault {
  const hide = (text: string): string => secrets.reduce((rest, secret) => secret.hide(rest), text);
  const within = (value: Json): Json =>
    typeof value === 'string'
      ? hide(value)
      : Array.isArray(value)
        ? value.map(within)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, within(inner)]))
          : value;
  const { faultstring, detail, value } = fault;
  return { ...fault, faultstring: hide(faultstring), detail: hide(detail), ...(value === undefined ? {} : { value: within(value) }) };
}
