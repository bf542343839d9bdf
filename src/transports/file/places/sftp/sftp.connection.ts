import { Refused, Unfit, failure } from '../faults.ts';
import { type FilePath } from '../file-path.ts';
import { type Promises } from '../place.ts';
import { type PlaceSettings } from '../place.settings.ts';
import { type Pooled } from '../pool.ts';
import { type SftpSession } from './sftp.session.ts';
import { type SshConnection, dialSftp } from './ssh.connection.ts';

/** How long a directory that was found to lie inside the place is not asked for again, ms. */
const verifiedForMs = 10_000;

/** A logged-in connection that knows where the place is on the server, and what the server can do. */
export class SftpConnection implements Pooled {
  readonly session: SftpSession;
  /** The directory of the place, every link in it resolved. */
  readonly root: Buffer;
  readonly promises: Promises;
  readonly syncs: boolean;
  readonly #ssh: SshConnection;
  readonly #verified = new Map<string, number>();

  private constructor(ssh: SshConnection, root: Buffer) {
    this.#ssh = ssh;
    this.session = ssh.session;
    this.root = root;
    const { extensions } = ssh.session;
    this.syncs = extensions.has('fsync@openssh.com');
    // The servers that offer it have a plain rename that never replaces; of others only the specification says so. @see OpenSSH PROTOCOL, section 4.3
    const posix = extensions.has('posix-rename@openssh.com');
    this.promises = {
      content: this.syncs ? 'on disk' : 'as the server says',
      names: 'as the server says',
      fail: posix ? 'atomic' : 'looked at first',
      replace: posix ? 'atomic' : 'removed first',
      told: `${ssh.software}: ${this.syncs ? 'fsync' : 'no fsync'}, ${posix ? 'rename without replacing, posix-rename' : 'look and rename, remove and rename'}`,
    };
  }

  /** @throws GatehouseError, classified */
  static async dial(place: string, settings: PlaceSettings, signal: AbortSignal): Promise<SftpConnection> {
    const ssh = await dialSftp(place, settings, signal);
    try {
      return new SftpConnection(ssh, await realpath(ssh.session, Buffer.from(settings.directory), signal));
    } catch (thrown) {
      ssh.end();
      throw failure({ place, doing: 'use the directory', path: '' }, thrown);
    }
  }

  get usable(): boolean {
    return this.session.usable;
  }

  end(): void {
    this.#ssh.end();
  }

  /** The server's path of a file, whose directory is sure to lie inside the place. @throws Unfit */
  async at(path: FilePath, signal: AbortSignal): Promise<Buffer> {
    return joined(await this.directory(path.directory, signal), path.name);
  }

  /** The next use looks at the directory again. */
  forget(path: FilePath): void {
    this.#verified.delete(path.toString());
  }

  /** @throws Unfit when it is missing, no directory, or reached through a link */
  async directory(path: FilePath, signal: AbortSignal): Promise<Buffer> {
    const at = path.segments.reduce(joined, this.root);
    const key = path.toString();
    const verifiedMs = this.#verified.get(key);
    if (verifiedMs !== undefined && performance.now() - verifiedMs < verifiedForMs) return at;
    const asked = this.session.send('attributes', 'lstat', at);
    try {
      const real = await realpath(this.session, at, signal);
      const { attributes } = await this.session.settled(signal, asked);
      if (!real.equals(at)) throw new Refused('ELOOP', 'a symbolic link is on the way to it');
      if (attributes.mode !== null && (attributes.mode & 0o170_000) !== 0o040_000) throw new Refused('ENOTDIR', 'it is no directory');
    } catch (error) {
      throw error instanceof Refused ? new Unfit(key, error) : error;
    }
    if (this.#verified.size > 1_000) this.#verified.clear();
    this.#verified.set(key, performance.now());
    return at;
  }
}

async function realpath(session: SftpSession, path: Buffer, signal: AbortSignal): Promise<Buffer> {
  const { names } = await session.request('names', signal, 'realpath', path);
  const [first] = names;
  if (first === undefined || first.name.length === 0) throw new Refused('SSH_FX_BAD_MESSAGE', 'no name came for the path');
  return first.name;
}

const joined = (directory: Buffer, name: Buffer): Buffer =>
  Buffer.concat(directory.at(-1) === 0x2f ? [directory, name] : [directory, Buffer.from('/'), name]);
