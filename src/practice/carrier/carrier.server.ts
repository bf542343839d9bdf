import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshDoor } from '../ssh/ssh.door.ts';
import { LateWork } from '../terminal/late-work.ts';
import { type CarrierEntry } from './booking.ts';
import { CarrierDesk } from './carrier.desk.ts';
import { type CarrierFault, CarrierFaults } from './carrier.faults.ts';
import { SftpSession } from './sftp.session.ts';

export interface CarrierOptions {
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** Public keys that are taken instead of the password, as in authorized_keys. */
  readonly authorizedKeys?: readonly string[];
  /** Number of the first manifest; null takes the first that comes. Default 1. */
  readonly first?: number | null;
}

const maxConnections = 128;

/** A carrier to practise on: it takes manifests by SFTP and answers with reply files, with faults on request. */
export class PracticeCarrier {
  readonly #options: Required<Pick<CarrierOptions, 'host' | 'user'>>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'practice-carrier-'));
  readonly #faults = new CarrierFaults();
  readonly #late = new LateWork();
  readonly #desk: CarrierDesk;
  readonly #door: SshDoor;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port: number;
  password: string;

  private constructor({ host = '127.0.0.1', port = 0, user = 'gatehouse', password = 'practice', authorizedKeys = [], ...desk }: CarrierOptions) {
    this.#options = { host, user };
    this.#port = port;
    this.password = password;
    this.#desk = new CarrierDesk({ ...desk, folder: join(this.#folder, 'served'), faults: this.#faults, late: this.#late });
    this.#door = new SshDoor({
      knowsUser: (name) => name === user,
      knows: (given) => given === this.password,
      authorizedKeys,
      opened: (session, socket) => {
        session.on('subsystem', (accept, reject, { name }) => {
          if (name === 'sftp') this.#serve(accept() as never, socket);
          else reject();
        });
      },
    });
  }

  static async start(options: CarrierOptions = {}): Promise<PracticeCarrier> {
    const practice = new PracticeCarrier(options);
    await practice.reopen();
    return practice;
  }

  get port(): number {
    return this.#port;
  }

  /** Of the host key, as OpenSSH prints it. */
  get fingerprint(): string {
    return this.#door.fingerprint;
  }

  /** What is served; `manifests` and `replies` are in it. */
  get folder(): string {
    return join(this.#folder, 'served');
  }

  /** The shipments that were really booked, in order. */
  ledger(): readonly CarrierEntry[] {
    return this.#desk.ledger;
  }

  /** The manifests that were taken, as they came. */
  taken(): ReadonlyMap<string, Uint8Array> {
    return this.#desk.taken();
  }

  /** Numbers of manifests that wait for one that has not come: a gap, as long as there are any. */
  held(): readonly number[] {
    return this.#desk.held;
  }

  /** Numbers of manifests that came more than once. */
  repeated(): readonly number[] {
    return this.#desk.repeated;
  }

  fault(fault: CarrierFault): void {
    this.#faults.add(fault);
  }

  /** Faults that were not used up yet. */
  faultsLeft(): number {
    return this.#faults.left;
  }

  clear(): void {
    this.#faults.clear();
  }

  /** Sends the reply file with the wrong trailer again, as it should have been. */
  mend(): void {
    this.#desk.mend();
  }

  /** Cuts every connection; the server goes on. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async caughtUp(): Promise<void> {
    await this.#late.done();
  }

  /** Connections are cut and refused until `reopen`. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.cut();
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async reopen(): Promise<void> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      this.#door.serve(socket);
    });
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** For good: what was served is removed. */
  async close(): Promise<void> {
    await this.stop();
    await this.caughtUp();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #serve(channel: ConstructorParameters<typeof SftpSession>[1], socket: Socket): void {
    const { folder } = this;
    const named = (name: string): void => {
      if (name.endsWith('.done')) this.#desk.look();
    };
    void new SftpSession({ folder, faults: this.#faults, named, takeAtOnce: (name) => this.#desk.take(name) }, channel, socket);
  }
}
