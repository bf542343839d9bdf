import { IsInt, IsString, Max, Min } from 'class-validator';
import { type Layout } from '../../contract/adapter.ts';
import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { Secret } from '../../contract/secret.ts';
import { Setting } from '../../contract/settings.ts';
import {
  type Drafting,
  type DraftPart,
  type Link,
  type LinkSurroundings,
  type Outcome,
  type Part,
  type Passage,
  Transport,
} from '../../contract/transport.ts';
import { type Line, type LineCall, answerOf, decodeLine, encodeLine, requestOf, violationsOf } from './line.codec.ts';
import { connectFailure, faultOf, lostAnswer, notReached } from './line.faults.ts';
import { LineSocket } from './line.socket.ts';

export class LineSettings {
  @Setting('Host of the depot.')
  @IsString()
  host = '127.0.0.1';

  @Setting('Port of the depot.')
  @IsInt()
  @Min(1)
  @Max(65_535)
  port = 7_007;

  @Setting('User to log in with.')
  @IsString()
  user = 'gatehouse';

  @Setting('Password of the user.', { secret: true })
  password: Secret = new Secret('built-in', 'practice');

  @Setting('Connections kept open between calls.')
  @IsInt()
  @Min(0)
  pool = 8;
}

export interface LineLayout extends Layout {
  readonly calls: Readonly<Record<string, LineCall>>;
}

/** The layout of a system that speaks the line protocol. */
export const line = (calls: Readonly<Record<string, LineCall>>): LineLayout => ({ transport: 'line', calls });

/** The practice transport: enough of a protocol to have every kind of outcome. */
export class LineTransport extends Transport {
  readonly name = 'line';
  readonly settings = LineSettings;

  async open(surroundings: LinkSurroundings): Promise<Link> {
    return new LineLink(surroundings);
  }
}

const listenRetryMs = 200;

class LineLink implements Link {
  readonly #system: string;
  readonly #settings: LineSettings;
  readonly #calls: Readonly<Record<string, LineCall>>;
  readonly #surroundings: LinkSurroundings;
  readonly #idle: LineSocket[] = [];
  readonly #busy = new Set<LineSocket>();
  #listener: LineSocket | null = null;
  #cancelListen: () => void = () => undefined;
  #closed = false;

