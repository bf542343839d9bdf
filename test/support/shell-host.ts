import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { need } from './needs.ts';

const startWithinMs = 60_000;

/** A port of 127.0.0.1 that nobody has now. */
export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const untilMs = performance.now() + startWithinMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode} before it listened on port ${port}`);
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (open) return;
    if (performance.now() > untilMs) throw new Error(`nothing listens on port ${port} after ${startWithinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * OpenSSH's server with a login shell: a free port, a temporary folder, keys of its own. Started by root it makes a user of its own, with a
 * password, and removes it again; otherwise it lets in who runs it, by key.
 */
export class ShellHost {
  readonly port: number;
  readonly user: string;
  /** Null unless root started it. */
  readonly password: string | null;
  readonly home: string;
  /** Private key of the user, without and with a passphrase. */
  readonly keyFile: string;
  readonly fingerprint: string;
  /** The public host key: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  readonly folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, port: number, user: string, password: string | null, child: ChildProcess) {
    this.folder = folder;
    this.port = port;
    this.user = user;
    this.password = password;
    this.home = join(folder, 'home');
    this.keyFile = join(folder, 'user');
    this.hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim().split(' ').slice(0, 2).join(' ');
    this.fingerprint = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
    this.#child = child;
  }

  static async start({ password = 'throw-away', lines = [] }: { password?: string; lines?: readonly string[] } = {}): Promise<ShellHost> {
    need('ssh-keygen', 'openssh-client');
    const program = need('sshd', 'openssh-server');
    const root = process.getuid?.() === 0;
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-shell-'));
    const home = join(folder, 'home');
    const user = root ? `gh${process.pid}x${++users}` : userInfo().username;
    chmodSync(folder, 0o755);
    for (const name of ['host', 'user']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user.pub')));
    execFileSync('mkdir', ['-p', home, '/run/sshd'], { stdio: 'ignore' });
    if (root) {
      execFileSync('useradd', ['--home-dir', home, '--no-user-group', '--shell', '/bin/sh', user]);
      execFileSync('chpasswd', { input: `${user}:${password}\n` });
      execFileSync('chown', [user, home]);
      writeFileSync(join(home, '.hushlogin'), '');
    }
    const port = await unusedPort();
    const config = [
      ...lines,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM yes',
      'MaxStartups 100',
      'PrintMotd no',
      'PrintLastLog no',
      'LogLevel ERROR',
      '',
    ];
    writeFileSync(join(folder, 'sshd_config'), config.join('\n'));
    const child = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    process.once('exit', () => child.kill('SIGKILL'));
    await untilListening(port, child);
    return new ShellHost(folder, port, user, root ? password : null, child);
  }

  /** Ends the connections that stand, without a word of goodbye to the clients' programs. */
  dropAll(): void {
    execFileSync('sh', ['-c', `pkill -KILL -P ${this.#child.pid} || true`]);
  }

  async stop(): Promise<void> {
    this.dropAll();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    if (this.password !== null) execFileSync('sh', ['-c', `pkill -KILL -u ${this.user}; userdel --force ${this.user} 2>/dev/null || true`]);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

let users = 0;
