import { type Socket } from 'node:net';
import { TelnetReader, escapeIac, negotiate, subnegotiate, telnetOption } from '../terminal/telnet.codec.ts';
import { type TerminalLine, type TerminalUser } from '../terminal/terminal-line.ts';

/** A client that never answers what it was asked is taken as it is: 80 by 24, terminal unknown. */
const negotiationMs = 1_000;
/** More answers to options than any real client asks for between two keys. */
const maxAnswers = 256;
const maxBacklogBytes = 1_000_000;
const ttypeSend = 1;

const ours: ReadonlySet<number> = new Set([telnetOption.echo, telnetOption.sga, telnetOption.binary]);
const theirs: ReadonlySet<number> = new Set([telnetOption.ttype, telnetOption.naws, telnetOption.sga, telnetOption.binary]);

/** A terminal over telnet: the host echoes, and asks for terminal type and window size. */
export class TelnetLine implements TerminalLine {
  readonly #socket: Socket;
  readonly #reader: TelnetReader;
  readonly #enabled = new Set<string>();
  readonly #waitsFor = new Set<number>([telnetOption.ttype, telnetOption.naws]);
  readonly #ready: (line: TelnetLine) => void;
  readonly #impatience: NodeJS.Timeout;
  #user: TerminalUser | null = null;
  #answers = 0;
  #frozen = false;
  terminalType = '';
  rows = 24;
  columns = 80;

  /** `ready` is called once, when the client has said what terminal it is or has refused to. */
  constructor(socket: Socket, ready: (line: TelnetLine) => void) {
    this.#socket = socket;
    this.#ready = ready;
    this.#reader = new TelnetReader({
      data: (bytes) => {
        this.#answers = 0;
        this.#user?.received(bytes);
      },
      negotiation: (command, option) => this.#negotiated(command, option),
      subnegotiation: (option, payload) => this.#told(option, payload),
      command: () => undefined,
    });
    socket.on('data', (bytes: Buffer) => {
      if (!this.#frozen && !socket.destroyed) this.#reader.read(bytes);
    });
    socket.on('drain', () => this.#user?.drained());
    socket.on('close', () => {
      clearTimeout(this.#impatience);
      this.#user?.closed();
    });
    this.#impatience = setTimeout(() => this.#settle(), negotiationMs).unref();
    for (const option of [telnetOption.echo, telnetOption.sga]) this.#enable('will', option);
    for (const option of [telnetOption.sga, telnetOption.ttype, telnetOption.naws]) this.#enable('do', option);
  }

  get peer(): string {
    return `${this.#socket.remoteAddress ?? 'nowhere'}`;
  }

  get backlog(): number {
    return this.#socket.writableLength;
  }

  serve(user: TerminalUser): void {
    this.#user = user;
  }

  write(bytes: Uint8Array): void {
    if (!this.#frozen && this.#socket.writable) this.#socket.write(escapeIac(bytes));
  }

  end(): void {
    this.#user = null;
    this.#socket.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  freeze(): void {
    this.#frozen = true;
    this.#user = null;
    this.#socket.pause();
  }

  /** An answer to what this side asked for is not answered again: that is all it takes to end in agreement. @see RFC 1143 */
  #negotiated(command: 'will' | 'wont' | 'do' | 'dont', option: number): void {
    const mine = command === 'do' || command === 'dont' ? 'will' : 'do';
    const key = `${mine} ${option}`;
    if (command === 'will' || command === 'do') {
      if (this.#enabled.has(key)) this.#granted(command, option);
      else if ((mine === 'will' ? ours : theirs).has(option)) this.#enable(mine, option);
      else this.#refuse(mine, option);
    } else {
      if (this.#enabled.delete(key)) this.#refuse(mine, option);
      if (command === 'wont') this.#heard(option);
    }
  }

  #enable(mine: 'will' | 'do', option: number): void {
    this.#enabled.add(`${mine} ${option}`);
    this.#answer(mine, option);
  }

  #refuse(mine: 'will' | 'do', option: number): void {
    this.#answer(mine === 'will' ? 'wont' : 'dont', option);
  }

  #answer(command: 'will' | 'wont' | 'do' | 'dont', option: number): void {
    this.#answers += 1;
    if (this.#answers > maxAnswers || this.#socket.writableLength > maxBacklogBytes) this.drop();
    else if (this.#socket.writable) this.#socket.write(negotiate(command, option));
  }

  #granted(command: 'will' | 'do', option: number): void {
    if (command === 'will' && option === telnetOption.ttype && this.#waitsFor.has(option)) this.#socket.write(subnegotiate(option, ttypeSend));
  }

  #told(option: number, payload: Uint8Array): void {
    if (option === telnetOption.naws && payload.length === 4) {
      const [columns, rows] = [((payload[0] as number) << 8) | (payload[1] as number), ((payload[2] as number) << 8) | (payload[3] as number)];
      // Zero means that the client does not know.
      this.columns = columns || 80;
      this.rows = rows || 24;
      this.#user?.resized();
    } else if (option === telnetOption.ttype && payload[0] === 0) {
      this.terminalType = Buffer.from(payload.subarray(1)).toString('latin1').toLowerCase();
    } else return;
    this.#heard(option);
  }

  #heard(option: number): void {
    this.#waitsFor.delete(option);
    if (this.#waitsFor.size === 0) this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#impatience);
    this.#waitsFor.clear();
    if (this.#user === null && !this.#frozen && !this.#settled) {
      this.#settled = true;
      this.#ready(this);
    }
  }

  #settled = false;
}
