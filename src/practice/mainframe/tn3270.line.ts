import { type Socket } from 'node:net';
import { TelnetReader, escapeIac, negotiate, subnegotiate, telnet, telnetOption } from '../terminal/telnet.codec.ts';

const negotiationMs = 5_000;
const maxRecordBytes = 32_768;
/** Commands and refusals a client may send between two records. */
const maxNegotiations = 512;
const maxTypesAsked = 8;
const ttype = { is: 0, send: 1 } as const;
/** @see RFC 2355, section 13 */
const e = { connect: 1, deviceType: 2, functions: 3, is: 4, request: 7, send: 8 } as const;
const header = { data3270: 0x00, bytes: 5 } as const;

/** What a session hears from its terminal. */
export interface BlockTerminalUser {
  received(record: Uint8Array): void;
  closed(): void;
}

export interface Tn3270Options {
  /** Offer TN3270E first. */
  readonly enhanced: boolean;
  /** Called once, when the client speaks 3270. */
  readonly ready: (line: Tn3270Line) => void;
}

const alternates: Readonly<Record<string, { rows: number; columns: number }>> = {
  '2': { rows: 24, columns: 80 },
  '3': { rows: 32, columns: 80 },
  '4': { rows: 43, columns: 80 },
  '5': { rows: 27, columns: 132 },
};

/** A 3270 over telnet: records between end-of-record marks, in either of the two ways to agree on that. @see RFC 1576 and RFC 2355 */
export class Tn3270Line {
  readonly #socket: Socket;
  readonly #options: Tn3270Options;
  readonly #reader: TelnetReader;
  readonly #impatience: NodeJS.Timeout;
  readonly #agreed = new Set<string>();
  readonly #asked = new Set<string>();
  #record: Uint8Array[] = [];
  #recordBytes = 0;
  #user: BlockTerminalUser | null = null;
  #state: 'negotiating' | 'ready' | 'frozen' = 'negotiating';
  #enhanced = false;
  #negotiations = 0;
  #typesAsked = 0;
  terminalType = '';
  /** Of the bigger of its two screen sizes. */
  alternate = { rows: 24, columns: 80 };
  /** Named by the client, in TN3270E. */
  luName = '';

