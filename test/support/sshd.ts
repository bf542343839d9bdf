import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { need } from './needs.ts';

const startWithinMs = 60_000;
/** A server that root starts runs as nobody, so that rights are rights. */
const nobody = 65_534;

/** An OpenSSH server of its own: a free port, a temporary folder, own host keys, one user with one key, sftp alone. */
export class Sshd {
  readonly port: number;
  /** The directory that is served, empty at first. */
  readonly home: string;
  readonly user: string;
  /** The private key of the user, PEM. */
  readonly key: string;
  /** As `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
  /** The host key as a line for known_hosts has it: `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  readonly #folder: string;
  readonly #program: string;
  #process: ChildProcess | null = null;

  private constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.home = join(folder, 'home');
    this.user = process.getuid?.() === 0 ? 'nobody' : userInfo().username;
    this.key = readFileSync(join(folder, 'user'), 'utf8');
    this.hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim().split(' ').slice(0, 2).join(' ');
    this.fingerprint = execFileSync('ssh-keygen', ['-l', '-f', join(folder, 'host.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
  }

  /** `lines`: more of sshd_config, which stand before the usual ones and so win. `passphrase`: of the user's key. */
  static async start({ lines = [], passphrase = '' }: { lines?: readonly string[]; passphrase?: string } = {}): Promise<Sshd> {
    need('ssh-keygen', 'openssh-client');
    const program = need('sshd', 'openssh-server');
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sshd-'));
    const port = await freePort();
    mkdirSync(join(folder, 'home'));
    for (const [name, words] of [
      ['host', ''],
      ['user', passphrase],
    ] as const)
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', words, '-C', name, '-f', join(folder, name)]);
    writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user.pub')));
    writeFileSync(
      join(folder, 'sshd_config'),
      [
        ...lines,
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${join(folder, 'host')}`,
        `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
        'PidFile none',
        'StrictModes no',
        // Without it an account whose password nobody can read counts as locked.
        'UsePAM yes',
        'MaxStartups 100',
        'MaxSessions 100',
        'LogLevel ERROR',
        'Subsystem sftp internal-sftp',
        '',
      ].join('\n'),
    );
    if (process.getuid?.() === 0) for (const name of ['', 'home', 'host', 'authorized_keys']) chownSync(join(folder, name), nobody, nobody);
    chmodSync(folder, 0o755);
    const sshd = new Sshd(program, folder, port);
    process.once('exit', () => sshd.#process?.kill('SIGKILL'));
    await sshd.up();
    return sshd;
  }

  async up(): Promise<void> {
    const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    const child = spawn(this.#program, ['-D', '-e', '-f', join(this.#folder, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'], ...identity });
    this.#process = child;
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    await listening(this.port, startWithinMs, () => {
      if (child.exitCode !== null) throw new Error(`sshd did not start:\n${said.slice(-2_000)}`);
    });
  }

  /** The listener alone; sessions go on. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  async stop(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Resolves when something takes connections there. */
export async function listening(port: number, withinMs: number, look: () => void): Promise<void> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    look();
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    if (performance.now() > untilMs) throw new Error(`nothing listens on port ${port} after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
