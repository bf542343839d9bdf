import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Certificates } from './certificates.ts';
import { freePort } from './free-port.ts';
import { need } from './needs.ts';
import { listening } from './sshd.ts';

const startWithinMs = 60_000;
/** A server that root starts runs as nobody, so that rights are rights. */
const nobody = 65_534;

const password = 'CANARY-ftp&1';
const tlsModule = '/usr/lib/proftpd/mod_tls.so';

/** A ProFTPD of its own: a free port, a temporary folder, one user with a password. */
export class Ftpd {
  readonly port: number;
  readonly user = 'carrier';
  readonly password = password;
  /** The directory that is served. */
  readonly home: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(port: number, folder: string, home: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.home = home;
    this.#process = child;
  }

  /**
   * `tls`: explicit TLS is required, and every data connection must go on with the session of the control connection. `facts: false`: it
   * has no MLSD and MLST, like most old servers. `clients`: they have to show a certificate of the
   * same CA. `more`: lines of its configuration.
   */
  static async start({
    tls,
    facts = true,
    clients = false,
    more = [],
  }: { tls?: Certificates; facts?: boolean; clients?: boolean; more?: readonly string[] } = {}): Promise<Ftpd> {
    const program = need('proftpd', 'proftpd-mod-crypto');
    if (tls !== undefined && !existsSync(tlsModule)) throw new Error(`the tests need ${tlsModule}: install the Debian package proftpd-mod-crypto`);
    const root = process.getuid?.() === 0;
    const { uid, gid } = root ? { uid: nobody, gid: nobody } : { uid: process.getuid?.() ?? nobody, gid: process.getgid?.() ?? nobody };
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ftpd-'));
    const home = join(folder, 'home');
    const port = await freePort();
    mkdirSync(home);
    const hash = execFileSync(need('openssl', 'openssl'), ['passwd', '-1', password], { encoding: 'utf8' }).trim();
    writeFileSync(join(folder, 'users'), `carrier:${hash}:${uid}:${gid}::${home}:/bin/sh\n`, { mode: 0o600 });
    writeFileSync(
      join(folder, 'proftpd.conf'),
      [
        ...(tls === undefined
          ? []
          : [
              'ModulePath /usr/lib/proftpd',
              'LoadModule mod_tls.c',
              'TLSEngine on',
              'TLSRequired on',
              'TLSProtocol TLSv1.2 TLSv1.3',
              `TLSCACertificateFile ${tls.ca}`,
              `TLSVerifyClient ${clients ? 'on' : 'off'}`,
              `TLSECCertificateFile ${tls.certificate}`,
              `TLSECCertificateKeyFile ${tls.key}`,
            ]),
        'ServerName test',
        'ServerType standalone',
        'DefaultAddress 127.0.0.1',
        'SocketBindTight on',
        `Port ${port}`,
        'UseIPv6 off',
        'WtmpLog off',
        `User ${root ? 'nobody' : userInfo().username}`,
        `Group ${groupOf(gid)}`,
        '<IfModule mod_ctrls.c>',
        'ControlsEngine off',
        '</IfModule>',
        `AuthUserFile ${join(folder, 'users')}`,
        'AuthOrder mod_auth_file.c',
        'RequireValidShell off',
        `PidFile ${join(folder, 'pid')}`,
        `ScoreboardFile ${join(folder, 'score')}`,
        'DelayTable none',
        'TransferLog none',
        'SystemLog none',
        'MaxInstances 60',
        'UseReverseDNS off',
        'AllowOverwrite on',
        'AllowRetrieveRestart on',
        'Umask 022',
        ...(facts ? [] : ['FactsAdvertise off']),
        ...more,
        '',
      ].join('\n'),
    );
    if (root) for (const name of ['', 'home', 'users', 'proftpd.conf']) chownSync(join(folder, name), nobody, nobody);
    if (root && tls !== undefined) for (const file of [tls.folder, tls.key, tls.certificate, tls.ca]) chownSync(file, nobody, nobody);
    chmodSync(folder, 0o755);
    const child = spawn(program, ['-n', '-q', '-c', join(folder, 'proftpd.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(root ? { uid, gid } : {}),
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    process.once('exit', () => child.kill('SIGKILL'));
    await listening(port, startWithinMs, () => {
      if (child.exitCode !== null) throw new Error(`proftpd did not start:\n${said.slice(-2_000)}`);
    });
    return new Ftpd(port, folder, home, child);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The name of a group, which ProFTPD wants instead of its number. */
const groupOf = (gid: number): string => execFileSync('getent', ['group', String(gid)], { encoding: 'utf8' }).split(':')[0] ?? '';
