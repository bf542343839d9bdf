import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { SshDoor } from '../ssh/ssh.door.ts';
import { LateWork } from '../terminal/late-work.ts';
import { Ledger } from '../terminal/ledger.ts';
import { type HeldPolicy, SignOnDesk } from '../terminal/sign-on-desk.ts';
import { type TerminalFault, TerminalFaults } from '../terminal/terminal.faults.ts';
import { type TerminalLine } from '../terminal/terminal-line.ts';
import { StockroomSession, type Stockroom } from './host-session.ts';
import { type StockroomScreen } from './screens.ts';
import { terminalOf } from './ssh.line.ts';
import { type Draft, type StockroomEntry, reserve } from './stock.ts';
import { TelnetLine } from './telnet.line.ts';

export interface StockroomOptions {
  readonly host?: string;
  readonly sshPort?: number;
  readonly telnetPort?: number;
  /** Of SSH and of the sign-on screen alike. */
  readonly user?: string;
  /** More user ids, with the same password. */
  readonly users?: readonly string[];
  readonly password?: string;
  /** Public keys that SSH takes instead of the password, as in authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  /** Default 1. */
  readonly sessionsPerUser?: number;
  /** Default `ask`. */
  readonly held?: HeldPolicy;
  /** How long a session stands after its connection broke, ms. Default 30,000. */
  readonly holdMs?: number;
  /** Wrong passwords in a row that lock the user. Default 3. */
  readonly lockAfter?: number;
  /** Shown once after sign-on, until any key is pressed. Default none. */
  readonly news?: string;
  /** Ask the terminal what it is (`ESC [ c`) and show nothing until it answers. Default false. */
  readonly identify?: boolean;
  /** One JSON line an entry, on the disk before the confirmation is shown. */
  readonly ledgerFile?: string;
}

const maxConnections = 128;

/**
 * A stockroom to practise on: a full-screen program for a VT220, over SSH and telnet, with faults on request. It never checks whether a
 * reservation was made before: that is what makes it a legacy system.
 */
export class PracticeStockroom {
  readonly #host: string;
  readonly #room: Stockroom;
  readonly #authorizedKeys: readonly string[];
  readonly #sockets = new Set<Socket>();
  readonly #ports: { ssh: number; telnet: number };
  #door: SshDoor;
  #servers: Server[] = [];

  private constructor(options: StockroomOptions) {
    const { host = '127.0.0.1', user = 'gatehouse', password = 'practice', sessionsPerUser = 1 } = options;
    this.#host = host;
    this.#authorizedKeys = options.authorizedKeys ?? [];
    this.#ports = { ssh: options.sshPort ?? 0, telnet: options.telnetPort ?? 0 };
    this.#room = {
      ledger: new Ledger<StockroomEntry>(options.ledgerFile),
      faults: new TerminalFaults<StockroomScreen>(),
      desk: new SignOnDesk({
        user,
        users: options.users ?? [],
        password,
        sessionsPerUser,
        held: options.held ?? 'ask',
        holdMs: options.holdMs ?? 30_000,
        lockAfter: options.lockAfter ?? 3,
      }),
      late: new LateWork(),
      news: options.news ?? '',
      identify: options.identify ?? false,
      sessions: new Set(),
    };
    this.#door = this.#newDoor();
  }

  static async start(options: StockroomOptions = {}): Promise<PracticeStockroom> {
    const practice = new PracticeStockroom(options);
    await practice.reopen();
    return practice;
  }

  get sshPort(): number {
    return this.#ports.ssh;
  }

  get telnetPort(): number {
    return this.#ports.telnet;
  }

  /** Of the host key, as OpenSSH prints it. */
  get fingerprint(): string {
    return this.#door.fingerprint;
  }

  /** The host's public key as known_hosts has it, without the address. */
  get hostKey(): string {
    return this.#door.publicKey;
  }

  get password(): string {
    return this.#room.desk.password;
  }

  set password(password: string) {
    this.#room.desk.password = password;
  }

  ledger(): readonly StockroomEntry[] {
    return this.#room.ledger.entries;
  }

  /** What somebody at another terminal does. Null when there is not enough of it. */
  reserve(draft: Draft): StockroomEntry | null {
    return reserve(this.#room.ledger, draft, 'clerk');
  }

  fault(fault: TerminalFault<StockroomScreen>): void {
    this.#room.faults.add(fault);
  }

  /** Faults that were not used up yet. */
  faultsLeft(): number {
    return this.#room.faults.left;
  }

  /** No more faults; sessions that were deaf hear again. */
  clear(): void {
    this.#room.faults.clear();
    for (const session of this.#room.sessions) session.calm();
  }

  /** A message over whatever any session shows, now. */
  broadcast(text: string): void {
    for (const session of this.#room.sessions) session.broadcast(text);
  }

  /** Sessions of users: those in use, and those that stand without a connection. */
  sessions(): { readonly attached: number; readonly held: number } {
    const all = this.#room.desk.sessions;
    const attached = all.filter((session) => session.attached).length;
    return { attached, held: all.length - attached };
  }

  /** Every sign-on that was tried on its screen, in order. */
  signOns(): readonly { readonly user: string; readonly is: string }[] {
    return this.#room.desk.judged;
  }

  /** Lets a user in again whose wrong passwords have locked it. */
  unlock(): void {
    this.#room.desk.unlock();
  }

  /** Cuts every connection; the host goes on, and the sessions stand. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From the next connection on the host shows another key, as after a reinstallation. */
  changeHostKey(): void {
    this.#door = this.#newDoor();
  }

  async caughtUp(): Promise<void> {
    await this.#room.late.done();
  }

  /** The host is down: connections are cut and refused, sessions are gone, until `reopen`. */
  async stop(): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    this.cut();
    this.#room.desk.endAll();
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }

  async reopen(): Promise<void> {
    const telnet = await this.#listen(this.#ports.telnet, (socket) => void new TelnetLine(socket, (line) => this.#arrived(line)));
    const ssh = await this.#listen(this.#ports.ssh, (socket) => this.#door.serve(socket));
    this.#ports.telnet = (telnet.address() as AddressInfo).port;
    this.#ports.ssh = (ssh.address() as AddressInfo).port;
    this.#servers = [telnet, ssh];
  }

  async close(): Promise<void> {
    await this.stop();
    this.#room.ledger.close();
  }

  #arrived(line: TerminalLine): void {
    void new StockroomSession(this.#room, line);
  }

  #newDoor(): SshDoor {
    return new SshDoor({
      knowsUser: (user) => this.#room.desk.knowsUser(user),
      knows: (password) => this.#room.desk.knows(password),
      authorizedKeys: this.#authorizedKeys,
      opened: (session, socket) => terminalOf(session, socket, (line) => this.#arrived(line)),
    });
  }

  async #listen(port: number, serve: (socket: Socket) => void): Promise<Server> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      serve(socket);
    });
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, this.#host, resolve);
    });
    return server;
  }
}
