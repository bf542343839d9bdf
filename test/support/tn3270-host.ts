import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** @see RFC 854, RFC 885 (end of record), RFC 1576 (TN3270) */
const IAC = 255;
const [DO, WILL, SB, SE, EOR] = [253, 251, 250, 240, 239];
const [binary, terminalType, endOfRecord] = [0, 24, 25];

/** Field attribute bits. @see GA23-0059 */
export const attribute = { input: 0x00, protected: 0x20, numeric: 0x10, hidden: 0x0c, bright: 0x08 } as const;

/** Twelve-bit addresses are sent as two of these 64 codes. @see GA23-0059, table of I/O codes */
const code = (six: number): number =>
  [
    0x40, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7,
    0xd8, 0xd9, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f,
    0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f,
  ][six & 63] ?? 0x40;

const tables = new Map<string, Map<number, string>>();

/** iconv is the judge of code pages, not a table of ours. */
function pageOf(page: string): Map<number, string> {
  const known = tables.get(page);
  if (known !== undefined) return known;
  const bytes = Buffer.from(Array.from({ length: 192 }, (_, at) => at + 0x40));
  const text = [...execFileSync('iconv', ['-f', `IBM${page}`, '-t', 'UTF-8'], { input: bytes }).toString('utf8')];
  const table = new Map([...bytes].map((byte, at) => [byte, text[at] ?? '?']));
  tables.set(page, table);
  return table;
}

/** Writes one 3270 data stream. Rows and columns from 1. */
export class Painting {
  readonly #bytes: number[];
  readonly #page: string;
  readonly #columns: number;

  constructor(command: 'erase-write' | 'write' | 'erase-write-alternate', { unlock = true, page = '037', columns = 80 } = {}) {
    this.#bytes = [{ 'erase-write': 0xf5, write: 0xf1, 'erase-write-alternate': 0x7e }[command], unlock ? 0xc3 : 0xc1];
    this.#page = page;
    this.#columns = columns;
  }

  at(row: number, column: number): this {
    const address = (row - 1) * this.#columns + column - 1;
    this.#bytes.push(0x11, code(address >> 6), code(address));
    return this;
  }

  field(bits: number): this {
    this.#bytes.push(0x1d, code(bits));
    return this;
  }

  /** A field with extended attributes: pairs of type and value. */
  extendedField(bits: number, pairs: readonly (readonly [number, number])[]): this {
    this.#bytes.push(0x29, pairs.length + 1, 0xc0, code(bits), ...pairs.flat());
    return this;
  }

  /** From here on, one character attribute: type and value. */
  character(type: number, value: number): this {
    this.#bytes.push(0x28, type, value);
    return this;
  }

  cursor(): this {
    this.#bytes.push(0x13);
    return this;
  }

  text(text: string): this {
    const table = new Map([...pageOf(this.#page)].map(([byte, character]) => [character, byte]));
    for (const character of text) this.#bytes.push(table.get(character) ?? 0x6f);
    return this;
  }

  record(): Buffer {
    return Buffer.from([...this.#bytes.flatMap((byte) => (byte === IAC ? [IAC, IAC] : [byte])), IAC, EOR]);
  }
}

/** What a terminal sent: the key, where the cursor was, and the modified fields by their first cell, `row,column`. */
export interface Inbound {
  readonly aid: number;
  readonly fields: ReadonlyMap<string, string>;
}

export interface Connected {
  send(painting: Painting): void;
  /** Ends the connection. */
  drop(): void;
}

export interface Program {
  started(host: Connected): void;
  received?(host: Connected, inbound: Inbound): void;
}

/** A host that negotiates TN3270, sends what its program paints and reads what comes back. One program for each connection. */
export class Tn3270Host {
  readonly received: Inbound[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(program: Program, page: string, columns: number) {
    this.#server = createServer((socket) => this.#serve(socket, program, page, columns));
  }

  static async start(program: Program, { page = '037', columns = 80 } = {}): Promise<Tn3270Host> {
    const host = new Tn3270Host(program, page, columns);
    host.#server.listen(0, '127.0.0.1');
    await once(host.#server, 'listening');
    return host;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket, program: Program, page: string, columns: number): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    const connected: Connected = { send: (painting) => void socket.write(painting.record()), drop: () => void socket.destroy() };
    socket.write(Buffer.from([IAC, DO, terminalType]));
    let data = Buffer.alloc(0);
    let started = false;
    socket.on('data', (bytes: Buffer) => {
      data = Buffer.concat([data, bytes]);
      if (!started) {
        if (data.includes(Buffer.from([IAC, SB, terminalType, 0])) && data.includes(Buffer.from([IAC, SE]))) {
          started = true;
          data = Buffer.alloc(0);
          socket.write(Buffer.from([IAC, DO, endOfRecord, IAC, WILL, endOfRecord, IAC, DO, binary, IAC, WILL, binary]));
          program.started(connected);
        } else if (data.includes(Buffer.from([IAC, WILL, terminalType]))) {
          data = Buffer.alloc(0);
          socket.write(Buffer.from([IAC, SB, terminalType, 1, IAC, SE]));
        }
        return;
      }
      for (let end = data.indexOf(Buffer.from([IAC, EOR])); end >= 0; end = data.indexOf(Buffer.from([IAC, EOR]))) {
        const inbound = inboundOf(data.subarray(0, end), page, columns);
        data = data.subarray(end + 2);
        this.received.push(inbound);
        program.received?.(connected, inbound);
      }
    });
  }
}

function inboundOf(raw: Buffer, page: string, columns: number): Inbound {
  const bytes: number[] = [];
  for (let at = 0; at < raw.length; at += 1) {
    // What is left of the negotiation stands before the first record.
    if (raw[at] === IAC && raw[at + 1] !== IAC) at += 2;
    else bytes.push(raw[raw[at] === IAC ? (at += 1) : at] ?? 0);
  }
  const table = pageOf(page);
  const fields = new Map<string, string>();
  let key = '';
  for (let at = 3; at < bytes.length; at += 1) {
    if (bytes[at] === 0x11) {
      const [high = 0, low = 0] = [bytes[at + 1], bytes[at + 2]];
      const address = (high & 0xc0) === 0 ? (high << 8) | low : ((high & 63) << 6) | (low & 63);
      key = `${Math.floor(address / columns) + 1},${(address % columns) + 1}`;
      fields.set(key, '');
      at += 2;
    } else fields.set(key, (fields.get(key) ?? '') + (table.get(bytes[at] ?? 0) ?? '?'));
  }
  return { aid: bytes[0] ?? 0, fields };
}
