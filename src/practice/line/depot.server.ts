import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type Line, decodeLine, encodeLine } from './line.codec.ts';

/** What the depot has really done, in order. */
export interface DepotEntry {
  readonly kind: 'reserve' | 'order' | 'nudge';
  readonly ref: string;
  readonly sku: string;
  readonly atMs: number;
}

export type DepotFaultKind =
  /** Accepts and never says a word. */
  | 'silent'
  /** Does the work, then cuts the connection without an answer, and sends no result either. */
  | 'commit-then-drop'
  /** Answers nothing, and does the work after `ms`. */
  | 'commit-late'
  | 'drop-before'
  | 'busy'
  | 'reject'
  | 'garbage'
  | 'slow'
  | 'deny'
  /** Queues an order and never sends its result. */
  | 'no-result'
  /** Sends the result before it says QUEUED. */
  | 'result-first'
  | 'result-twice';

export interface DepotFault {
  readonly kind: DepotFaultKind;
  readonly ms?: number;
  /** Only requests whose ref or sku contains this. */
  readonly matching?: string;
  /** How many requests it meets; without it, until `clear`. */
  times?: number;
}

export interface DepotOptions {
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** One JSON line an entry, on the disk before it is answered. */
  readonly ledgerFile?: string;
  /** How long an order takes until its result, ms. */
  readonly orderMs?: number;
}

/**
 * A small depot to practise on: stock, reservations in two steps, orders whose result comes later, and faults on request. It never checks
 * whether a reservation was made before: that is what makes it a legacy system.
 */
export class PracticeDepot {
  readonly #options: Required<Omit<DepotOptions, 'ledgerFile' | 'port'>> & { ledgerFile: string | null };
  readonly #ledger: DepotEntry[] = [];
  readonly #faults: DepotFault[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #listeners = new Set<Socket>();
  readonly #results = new Map<string, Line>();
  readonly #prepared = new Map<string, { ref: string; sku: string; qty: string }>();
  readonly #late = new Set<Promise<void>>();
  #server: Server | null = null;
  #port = 0;
  #tokens = 0;
  #file: number | null = null;
  password: string;

  private constructor({ user = 'gatehouse', password = 'practice', ledgerFile, orderMs = 20 }: DepotOptions) {
    this.#options = { user, password, ledgerFile: ledgerFile ?? null, orderMs };
    this.password = password;
    if (ledgerFile === undefined) return;
    if (existsSync(ledgerFile))
      for (const line of readFileSync(ledgerFile, 'utf8').split('\n')) if (line !== '') this.#ledger.push(JSON.parse(line) as DepotEntry);
    appendFileSync(ledgerFile, '');
    this.#file = openSync(ledgerFile, 'a');
  }

  static async start(options: DepotOptions = {}): Promise<PracticeDepot> {
    const depot = new PracticeDepot(options);
    depot.#port = options.port ?? 0;
    await depot.reopen();
    return depot;
  }

  get port(): number {
    return this.#port;
  }

  ledger(): readonly DepotEntry[] {
    return this.#ledger;
  }

  fault(fault: DepotFault): void {
    this.#faults.push({ ...fault });
  }

  /** Faults that were not used up yet. */
  faultsLeft(): number {
    return this.#faults.length;
  }

  clear(): void {
    this.#faults.length = 0;
  }

  /** Refuses connections and cuts those that stand, until `reopen`. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  async reopen(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async close(): Promise<void> {
    await this.stop();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setEncoding('utf8');
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#listeners.delete(socket);
    });
    let buffer = '';
    let loggedIn = false;
    socket.on('data', (text: string) => {
      buffer += text;
      const lines = buffer.split('\r\n');
      buffer = lines.pop() ?? '';
      for (const line of lines) loggedIn = this.#handle(socket, decodeLine(line), loggedIn);
    });
  }

  /** @returns whether the connection is logged in from here on */
  #handle(socket: Socket, request: Line, loggedIn: boolean): boolean {
    const fault = this.#meets(request);
    if (fault?.kind === 'silent') return loggedIn;
    if (fault?.kind === 'drop-before') {
      socket.destroy();
      return loggedIn;
    }
    if (request.verb === 'LOGIN') {
      const right = request.fields['user'] === this.#options.user && request.fields['password'] === this.password && fault?.kind !== 'deny';
      this.#say(socket, { verb: right ? 'OK' : 'DENIED', fields: {} });
      return right;
    }
    if (!loggedIn) {
      this.#say(socket, { verb: 'DENIED', fields: {} });
      return false;
    }
    if (fault?.kind === 'slow') setTimeout(() => this.#answer(socket, request, undefined), fault.ms ?? 100).unref();
    else this.#answer(socket, request, fault);
    return true;
  }

