import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { LateWork } from '../terminal/late-work.ts';
import { Ledger } from '../terminal/ledger.ts';
import { type HeldPolicy, SignOnDesk } from '../terminal/sign-on-desk.ts';
import { type TerminalFault, TerminalFaults } from '../terminal/terminal.faults.ts';
import { type Addressing } from './address.ts';
import { CustomerFile, type MainframeEntry } from './customers.ts';
import { Ebcdic, type EbcdicCodePage } from './ebcdic.ts';
import { MainframeSession, type Mainframe } from './host-session.ts';
import { type MainframeScreen } from './screens.ts';
import { Tn3270Line } from './tn3270.line.ts';

export interface MainframeOptions {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  /** More user ids, with the same password. */
  readonly users?: readonly string[];
  readonly password?: string;
  /** Default 1. */
  readonly sessionsPerUser?: number;
  /** Default `ask`. */
  readonly held?: HeldPolicy;
  /** How long a session stands after its connection broke, ms. Default 30,000. */
  readonly holdMs?: number;
  /** Wrong passwords in a row that revoke the user id. Default 3. */
  readonly lockAfter?: number;
  /** Default 37. */
  readonly codePage?: EbcdicCodePage;
  /** Of buffer addresses on screens that 12 bits are enough for. Default 12. */
  readonly addressing?: Addressing;
  /** Offer TN3270E. Default false. */
  readonly enhanced?: boolean;
  /** Ask the terminal what it can do before the first screen. Default false. */
  readonly query?: boolean;
  /** One JSON line an entry, on the disk before the confirmation is shown. */
  readonly ledgerFile?: string;
}

const maxConnections = 128;

/**
 * A mainframe to practise on: a customer file on a 3270, over TN3270 or TN3270E, with faults on request. It never checks whether an update
 * was saved before: that is what makes it a legacy system.
 */
export class PracticeMainframe {
  readonly #options: Required<Pick<MainframeOptions, 'host' | 'enhanced'>>;
  readonly #mainframe: Mainframe;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port: number;

  private constructor(options: MainframeOptions) {
    const { host = '127.0.0.1', port = 0, user = 'gatehouse', password = 'practice', enhanced = false, addressing = 12 } = options;
    this.#options = { host, enhanced };
    this.#port = port;
    const ledger = new Ledger<MainframeEntry>(options.ledgerFile);
    this.#mainframe = {
      ledger,
      customers: new CustomerFile(ledger.entries),
      faults: new TerminalFaults<MainframeScreen>(),
      desk: new SignOnDesk({
        user,
        users: options.users ?? [],
        password,
        sessionsPerUser: options.sessionsPerUser ?? 1,
        held: options.held ?? 'ask',
        holdMs: options.holdMs ?? 30_000,
        lockAfter: options.lockAfter ?? 3,
      }),
      late: new LateWork(),
      ebcdic: new Ebcdic(options.codePage ?? 37),
      addressing,
      query: options.query ?? false,
      sessions: new Set(),
    };
  }

  static async start(options: MainframeOptions = {}): Promise<PracticeMainframe> {
    const practice = new PracticeMainframe(options);
    await practice.reopen();
    return practice;
  }

  get port(): number {
    return this.#port;
  }

  get password(): string {
    return this.#mainframe.desk.password;
  }

  set password(password: string) {
    this.#mainframe.desk.password = password;
  }

  ledger(): readonly MainframeEntry[] {
    return this.#mainframe.ledger.entries;
  }

  fault(fault: TerminalFault<MainframeScreen>): void {
    this.#mainframe.faults.add(fault);
  }

  /** Faults that were not used up yet. */
  faultsLeft(): number {
    return this.#mainframe.faults.left;
  }

  /** No more faults; sessions that were deaf hear again. */
  clear(): void {
    this.#mainframe.faults.clear();
    for (const session of this.#mainframe.sessions) session.calm();
  }

  /** A message in the place of whatever any session shows, now. */
  broadcast(text: string): void {
    for (const session of this.#mainframe.sessions) session.broadcast(text);
  }

  /** Sessions of users: those in use, and those that stand without a connection. */
  sessions(): { readonly attached: number; readonly held: number } {
    const all = this.#mainframe.desk.sessions;
    const attached = all.filter((session) => session.attached).length;
    return { attached, held: all.length - attached };
  }

  /** Every sign-on that was tried on its screen, in order. */
  signOns(): readonly { readonly user: string; readonly is: string }[] {
    return this.#mainframe.desk.judged;
  }

  /** Lets a user in again whose wrong passwords have revoked it. */
  unlock(): void {
    this.#mainframe.desk.unlock();
  }

  /** Cuts every connection; the host goes on, and the sessions stand. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async caughtUp(): Promise<void> {
    await this.#mainframe.late.done();
  }

  /** The host is down: connections are cut and refused, sessions are gone, until `reopen`. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.cut();
    this.#mainframe.desk.endAll();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  async reopen(): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      void new Tn3270Line(socket, { enhanced: this.#options.enhanced, ready: (line) => void new MainframeSession(this.#mainframe, line) });
    });
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async close(): Promise<void> {
    await this.stop();
    this.#mainframe.ledger.close();
  }
}
