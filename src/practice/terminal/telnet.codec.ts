/** @see RFC 854; EOR is RFC 885 */
export const telnet = {
  eor: 239,
  se: 240,
  nop: 241,
  dm: 242,
  ayt: 246,
  ga: 249,
  sb: 250,
  will: 251,
  wont: 252,
  do: 253,
  dont: 254,
  iac: 255,
} as const;

/** @see RFC 856, 857, 858, 885, 1073, 1091, 2355 */
export const telnetOption = { binary: 0, echo: 1, sga: 3, ttype: 24, eor: 25, naws: 31, tn3270e: 40 } as const;

export interface TelnetEvents {
  data(bytes: Uint8Array): void;
  negotiation(command: 'will' | 'wont' | 'do' | 'dont', option: number): void;
  /** Payload of a subnegotiation, IAC undoubled. */
  subnegotiation(option: number, payload: Uint8Array): void;
  /** Any other command, such as EOR or AYT. */
  command(code: number): void;
}

const maxSubnegotiationBytes = 512;
const verbs = { [telnet.will]: 'will', [telnet.wont]: 'wont', [telnet.do]: 'do', [telnet.dont]: 'dont' } as const;

/** Splits a telnet stream into data and commands, in whatever pieces it arrives. A subnegotiation past 512 bytes is forgotten, not gathered. */
export class TelnetReader {
  readonly #events: TelnetEvents;
  #state: 'data' | 'iac' | 'verb' | 'sb' | 'sb-data' | 'sb-iac' = 'data';
  #verb: keyof typeof verbs = telnet.will;
  #option = 0;
  #payload: number[] = [];
  #tooLong = false;

  constructor(events: TelnetEvents) {
    this.#events = events;
  }

  read(bytes: Uint8Array): void {
    let start = this.#state === 'data' ? 0 : -1;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (this.#state === 'data') {
        if (byte !== telnet.iac) continue;
        if (at > start) this.#events.data(bytes.subarray(start, at));
        this.#state = 'iac';
      } else if (this.#step(byte)) start = this.#escaped ? at : at + 1;
      this.#escaped = false;
    }
    if (this.#state === 'data' && start >= 0 && start < bytes.length) this.#events.data(bytes.subarray(start));
  }

  /** IAC IAC is one byte of data: the second of them is where data goes on. */
  #escaped = false;

  /** @returns whether data goes on after this byte */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'iac':
        return this.#command(byte);
      case 'verb':
        this.#state = 'data';
        this.#events.negotiation(verbs[this.#verb], byte);
        return true;
      case 'sb':
        this.#option = byte;
        this.#payload = [];
        this.#tooLong = false;
        this.#state = 'sb-data';
        return false;
      case 'sb-data':
        if (byte === telnet.iac) this.#state = 'sb-iac';
        else this.#gather(byte);
        return false;
      case 'sb-iac':
        return this.#endOfSubnegotiation(byte);
      default:
        return true;
    }
  }

  #command(byte: number): boolean {
    if (byte === telnet.will || byte === telnet.wont || byte === telnet.do || byte === telnet.dont) {
      this.#verb = byte;
      this.#state = 'verb';
      return false;
    }
    if (byte === telnet.sb) {
      this.#state = 'sb';
      return false;
    }
    this.#state = 'data';
    if (byte === telnet.iac) this.#escaped = true;
    else this.#events.command(byte);
    return true;
  }

  #gather(byte: number): void {
    if (this.#payload.length < maxSubnegotiationBytes) this.#payload.push(byte);
    else this.#tooLong = true;
  }

  #endOfSubnegotiation(byte: number): boolean {
    if (byte === telnet.iac) {
      this.#gather(byte);
      this.#state = 'sb-data';
      return false;
    }
    this.#state = 'data';
    if (byte === telnet.se && !this.#tooLong) this.#events.subnegotiation(this.#option, Uint8Array.from(this.#payload));
    this.#payload = [];
    return true;
  }
}

/** Data as it travels: IAC doubled. */
export function escapeIac(bytes: Uint8Array): Uint8Array {
  let doubled = 0;
  for (const byte of bytes) if (byte === telnet.iac) doubled += 1;
  if (doubled === 0) return bytes;
  const escaped = new Uint8Array(bytes.length + doubled);
  let to = 0;
  for (const byte of bytes) {
    escaped[to++] = byte;
    if (byte === telnet.iac) escaped[to++] = byte;
  }
  return escaped;
}

export const negotiate = (command: 'will' | 'wont' | 'do' | 'dont', option: number): Uint8Array => Uint8Array.of(telnet.iac, telnet[command], option);

export const subnegotiate = (option: number, ...payload: readonly number[]): Uint8Array =>
  Uint8Array.from([telnet.iac, telnet.sb, option, ...escapeIac(Uint8Array.from(payload)), telnet.iac, telnet.se]);
