import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { need } from './needs.ts';
import { type WireFault, startWire, wireFaults } from './wire.ts';

const startWithinMs = 60_000;
const sources = resolve(import.meta.dirname, '../soap');

/** Answers that PHP itself gives on request; see test/soap/php/faults.php. */
const phpFaults = [
  'busy',
  'unauthorized',
  'html502',
  'empty200',
  'unavailable',
  'redirect',
  'dtd',
  'bomb',
  'deep',
  'huge',
  'gzip',
  'deflate',
  'gzipBomb',
  'chunked',
  'utf16',
  'latin1',
  'fault200',
] as const;

export type PhpFault = (typeof phpFaults)[number] | WireFault;
export const everyFault: readonly PhpFault[] = [...phpFaults, ...wireFaults];

export type PhpService = 'orders' | 'orders12' | 'accounts' | 'legacy';

export interface PhpOptions {
  /** The zone of the server's machine. Default UTC. */
  readonly tz?: 'UTC' | 'America/New_York';
  /** Calls served at a time. Default 1. */
  readonly workers?: number;
  /** Given: every call must bring HTTP Basic `gatehouse` and this. */
  readonly password?: string;
}

export interface Effect {
  readonly operation: string;
  readonly reference: string;
  readonly [more: string]: unknown;
}

export interface Received {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As PHP saw it: transfer coding undone, nothing else. */
  readonly body: Buffer;
}

/** PHP's SoapServer in processes of its own, with a folder of its own: a SOAP stack that shares no line with ours. */
export interface PhpSoap {
  readonly url: Readonly<Record<PhpService, string>>;
  /** `file:` URLs of the WSDLs with this server's addresses; catalog.xsd lies beside orders.wsdl. The same are served at `origin`/wsdl/. */
  readonly wsdl: Readonly<Record<'orders' | 'accounts' | 'legacy', string>>;
  readonly origin: string;
  /** The next `times` calls (default 1) get this instead of their answer. Faults of PHP and of the wire queue apart and may meet in one call. */
  fault(kind: PhpFault, times?: number): void;
  /** Forgets planned faults. */
  heal(): void;
  /** What was done, in the order it was done. */
  ledger(): Effect[];
  /** Every call that reached PHP, refused ones too, in order of arrival. */
  received(): Received[];
  stop(): Promise<void>;
}

export async function startPhpSoap({ tz = 'UTC', workers = 1, password }: PhpOptions = {}): Promise<PhpSoap> {
  const php = need('php', ['php-cli', 'php-soap'], (path) => /^soap$/m.test(execFileSync(path, ['-m'], { encoding: 'utf8' })));
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-php-'));
  for (const name of ['received', 'faults', 'claimed', 'wsdl']) mkdirSync(join(folder, name));
  const env = {
    PATH: process.env['PATH'],
    TZ: tz,
    PEER_FOLDER: folder,
    ...(password === undefined ? {} : { PEER_PASSWORD: password }),
    ...(workers > 1 ? { PHP_CLI_SERVER_WORKERS: String(workers) } : {}),
  };
  const { child, port } = await listening(php, tz, env);
  const abandoned = (): void => end(child);
  process.once('exit', abandoned);
  const wire = await startWire(port);
  const origin = `http://127.0.0.1:${wire.port}`;
  for (const name of readdirSync(join(sources, 'wsdl'))) {
    writeFileSync(join(folder, 'wsdl', name), readFileSync(join(sources, 'wsdl', name), 'utf8').replaceAll('ORIGIN/', `${origin}/`));
  }
  const wsdl = (name: string): string => pathToFileURL(join(folder, 'wsdl', `${name}.wsdl`)).href;
  let planned = 0;
  return {
    origin,
    url: { orders: `${origin}/orders`, orders12: `${origin}/orders12`, accounts: `${origin}/accounts`, legacy: `${origin}/legacy` },
    wsdl: { orders: wsdl('orders'), accounts: wsdl('accounts'), legacy: wsdl('legacy') },
    fault(kind, times = 1) {
      for (let n = 0; n < times; n += 1) {
        if (isWire(kind)) wire.plan(kind);
        else writeFileSync(join(folder, 'faults', `${String((planned += 1)).padStart(6, '0')}.${kind}`), '');
      }
    },
    heal() {
      wire.heal();
      for (const name of readdirSync(join(folder, 'faults'))) rmSync(join(folder, 'faults', name), { force: true });
    },
    ledger() {
      const lines = readIfThere(join(folder, 'ledger')).split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as Effect);
    },
    received() {
      const names = readdirSync(join(folder, 'received'))
        .filter((name) => name.endsWith('.json'))
        .sort();
      return names.map((name) => ({
        ...(JSON.parse(readFileSync(join(folder, 'received', name), 'utf8')) as Omit<Received, 'body'>),
        body: readFileSync(join(folder, 'received', name.replace(/json$/, 'body'))),
      }));
    },
    async stop() {
      process.off('exit', abandoned);
      await wire.close();
      const running = child.exitCode === null && child.signalCode === null;
      const exited = running ? once(child, 'exit') : null;
      end(child);
      await exited;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A port that was free may be taken by the time PHP asks for it: then another is tried. */
async function listening(php: string, tz: string, env: NodeJS.ProcessEnv): Promise<{ child: ChildProcess; port: number }> {
  const untilMs = performance.now() + startWithinMs;
  for (;;) {
    const port = await freePort();
    const settings = ['-d', `date.timezone=${tz}`, '-d', 'soap.wsdl_cache_enabled=0', '-d', 'display_errors=0', '-d', 'memory_limit=256M'];
    const args = [...settings, '-S', `127.0.0.1:${port}`, join(sources, 'php/router.php')];
    // detached: a group of its own, so that the workers end with the server, and all of them when the pipe to this process breaks.
    const child = spawn('sh', ['-c', '{ read -r _; kill -KILL 0; } <&3 & exec "$@" 3<&-', 'sh', php, ...args], {
      env,
      cwd: env['PEER_FOLDER'],
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4_000)));
    while (child.exitCode === null && performance.now() < untilMs) {
      if (await answers(port)) return { child, port };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    end(child);
    if (performance.now() > untilMs || !/address already in use/i.test(said)) throw new Error(`PHP did not start:\n${said}`);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await (await fetch(`http://127.0.0.1:${port}/up`)).text()) === 'up';
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ended already
  }
}

function isWire(kind: PhpFault): kind is WireFault {
  return (wireFaults as readonly string[]).includes(kind);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