  constructor(surroundings: LinkSurroundings) {
    this.#surroundings = surroundings;
    this.#system = surroundings.system;
    this.#settings = surroundings.settings as LineSettings;
    this.#calls = (surroundings.layout as LineLayout).calls;
    if (Object.values(this.#calls).some((call) => call.later !== undefined)) void this.#listen();
  }

  async exchange(name: string, args: Json, passage: Passage): Promise<Outcome> {
    const call = this.#calls[name];
    let socket: LineSocket | null = null;
    let left = false;
    const leave = async (): Promise<void> => {
      await passage.leave(
        call?.later === undefined
          ? undefined
          : { correlation: String((args as Record<string, Json>)[call.later.correlation]), withinMs: call.later.withinMs },
      );
      left = true;
    };
    try {
      if (call === undefined) throw new GatehouseError('CALL_UNKNOWN', `${this.#system}: the layout has no call '${name}'`);
      const request = requestOf(name, call, args);
      encodeLine(request);
      socket = await this.#take(passage);
      if (call.twoPhase !== true) await leave();
      let answer = await this.#ask(socket, request, passage);
      if (call.twoPhase === true && answer.verb === 'PREPARED') {
        await leave();
        answer = await this.#ask(socket, { verb: 'COMMIT', fields: { token: answer.fields['token'] ?? '' } }, passage);
      }
      const outcome = this.#outcome(name, call, answer);
      this.#giveBack(socket);
      return outcome;
    } catch (thrown) {
      if (socket !== null) this.#drop(socket);
      const error = asGatehouseError(thrown);
      if (error.code === 'NOT_EXECUTED' || error.code === 'CREDENTIALS_REFUSED') return { end: 'not sent', error };
      if (left) return { end: 'unknown', error };
      return {
        end: 'not sent',
        error: error.code === 'NO_ANSWER' || error.code === 'FAULT_UNKNOWN' ? notReached(this.#system, name, error.message) : error,
      };
    }
  }

  /** The token of a second phase is the depot's: that of a call that was made stands for it. */
  async draft(name: string, args: Json, { like = [] }: Drafting): Promise<readonly DraftPart[]> {
    const call = this.#calls[name];
    if (call === undefined) throw new GatehouseError('CALL_UNKNOWN', `${this.#system}: the layout has no call '${name}'`);
    const second = like.filter(({ kind, bytes }) => kind === 'sent' && Buffer.from(bytes).toString().startsWith('COMMIT '));
    return [
      { kind: 'sent', media: 'text/plain', bytes: Buffer.from(encodeLine(requestOf(name, call, args))) },
      ...(call.twoPhase === true ? second.slice(-1) : []),
    ];
  }

  #outcome(name: string, call: LineCall, answer: Line): Outcome {
    if (answer.verb === 'REJECTED')
      return { end: 'answer', answer: { refused: answer.fields['code'] ?? 'REJECTED', reason: answer.fields['text'] ?? '' } };
    if (answer.verb === 'QUEUED' && call.later !== undefined) return { end: 'later' };
    if (answer.verb !== 'DONE' || call.later !== undefined) throw faultOf(this.#system, name, answer);
    return { end: 'answer', answer: answerOf(name, call, answer) };
  }

  async #ask(socket: LineSocket, request: Line, passage: Passage): Promise<Line> {
    const text = encodeLine(request);
    passage.trace(this.#part('sent', text));
    socket.send(text);
    let answer: string;
    try {
      answer = await socket.receive(passage.signal);
    } catch (error) {
      throw lostAnswer(this.#system, request.verb, (error as Error).message);
    }
    passage.trace(this.#part('received', answer));
    return decodeLine(answer);
  }

  /** A connection that is logged in. What a peer has closed meanwhile is thrown away before anything leaves. */
  async #take(passage: Passage): Promise<LineSocket> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.usable) {
        this.#busy.add(idle);
        return idle;
      }
      idle.close();
    }
    return this.#connect(passage.signal, (part) => passage.trace(part));
  }

  async #connect(signal: AbortSignal, trace: (part: Part) => void): Promise<LineSocket> {
    const { host, port, user, password } = this.#settings;
    let socket: LineSocket | null = null;
    try {
      socket = await LineSocket.open(host, port, signal);
      if (this.#closed) throw new GatehouseError('STOPPING', `${this.#system}: the link is closed`);
      this.#busy.add(socket);
      const text = encodeLine({ verb: 'LOGIN', fields: { user, password: password.reveal() } });
      socket.send(text);
      trace(this.#part('sent', password.hide(text)));
      const answer = await socket.receive(signal);
      trace(this.#part('received', answer));
      const { verb } = decodeLine(answer);
      if (verb !== 'OK') throw faultOf(this.#system, 'LOGIN', { verb, fields: {} });
      return socket;
    } catch (error) {
      if (socket !== null) this.#drop(socket);
      throw connectFailure(this.#system, `${host}:${port}`, error);
    }
  }

  #giveBack(socket: LineSocket): void {
    this.#busy.delete(socket);
    if (!this.#closed && socket.usable && this.#idle.length < this.#settings.pool) this.#idle.push(socket);
    else socket.close();
  }

  #drop(socket: LineSocket): void {
    this.#busy.delete(socket);
    socket.close();
  }

  /** The connection on which replies come later; it comes back by itself. */
  async #listen(): Promise<void> {
    if (this.#closed) return;
    try {
      const socket = await this.#connect(AbortSignal.timeout(5_000), () => undefined);
      this.#listener = socket;
      socket.send('LISTEN');
      for (;;) await this.#takeReply(socket, await socket.receive());
    } catch {
      if (this.#listener !== null) this.#drop(this.#listener);
      this.#listener = null;
      if (!this.#closed) this.#cancelListen = this.#surroundings.clock.after(listenRetryMs, () => void this.#listen());
    }
  }

  /** Said to be received only when it is durable: until then the depot sends it again (rule 9). */
  async #takeReply(socket: LineSocket, text: string): Promise<void> {
    const reply = decodeLine(text);
    if (reply.verb !== 'RESULT') return;
    const { ref = '', status, ...rest } = reply.fields;
    const answer: Json = status === 'REJECTED' ? { refused: rest['code'] ?? 'REJECTED', reason: rest['text'] ?? '' } : rest;
    await this.#surroundings.replied(ref, answer, [this.#part('received', text)]);
    socket.send(encodeLine({ verb: 'GOT', fields: { ref } }));
  }

  async check(signal: AbortSignal): Promise<void> {
    const socket = await this.#connect(signal, () => undefined);
    this.#giveBack(socket);
  }

  violations(name: string, answer: Json): readonly string[] {
    return violationsOf(this.#calls[name], answer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelListen();
    for (const socket of [...this.#idle, ...this.#busy]) socket.close();
    this.#listener?.close();
  }

  #part(kind: 'sent' | 'received', text: string): Part {
    return { kind, atMs: this.#surroundings.clock.wallMs(), media: 'text/plain', bytes: Buffer.from(text) };
  }
}
