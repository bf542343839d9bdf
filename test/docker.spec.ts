import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema, ownParts } from '../src/app.module.ts';
import { exitCodes } from '../src/cli/exit.ts';
import { commandLine } from '../src/cli/gatehouse.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { GatewaySettings } from '../src/contract/settings.ts';
import { checkExposure } from '../src/http/access.guard.ts';
import { memoryFlags } from '../src/launcher/launch.ts';

const docker = resolve(import.meta.dirname, '../docker');
const read = (name: string): string => readFileSync(join(docker, name), 'utf8');

interface Service {
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  secrets?: (string | { source: string; target: string })[];
  ports?: string[];
  stop_grace_period?: string;
  [setting: string]: unknown;
}
const compose = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<'rabbitmq' | 'practice' | 'gateway', Service>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file: string }>;
};
const { gateway, practice, rabbitmq } = compose.services;

/** Instructions of the Dockerfile, continued lines joined, by stage. */
const stages = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split(/^(?=FROM )/m)
  .filter((stage) => stage.startsWith('FROM '))
  .map((stage) => stage.split('\n').filter((line) => line.trim() !== ''));
const image = stages.at(-1) ?? [];
const imageEnv = Object.fromEntries(
  image.filter((line) => line.startsWith('ENV ')).flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
) as Record<string, string>;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-docker-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nameOf = (secret: string | { source: string }): string => (typeof secret === 'string' ? secret : secret.source);

/** Files as a container or unit would find them: only the secrets that it is given. */
function secretsOf(names: readonly string[]): (text: string) => string {
  const own = mkdtempSync(join(folder, 'secrets-'));
  for (const name of names) writeFileSync(join(own, name), `secret of ${name}\n`);
  return (text) => text.replaceAll('/run/secrets', own).replaceAll('%d', own);
}

const mapped = (env: Record<string, string>, place: (text: string) => string): Record<string, string> =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, place(String(value))]));

/** The configuration of the gateway in compose.yaml, read by the gateway's own reader. */
function composeConfig() {
  const place = secretsOf((gateway.secrets ?? []).map(nameOf));
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(file, place(read('gatehouse.yaml')));
  return loadConfig(configSchema(ownParts), { file, env: mapped({ ...imageEnv, ...gateway.environment }, place) });
}

describe('the image', () => {
  it('runs as somebody else than root, without a shell between, and says whether it is ready', () => {
    const at = (instruction: string): string | undefined => image.find((line) => line.startsWith(`${instruction} `));
    expect(stages.length).toBe(3);
    expect(at('USER')).toBe('USER node');
    expect(at('CMD')).toBe(`CMD ${JSON.stringify(['node', ...memoryFlags, 'dist/main.js']).replaceAll(',', ', ')}`);
    expect(at('HEALTHCHECK')).toMatch(/CMD \["node", "-e", ".*GATEHOUSE_HTTP__PORT.*\/health\/ready.*"\]$/);
    expect(image.findIndex((line) => line.startsWith('USER '))).toBeGreaterThan(image.findLastIndex((line) => line.startsWith('RUN ')));
    expect(stages.flat()).toContain('RUN npm ci --omit=dev --omit=optional');
  });

  it('is made of files that exist', () => {
    const sources = stages
      .flat()
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(/\s+/).slice(1, -1));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(resolve(docker, '..', source)))).toEqual([]);
  });
});

describe('compose.yaml', () => {
  it('every setting that image, compose.yaml and gatehouse.yaml make exists, and every secret they name is mounted', () => {
    const config = composeConfig();
    expect(() => checkExposure(config.http)).not.toThrow();
    expect(Object.keys(gateway.environment ?? {}).filter((name) => name.startsWith('GATEHOUSE_')).length).toBeGreaterThan(0);
    expect(gateway.volumes).toContain(`./gatehouse.yaml:${imageEnv['GATEHOUSE_CONFIG']}:ro`);
    expect(gateway.volumes).toContain(`gatehouse-data:${dirname(config.journal.path)}`);
    expect(gateway.ports).toEqual([`127.0.0.1:${config.http.port}:${config.http.port}`]);
  });

  it('what is mounted is there: files in git, secrets by make-secrets.sh', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    expect(mounts.length).toBeGreaterThan(4);
    for (const mount of mounts) expect(mount.startsWith('./') ? existsSync(join(docker, mount)) : mount in compose.volumes).toBe(true);
    const asked = Object.values(compose.services).flatMap(({ secrets = [] }) => secrets.map(nameOf));
    expect([...new Set(asked)].sort()).toEqual(Object.keys(compose.secrets).sort());
    for (const { file } of Object.values(compose.secrets)) expect(read('make-secrets.sh')).toContain(` ${basename(file)}`);
  });

  it('the gateway and the practice system may do as little as they need, and nothing is open to the network', () => {
    for (const service of [gateway, practice])
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], init: true });
    for (const port of [...(gateway.ports ?? []), ...(rabbitmq.ports ?? [])]) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('a stop takes longer than the gateway waits for what is at work', () => {
    expect(Number(/^(\d+)s$/.exec(gateway.stop_grace_period ?? '')?.[1]) * 1_000).toBeGreaterThan(new GatewaySettings().drainMs);
  });

  it('the practice system is started by a command that exists, where gatehouse.yaml looks for it', () => {
    const [program, name, ...options] = practice.command ?? [];
    expect(program).toBe('gatehouse');
    const flags = options.filter((option) => option.startsWith('--'));
    expect(flagsOf(name ?? '')).toEqual(expect.arrayContaining(flags));
    const servicenow = (parse(read('gatehouse.yaml')) as { systems: { servicenow: { soap: { url: string } } } }).systems.servicenow;
    expect(new URL(servicenow.soap.url).host).toBe(`practice:${options[options.indexOf('--port') + 1]}`);
  });
});

