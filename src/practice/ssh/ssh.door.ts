import { createHash, generateKeyPairSync, timingSafeEqual } from 'node:crypto';
import { type Socket } from 'node:net';
import ssh2, { type AuthContext, type ClientInfo, type Connection, type ParsedKey, type Session } from 'ssh2';

export interface SshDoorOptions {
  readonly knowsUser: (user: string) => boolean;
  /** Asked every time: it may change. */
  readonly knows: (password: string) => boolean;
  /** In the format of authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** A logged-in client wants a terminal, a subsystem or something else: what is not listened for is refused. */
  readonly opened: (session: Session, socket: Socket) => void;
}

const handshakeMs = 20_000;
/** As OpenSSH has them. */
const maxSessions = 10;
const maxAuthTries = 6;

/** An SSH server with one host key of its own, made when it is made. It gives out what `opened` takes, and nothing else: no forwarding. */
export class SshDoor {
  readonly #server: ssh2.Server;
  readonly #options: SshDoorOptions;
  readonly #keys: readonly ParsedKey[];
  /** By address and port: the library names a client only when its first bytes have come, and never its socket. */
  readonly #arriving = new Map<string, { socket: Socket; impatience: NodeJS.Timeout }>();
  /** As OpenSSH prints it: SHA256: and base64. */
  readonly fingerprint: string;
  /** As known_hosts has it: type and base64. */
  readonly publicKey: string;

  constructor(options: SshDoorOptions) {
    this.#options = options;
    const privateKey = newHostKey();
    const key = ssh2.utils.parseKey(privateKey);
    if (key instanceof Error) throw key;
    this.publicKey = `${key.type} ${key.getPublicSSH().toString('base64')}`;
    this.fingerprint = `SHA256:${createHash('sha256').update(key.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
    this.#keys = options.authorizedKeys.map((text) => {
      const key = ssh2.utils.parseKey(text);
      if (key instanceof Error) throw key;
      return key;
    });
    this.#server = new ssh2.Server({ hostKeys: [privateKey], ident: 'practice' }, (client, from) => this.#greeted(client, from));
  }

  serve(socket: Socket): void {
    const from = `${socket.remoteAddress} ${socket.remotePort}`;
    const impatience = setTimeout(() => socket.destroy(), handshakeMs).unref();
    this.#arriving.set(from, { socket, impatience });
    socket.once('close', () => {
      clearTimeout(impatience);
      this.#arriving.delete(from);
    });
    this.#server.injectSocket(socket);
  }

  #greeted(client: Connection, { ip, port }: ClientInfo): void {
    const arrival = this.#arriving.get(`${ip} ${port}`);
    client.on('error', () => arrival?.socket.destroy());
    if (arrival === undefined) return void client.end();
    let tries = 0;
    client.on('authentication', (context) => {
      // Every client asks first which methods there are.
      if (context.method !== 'none') tries += 1;
      if (tries > maxAuthTries) arrival.socket.destroy();
      else this.#authenticate(context);
    });
    let sessions = 0;
    client.on('ready', () => {
      clearTimeout(arrival.impatience);
      client.on('session', (accept, reject) => {
        sessions += 1;
        if (sessions > maxSessions) reject();
        else this.#options.opened(accept(), arrival.socket);
      });
    });
  }

  #authenticate(context: AuthContext): void {
    const rightUser = this.#options.knowsUser(context.username);
    if (context.method === 'password' && rightUser && this.#options.knows(context.password)) return context.accept();
    if (context.method === 'publickey' && rightUser) {
      const key = this.#keys.find((each) => each.type === context.key.algo && same(each.getPublicSSH(), context.key.data));
      if (
        key !== undefined &&
        (context.signature === undefined || key.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true)
      )
        return context.accept();
    }
    return context.reject(this.#keys.length > 0 ? ['password', 'publickey'] : ['password']);
  }
}

/** ECDSA by Node: one in 256 of the Ed25519 keys that ssh2 1.17 makes itself it cannot read again. */
function newHostKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

const same = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