  #meets({ verb, fields }: Line): DepotFault | undefined {
    const token = this.#prepared.get(fields['token'] ?? '');
    const subject = `${fields['ref'] ?? token?.ref ?? ''} ${fields['sku'] ?? token?.sku ?? ''}`;
    // A request in two steps meets a fault at the step that matters.
    const applies = (fault: DepotFault): boolean =>
      (fault.matching === undefined ? true : subject.includes(fault.matching)) &&
      (fault.kind === 'silent' || fault.kind === 'drop-before' || (fault.kind === 'deny' ? verb === 'LOGIN' : verb !== 'LOGIN')) &&
      !((fault.kind === 'commit-then-drop' || fault.kind === 'commit-late') && !['COMMIT', 'ORDER', 'NUDGE'].includes(verb));
    const fault = this.#faults.find(applies);
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    }
    return fault;
  }

  #answer(socket: Socket, request: Line, fault: DepotFault | undefined): void {
    switch (fault?.kind) {
      case 'busy':
        return this.#say(socket, { verb: 'BUSY', fields: {} });
      case 'reject':
        return this.#say(socket, { verb: 'REJECTED', fields: { code: 'NO_STOCK', text: 'nothing left' } });
      case 'garbage':
        socket.write('<html>502 Bad Gateway</html>\r\n');
        return undefined;
      case 'commit-then-drop':
        this.#do(request, undefined, { kind: 'no-result' });
        socket.destroy();
        return undefined;
      case 'commit-late':
        this.#doLate(request, fault.ms ?? 100);
        return undefined;
      default:
        return this.#do(request, socket, fault);
    }
  }

  #doLate(request: Line, ms: number): void {
    const work = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#do(request, undefined);
        this.#late.delete(work);
        resolve();
      }, ms);
    });
    this.#late.add(work);
  }

  /** Resolves when nothing that was accepted is still to be carried out. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#late);
  }

  #do({ verb, fields }: Line, socket: Socket | undefined, fault?: DepotFault): void {
    const { ref = '', sku = '', qty = '1', token = '' } = fields;
    switch (verb) {
      case 'STOCK':
        return this.#say(socket, { verb: 'DONE', fields: { onHand: sku.startsWith('NONE') ? '0' : '100' } });
      case 'RESERVE':
        if (sku.startsWith('NONE')) return this.#say(socket, { verb: 'REJECTED', fields: { code: 'NO_STOCK', text: `nothing left of ${sku}` } });
        this.#tokens += 1;
        this.#prepared.set(`T${this.#tokens}`, { ref, sku, qty });
        return this.#say(socket, { verb: 'PREPARED', fields: { token: `T${this.#tokens}` } });
      case 'COMMIT':
        return this.#commit(token, socket);
      case 'FIND': {
        const found = this.#ledger.findIndex((entry) => entry.kind === 'reserve' && entry.ref === ref);
        return this.#say(socket, { verb: 'DONE', fields: { found: found < 0 ? 'no' : 'yes', reservation: found < 0 ? '' : `R${found + 1}` } });
      }
      case 'NUDGE':
        this.#commitEntry({ kind: 'nudge', ref, sku });
        return this.#say(socket, { verb: 'DONE', fields: {} });
      case 'ORDER':
        return this.#order(ref, sku, socket, fault);
      case 'LISTEN':
        if (socket !== undefined) this.#listeners.add(socket);
        for (const result of this.#results.values()) this.#say(socket, result);
        return undefined;
      case 'GOT':
        this.#results.delete(ref);
        return undefined;
      default:
        return this.#say(socket, { verb: 'UNKNOWN', fields: {} });
    }
  }

  #commit(token: string, socket: Socket | undefined): void {
    const prepared = this.#prepared.get(token);
    this.#prepared.delete(token);
    if (prepared === undefined) return this.#say(socket, { verb: 'REJECTED', fields: { code: 'NO_TOKEN', text: 'no such token' } });
    const n = this.#commitEntry({ kind: 'reserve', ref: prepared.ref, sku: prepared.sku });
    return this.#say(socket, { verb: 'DONE', fields: { reservation: `R${n}` } });
  }

  #order(ref: string, sku: string, socket: Socket | undefined, fault: DepotFault | undefined): void {
    const result = (): void => {
      const rejected = sku.startsWith('NONE');
      const fields: Record<string, string> = rejected
        ? { ref, status: 'REJECTED', code: 'NO_STOCK', text: `nothing left of ${sku}` }
        : { ref, status: 'OK', order: `O-${ref}` };
      this.#results.set(ref, { verb: 'RESULT', fields });
      for (const listener of this.#listeners) this.#say(listener, { verb: 'RESULT', fields });
      if (fault?.kind === 'result-twice') for (const listener of this.#listeners) this.#say(listener, { verb: 'RESULT', fields });
    };
    this.#commitEntry({ kind: 'order', ref, sku });
    if (fault?.kind === 'result-first') result();
    this.#say(socket, { verb: 'QUEUED', fields: { ref } });
    if (fault?.kind !== 'result-first' && fault?.kind !== 'no-result') setTimeout(result, this.#options.orderMs).unref();
  }

  /** Sends the result of an order that was queued under `no-result`, or any other. */
  sendResult(ref: string, fields: Readonly<Record<string, string>> = { status: 'OK', order: `O-${ref}` }): void {
    this.#results.set(ref, { verb: 'RESULT', fields: { ref, ...fields } });
    for (const listener of this.#listeners) this.#say(listener, { verb: 'RESULT', fields: { ref, ...fields } });
  }

  #commitEntry(entry: Omit<DepotEntry, 'atMs'>): number {
    const n = this.#ledger.push({ ...entry, atMs: Date.now() });
    if (this.#file !== null) {
      writeSync(this.#file, `${JSON.stringify(this.#ledger[n - 1])}\n`);
      fsyncSync(this.#file);
    }
    return n;
  }

  #say(socket: Socket | undefined, line: Line): void {
    if (socket?.writable === true) socket.write(`${encodeLine(line)}\r\n`);
  }
}