  constructor(socket: Socket, options: Tn3270Options) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new TelnetReader({
      data: (bytes) => this.#gather(bytes),
      negotiation: (command, option) => this.#negotiated(command, option),
      subnegotiation: (option, payload) => this.#told(option, payload),
      command: (code) => (code === telnet.eor ? this.#endOfRecord() : undefined),
    });
    socket.on('data', (bytes: Buffer) => {
      if (this.#state !== 'frozen' && !socket.destroyed) this.#reader.read(bytes);
    });
    socket.on('close', () => {
      clearTimeout(this.#impatience);
      this.#user?.closed();
    });
    this.#impatience = setTimeout(() => this.#giveUp(), negotiationMs).unref();
    this.#ask('do', options.enhanced ? telnetOption.tn3270e : telnetOption.ttype);
  }

  get peer(): string {
    return this.luName === '' ? (this.#socket.remoteAddress ?? 'nowhere') : this.luName;
  }

  /** Bytes written that the other side has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  serve(user: BlockTerminalUser): void {
    this.#user = user;
  }

  /** The bytes of one record as they travel: led by a header in TN3270E, closed by the end-of-record mark. */
  frame(record: Uint8Array): Uint8Array {
    const lead = this.#enhanced ? [header.data3270, 0, 0, 0, 0] : [];
    return Buffer.concat([Uint8Array.from(lead), escapeIac(record), Uint8Array.of(telnet.iac, telnet.eor)]);
  }

  write(bytes: Uint8Array): void {
    if (this.#state === 'ready' && this.#socket.writable) this.#socket.write(bytes);
  }

  end(): void {
    this.#user = null;
    this.#socket.end();
  }

  drop(): void {
    this.#socket.destroy();
  }

  /** Reads and writes nothing from here on, without closing. */
  freeze(): void {
    this.#state = 'frozen';
    this.#user = null;
    this.#socket.pause();
  }

  #gather(bytes: Uint8Array): void {
    if (this.#state !== 'ready') return;
    this.#recordBytes += bytes.length;
    if (this.#recordBytes > maxRecordBytes) this.drop();
    // A copy: the chunk's memory is the socket's.
    else this.#record.push(Uint8Array.from(bytes));
  }

  #endOfRecord(): void {
    const record = Buffer.concat(this.#record);
    this.#record = [];
    this.#recordBytes = 0;
    this.#negotiations = 0;
    if (this.#state !== 'ready' || this.#socket.destroyed) return;
    if (!this.#enhanced) this.#user?.received(record);
    else if (record.length > header.bytes && record[0] === header.data3270) this.#user?.received(record.subarray(header.bytes));
  }

  #ask(command: 'do' | 'will', option: number): void {
    this.#asked.add(`${command} ${option}`);
    this.#send(negotiate(command, option));
  }

  #send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #negotiated(command: 'will' | 'wont' | 'do' | 'dont', option: number): void {
    this.#negotiations += 1;
    if (this.#negotiations > maxNegotiations) return this.drop();
    const mine = command === 'do' || command === 'dont' ? 'will' : 'do';
    const key = `${mine} ${option}`;
    const asked = this.#asked.has(key);
    if (command === 'wont' || command === 'dont') return asked ? this.#refused(option) : undefined;
    if (!asked) return this.#send(negotiate(mine === 'will' ? 'wont' : 'dont', option));
    if (this.#agreed.has(key)) return undefined;
    this.#agreed.add(key);
    if (option === telnetOption.tn3270e) return this.#send(subnegotiate(option, e.send, e.deviceType));
    if (option === telnetOption.ttype) return this.#askType();
    const all = [telnetOption.eor, telnetOption.binary].every((each) => this.#agreed.has(`do ${each}`) && this.#agreed.has(`will ${each}`));
    return all ? this.#begin() : undefined;
  }

  #refused(option: number): void {
    if (this.#state !== 'negotiating') return undefined;
    if (option === telnetOption.tn3270e) return this.#ask('do', telnetOption.ttype);
    return this.#giveUp();
  }

  #askType(): void {
    this.#typesAsked += 1;
    if (this.#typesAsked > maxTypesAsked) return this.#giveUp();
    return this.#send(subnegotiate(telnetOption.ttype, ttype.send));
  }

  #told(option: number, payload: Uint8Array): void {
    this.#negotiations += 1;
    if (this.#negotiations > maxNegotiations) return this.drop();
    if (this.#state !== 'negotiating') return undefined;
    if (option === telnetOption.ttype && payload[0] === ttype.is && this.#agreed.has(`do ${option}`)) {
      if (!this.#isBlockTerminal(Buffer.from(payload.subarray(1)).toString('latin1'))) return this.#askType();
      for (const each of [telnetOption.eor, telnetOption.binary]) {
        this.#ask('do', each);
        this.#ask('will', each);
      }
    } else if (option === telnetOption.tn3270e && this.#agreed.has(`do ${option}`)) this.#toldEnhanced(payload);
    return undefined;
  }

  /** @see RFC 2355, section 7: device type first, then functions. This host has none of the optional functions. */
  #toldEnhanced(payload: Uint8Array): void {
    const option = telnetOption.tn3270e;
    if (payload[0] === e.deviceType && payload[1] === e.request) {
      const [type = '', lu = ''] = Buffer.from(payload.subarray(2)).toString('latin1').split(String.fromCharCode(e.connect));
      if (!this.#isBlockTerminal(type)) return this.#giveUp();
      this.luName = /^[A-Z0-9@#$]{1,8}$/i.test(lu) ? lu.toUpperCase() : `PRAC${String(this.#socket.remotePort ?? 0).slice(-4)}`;
      return this.#send(subnegotiate(option, e.deviceType, e.is, ...Buffer.from(type), e.connect, ...Buffer.from(this.luName)));
    }
    if (payload[0] !== e.functions || this.terminalType === '') return undefined;
    if (payload[1] === e.request && payload.length > 2) return this.#send(subnegotiate(option, e.functions, e.request));
    if (payload[1] === e.request) this.#send(subnegotiate(option, e.functions, e.is));
    this.#enhanced = true;
    return this.#begin();
  }

  #isBlockTerminal(type: string): boolean {
    const model = /^IBM-(?:327[89]-([2-5])(?:-E)?|DYNAMIC)$/i.exec(type);
    if (model === null) return false;
    this.terminalType = type.toUpperCase();
    this.alternate = alternates[model[1] ?? '2'] ?? this.alternate;
    return true;
  }

  #begin(): void {
    if (this.#state !== 'negotiating') return;
    this.#state = 'ready';
    clearTimeout(this.#impatience);
    this.#options.ready(this);
  }

  #giveUp(): void {
    if (this.#state !== 'negotiating') return;
    this.#state = 'frozen';
    if (this.#socket.writable) this.#socket.end('This host serves 3270 terminals only.\r\n');
    // A client that does not take its leave is shown out.
    setTimeout(() => this.drop(), negotiationMs).unref();
  }
}
