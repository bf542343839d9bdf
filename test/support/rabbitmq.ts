import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { need } from './needs.ts';

const startWithinMs = 60_000;

/**
 * A RabbitMQ of its own: free ports, a temporary folder, its own Erlang port mapper. Nobody else's is touched. The system's start script
 * changes the user; the one behind it does not.
 */
export class Rabbitmq {
  readonly port: number;
  readonly tlsPort: number;
  readonly #folder: string;
  readonly #bin: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | null = null;

  private constructor(folder: string, bin: string, env: NodeJS.ProcessEnv, port: number, tlsPort: number) {
    this.#folder = folder;
    this.#bin = bin;
    this.#env = env;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /** `tls`: PEM files of a server certificate and its CA. */
  static async start(tls?: { readonly ca: string; readonly certificate: string; readonly key: string }): Promise<Rabbitmq> {
    const bin = binaries(need('rabbitmq-server', 'rabbitmq-server'));
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rabbitmq-'));
    const [port, tlsPort, distPort, epmdPort] = await freePorts(4);
    if (port === undefined || tlsPort === undefined) throw new Error('no free port');
    mkdirSync(join(folder, 'home'));
    writeFileSync(join(folder, 'plugins'), '[].');
    writeFileSync(
      join(folder, 'rabbitmq.conf'),
      [
        'loopback_users = none',
        'log.console.level = error',
        `listeners.tcp.1 = 127.0.0.1:${port}`,
        'disk_free_limit.absolute = 1MB',
        // The machine is shared with what is tested.
        'total_memory_available_override_value = 2GB',
        ...(tls === undefined
          ? []
          : [
              `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
              `ssl_options.cacertfile = ${tls.ca}`,
              `ssl_options.certfile = ${tls.certificate}`,
              `ssl_options.keyfile = ${tls.key}`,
            ]),
      ].join('\n'),
    );
    const env = {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: join(folder, 'home'),
      RABBITMQ_NODENAME: `gatehouse-${process.pid}-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distPort),
      ERL_EPMD_PORT: String(epmdPort),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none',
      RABBITMQ_CTL_ERL_ARGS: '+S 1:1 +sbwt none',
    };
    const rabbitmq = new Rabbitmq(folder, bin, env, port, tlsPort);
    process.once('exit', () => rabbitmq.#abandoned());
    await rabbitmq.up();
    return rabbitmq;
  }

  async up(): Promise<void> {
    const child = spawn(join(this.#bin, 'rabbitmq-server'), [], {
      env: this.#env,
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#process = child;
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const untilMs = performance.now() + startWithinMs;
    while (!said.includes('completed with')) {
      if (child.exitCode !== null || performance.now() > untilMs) throw new Error(`RabbitMQ did not start:\n${said.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Nothing of a run that was cut off goes on. */
  #abandoned(): void {
    if (this.#process?.pid !== undefined && this.#process.exitCode === null) process.kill(-this.#process.pid, 'SIGKILL');
  }

  /** RabbitMQ 3.10 writes the names of new quorum queues down half a second late, and one that it forgot by a power cut has no leader ever after. */
  async settled(): Promise<void> {
    await this.ctl('eval', '[dets:sync(Table) || Table <- dets:all()].');
  }

  /** Like a power cut. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await exited;
    await this.#closed();
  }

  /** As its service does. */
  async down(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid, 'SIGTERM');
    await exited;
    await this.#closed();
  }

  async #closed(): Promise<void> {
    for (;;) {
      const socket = connect(this.port, '127.0.0.1');
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
      if (!open) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** One command for rabbitmqctl, 1 s or 2. */
  async ctl(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(join(this.#bin, 'rabbitmqctl'), ['--quiet', ...args], { env: this.#env, cwd: this.#folder });
    return stdout.trim();
  }

  async stop(): Promise<void> {
    await this.kill();
    await promisify(execFile)('epmd', ['-kill'], { env: this.#env }).catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Debian's script on PATH is a wrapper beside the package; elsewhere it is the program. */
function binaries(onPath: string): string {
  const packaged = '/usr/lib/rabbitmq/bin';
  try {
    return dirname(realpathSync(join(packaged, 'rabbitmq-server')));
  } catch {
    return dirname(realpathSync(onPath));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