describe('the definitions of RabbitMQ', () => {
  const definitions = JSON.parse(read('rabbitmq/definitions.json')) as Record<
    'exchanges' | 'queues',
    { name: string; type: string; durable: boolean }[]
  > & {
    bindings: { source: string; destination: string }[];
    policies: { pattern: string; definition: Record<string, unknown> }[];
  };
  const exchanges = definitions.exchanges.map(({ name, type }) => [name, type]);

  it('hold the exchanges that the gateway uses', () => {
    const { rabbitmq: settings } = composeConfig();
    expect(exchanges).toEqual([
      [settings.exchange, 'topic'],
      [settings.deadLetterExchange, 'fanout'],
    ]);
    expect(read('make-secrets.sh')).toContain(`"name": "${settings.user}"`);
  });

  it('bind what they define, and the policy is for the queues of systems only', () => {
    const names = new Set(exchanges.map(([name]) => name));
    const queues = new Set(definitions.queues.map(({ name }) => name));
    expect(definitions.bindings.length).toBeGreaterThan(0);
    for (const { source, destination } of definitions.bindings) expect([names.has(source), queues.has(destination)]).toEqual([true, true]);
    for (const { durable } of [...definitions.exchanges, ...definitions.queues]) expect(durable).toBe(true);
    const [policy] = definitions.policies;
    expect(names.has(String(policy?.definition['dead-letter-exchange']))).toBe(true);
    const matches = (queue: string): boolean => new RegExp(policy?.pattern ?? '').test(queue);
    expect([matches('gatehouse.servicenow'), matches('gatehouse.dead-letter'), matches('somebody-else')]).toEqual([true, false, false]);
  });

  it('have no users: those are a secret, beside them in the folder that RabbitMQ reads', () => {
    expect(Object.keys(definitions)).not.toContain('users');
    const targets = [
      ...(rabbitmq.volumes ?? []).map((volume) => volume.split(':')[1] ?? ''),
      ...(rabbitmq.secrets ?? []).map((each) => Object(each).target as string),
    ];
    const imported = /^load_definitions = (.+)$/m.exec(read('rabbitmq/rabbitmq.conf'))?.[1];
    expect(targets.filter((target) => dirname(target) === imported).map((target) => basename(target))).toEqual(['10-topology.json', '20-users.json']);
  });

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)('make-secrets.sh makes users whose hashes are those of the passwords, once', () => {
    const own = mkdtempSync(join(folder, 'make-'));
    copyFileSync(join(docker, 'make-secrets.sh'), join(own, 'make-secrets.sh'));
    const make = (): string => {
      expect(spawnSync('sh', [join(own, 'make-secrets.sh')]).status).toBe(0);
      return readFileSync(join(own, 'secrets/rabbitmq-users.json'), 'utf8');
    };
    const first = make();
    expect(make()).toBe(first);
    const { users, permissions } = JSON.parse(first) as {
      users: { name: string; password_hash: string }[];
      permissions: { user: string; configure: string; write: string; read: string }[];
    };
    for (const [name, file] of [
      ['gatehouse', 'rabbitmq-password'],
      ['admin', 'rabbitmq-admin-password'],
    ] as const) {
      const hash = Buffer.from(users.find((user) => user.name === name)?.password_hash ?? '', 'base64');
      const password = readFileSync(join(own, 'secrets', file), 'utf8').trim();
      const expected = createHash('sha256')
        .update(Buffer.concat([hash.subarray(0, 4), Buffer.from(password)]))
        .digest();
      expect(hash.subarray(4)).toEqual(expected);
    }
    const rights = permissions.find(({ user }) => user === 'gatehouse');
    for (const right of [rights?.configure, rights?.write, rights?.read]) {
      const allows = (name: string): boolean => new RegExp(right ?? '').test(name);
      expect(['gatehouse', 'gatehouse.servicenow', 'gatehouse.dead-letter', 'gatehouses', 'other'].map(allows)).toEqual([
        true,
        true,
        true,
        false,
        false,
      ]);
    }
  });
});

describe('gatehouse.service', () => {
  const unit = read('gatehouse.service')
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const all = (name: string): string[] => unit.filter(([each]) => each === name).map(([, value]) => value);

  it('every setting it makes exists, and every secret it names is handed over', () => {
    const place = secretsOf(all('LoadCredential').map((each) => each.split(':')[0] ?? ''));
    const env = Object.fromEntries(all('Environment').map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]));
    expect(Object.keys(env).filter((name) => name.includes('__')).length).toBeGreaterThan(2);
    const config = loadConfig(configSchema(ownParts), {
      file: null,
      env: { ...mapped(env, place), GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: 'https://itsm.acme.example/incident.do?SOAP' },
    });
    expect(dirname(config.journal.path)).toBe(`/var/lib/${all('StateDirectory')[0]}`);
  });

  it('waits longer than the gateway for what is at work, sends one signal, and does not repeat a start that cannot succeed', () => {
    expect(Number(all('TimeoutStopSec')[0]) * 1_000).toBeGreaterThan(new GatewaySettings().drainMs);
    expect(all('KillMode')).toEqual(['mixed']);
    expect(all('RestartPreventExitStatus')).toEqual([String(exitCodes.config.code)]);
    expect(all('ExecStart')[0]).toBe(`/usr/bin/node ${memoryFlags.join(' ')} /opt/gatehouse/dist/main.js`);
  });
});

/** Options of a command, with those of every command. */
function flagsOf(name: string): string[] {
  const program = commandLine();
  const command = program.commands.find((each) => each.name() === name);
  return command === undefined ? [] : [...program.options, ...command.options].map((option) => option.long ?? '');
}
