/** @see RFC 854, RFC 855; options: IANA, Telnet Options */
const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
export const option = { binary: 0, echo: 1, suppressGoAhead: 3, timingMark: 6, terminalType: 24, windowSize: 31 } as const;

/** The sides of an option: ours is what we do, theirs what the host does. */
type Side = 'ours' | 'theirs';
/** Of the six states of the Q method two are left, because we never ask for an option: the host does. @see RFC 1143, section 7 */
type State = 'no' | 'yes';

const agreed: Readonly<Record<Side, readonly number[]>> = {
  ours: [option.binary, option.suppressGoAhead, option.terminalType, option.windowSize],
  theirs: [option.binary, option.echo, option.suppressGoAhead],
};

/** A host that negotiates honestly needs a few dozen; one that wants more has lost its way or means ill. */
const maxCommands = 1_000;
/** Longest subnegotiation that is kept: ours are a few bytes. */
const maxSubnegotiation = 256;

export interface Received {
  /** What the host's program sent, commands taken out. */
  readonly data: Uint8Array;
  /** What must be sent back, already escaped. */
  readonly reply: Uint8Array;
  /** Why the connection must end, if it must. */
  readonly broken: string | null;
}

/** Telnet's commands, taken out of and put into a stream of bytes. Pure: bytes in, bytes out. */
export class TelnetNegotiator {
  readonly #terminal: string;
  #rows: number;
  #columns: number;
  readonly #states: Readonly<Record<Side, Map<number, State>>> = { ours: new Map(), theirs: new Map() };
  #mode: 'data' | 'command' | 'option' | 'sub' | 'sub-command' = 'data';
  #command = 0;
  #sub: number[] = [];
  #subOverflowed = false;
  #carriageReturn = false;
  #commands = 0;
  #reply: number[] = [];
  #data: number[] = [];
  /** Timing marks asked for and not yet answered. */
  #asked = 0;

  constructor(terminal: string, rows: number, columns: number) {
    this.#terminal = terminal;
    this.#rows = rows;
    this.#columns = columns;
  }

  receive(bytes: Uint8Array): Received {
    this.#reply = [];
    const text = this.#mode === 'data' && !this.#carriageReturn && !bytes.includes(IAC) && !bytes.includes(13);
    this.#data = [];
    if (!text) for (const byte of bytes) this.#eat(byte);
    const broken = this.#commands > maxCommands ? `the host sent more than ${maxCommands} commands of telnet` : null;
    return { data: text ? bytes : Uint8Array.from(this.#data), reply: Uint8Array.from(this.#reply), broken };
  }

  /** Data as it goes to the host: IAC doubled and, unless binary is agreed, a carriage return followed by NUL. @see RFC 854, page 11 */
  encode(data: Uint8Array): Uint8Array {
    const out: number[] = [];
    const binary = this.#state('ours', option.binary) === 'yes';
    for (const byte of data) {
      out.push(byte);
      if (byte === IAC) out.push(IAC);
      if (byte === 13 && !binary) out.push(0);
    }
    return Uint8Array.from(out);
  }

  /** The bytes that tell a new size, empty when the host has not asked for sizes. @see RFC 1073 */
  resize(rows: number, columns: number): Uint8Array {
    this.#rows = rows;
    this.#columns = columns;
    return this.#state('ours', option.windowSize) === 'yes' ? Uint8Array.from(this.#size()) : new Uint8Array();
  }

  /** Asks whether the host is there: every host answers to a timing mark, with yes or no. @see RFC 860 */
  ping(): Uint8Array {
    this.#asked += 1;
    return Uint8Array.of(IAC, DO, option.timingMark);
  }

  #eat(byte: number): void {
    switch (this.#mode) {
      case 'data':
        if (byte === IAC) this.#mode = 'command';
        else this.#push(byte);
        return;
      case 'command':
        this.#begin(byte);
        return;
      case 'option':
        this.#mode = 'data';
        this.#negotiate(this.#command, byte);
        return;
      case 'sub':
        if (byte === IAC) this.#mode = 'sub-command';
        else this.#collect(byte);
        return;
      case 'sub-command':
        this.#inSub(byte);
    }
  }

  #begin(byte: number): void {
    this.#mode = 'data';
    if (byte === IAC) return this.#push(IAC);
    // Go ahead, no operation and their like ask for nothing and come as often as the host likes.
    if (byte >= SB) this.#commands += 1;
    if (byte >= WILL && byte <= DONT) {
      this.#command = byte;
      this.#mode = 'option';
    } else if (byte === SB) {
      this.#sub = [];
      this.#subOverflowed = false;
      this.#mode = 'sub';
    }
  }

  #collect(byte: number): void {
    if (this.#sub.length < maxSubnegotiation) this.#sub.push(byte);
    else this.#subOverflowed = true;
  }

  #inSub(byte: number): void {
    this.#mode = 'sub';
    if (byte === IAC) return this.#collect(IAC);
    // Whatever else follows IAC ends it: a host that forgets SE must not swallow the screen.
    this.#mode = 'data';
    if (byte !== SE) this.#begin(byte);
    if (byte === SE && !this.#subOverflowed) this.#subnegotiate(this.#sub);
    this.#sub = [];
  }

  /** Carriage return and NUL are one carriage return, unless the host speaks binary. */
  #push(byte: number): void {
    const padding = byte === 0 && this.#carriageReturn && this.#state('theirs', option.binary) !== 'yes';
    this.#carriageReturn = byte === 13;
    if (!padding) this.#data.push(byte);
  }

  #negotiate(command: number, code: number): void {
    if (this.#commands > maxCommands) return;
    if (code === option.timingMark && (command === WILL || command === WONT)) {
      // An answer is no command of the host's own: a long night of them must not count as a bomb.
      if (this.#asked > 0) this.#commands -= 1;
      this.#asked = Math.max(0, this.#asked - 1);
      return;
    }
    const side: Side = command === WILL || command === WONT ? 'theirs' : 'ours';
    const [yes, no] = side === 'theirs' ? [DO, DONT] : [WILL, WONT];
    const state = this.#state(side, code);
    if (command === WILL || command === DO) {
      if (state === 'yes') return;
      if (!agreed[side].includes(code)) return void this.#reply.push(IAC, no, code);
      this.#set(side, code, 'yes');
      this.#reply.push(IAC, yes, code);
      if (side === 'ours' && code === option.windowSize) this.#reply.push(...this.#size());
      return;
    }
    if (state === 'yes') this.#reply.push(IAC, no, code);
    this.#set(side, code, 'no');
  }

  /** @see RFC 1091 */
  #subnegotiate(sub: readonly number[]): void {
    const send = 1;
    const is = 0;
    if (sub[0] !== option.terminalType || sub[1] !== send || this.#state('ours', option.terminalType) !== 'yes') return;
    if (this.#commands > maxCommands) return;
    this.#reply.push(IAC, SB, option.terminalType, is, ...Buffer.from(this.#terminal.toUpperCase(), 'latin1'), IAC, SE);
  }

  #size(): number[] {
    const numbers = [this.#columns >> 8, this.#columns & 255, this.#rows >> 8, this.#rows & 255];
    return [IAC, SB, option.windowSize, ...numbers.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])), IAC, SE];
  }

  #state(side: Side, code: number): State {
    return this.#states[side].get(code) ?? 'no';
  }

  #set(side: Side, code: number, state: State): void {
    this.#states[side].set(code, state);
  }
}
