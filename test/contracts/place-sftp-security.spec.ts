import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { type Promises } from '../../src/transports/file/places/place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { Sshd } from '../support/sshd.ts';

const secret = 'CANARY-secret&1';
let folder: string;
let sshd: Sshd;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-ssh-'));
  sshd = await Sshd.start({ passphrase: secret });
});
afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true });
});

async function check(changes: Partial<PlaceSettings>): Promise<Promises> {
  const settings = Object.assign(new PlaceSettings(), {
    kind: 'sftp',
    directory: sshd.home,
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    key: new Secret('env:KEY', sshd.key),
    passphrase: new Secret('env:PASS', secret),
    hostKeys: [sshd.fingerprint],
    ...changes,
  });
  const place = openPlace('depot', settings);
  try {
    return await place.check(AbortSignal.timeout(10_000));
  } finally {
    await place.close();
  }
}

const refusal = (changes: Partial<PlaceSettings>): Promise<GatehouseError> =>
  check(changes).then(
    () => Promise.reject(new Error('it was accepted')),
    (error: GatehouseError) => {
      const told = `${error.message} ${error.stack ?? ''} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(told).not.toContain(secret);
      expect(told).not.toContain('PRIVATE KEY');
      return error;
    },
  );

const knownHosts = (...lines: string[]): string => {
  const path = join(folder, `known-${lines.length}-${Math.abs(lines.join().length)}`);
  writeFileSync(path, `# comment\n${lines.join('\n')}\n`);
  return path;
};

describe('the host key', () => {
  it('is accepted by its fingerprint', async () => {
    expect((await check({})).told).toMatch(/^OpenSSH_\S+: fsync, rename without replacing, posix-rename$/);
  });

  it('is not accepted when it is another one, and the error says which one was seen and where to put it', async () => {
    const error = await refusal({ hostKeys: [`SHA256:${'A'.repeat(43)}`] });
    expect(error).toMatchObject({ code: 'HOST_KEY_REJECTED', class: 'system', native: sshd.fingerprint });
    expect(error.message).toContain(sshd.fingerprint);
    expect(error.message).toMatch(/is not the one that is configured.*ssh-ed25519.*hostKeys/);
  });

  it('is not accepted when none is configured', async () => {
    expect(await refusal({ hostKeys: [] })).toMatchObject({ code: 'HOST_KEY_REJECTED', message: expect.stringContaining('is not known') as string });
  });

  it('is accepted by known_hosts: by address and port, hashed, by pattern; not when it is revoked or another port is meant', async () => {
    const named = `[127.0.0.1]:${sshd.port} ${sshd.hostKey}`;
    const hashed = knownHosts(named, '');
    execFileSync('ssh-keygen', ['-H', '-f', hashed], { stdio: 'ignore' });
    expect(readFileSync(hashed, 'utf8')).toContain('|1|');
    for (const file of [knownHosts(named), hashed, knownHosts(`[127.0.0.*]:${sshd.port} ${sshd.hostKey}`, 'other.example ssh-ed25519 AAAA')])
      await check({ hostKeys: [], knownHostsFile: file });
    for (const file of [knownHosts(`127.0.0.1 ${sshd.hostKey}`), knownHosts(`[127.0.0.*]:${sshd.port},![127.0.0.1]:${sshd.port} ${sshd.hostKey}`)])
      expect(await refusal({ hostKeys: [], knownHostsFile: file })).toMatchObject({ code: 'HOST_KEY_REJECTED' });
    const revoked = knownHosts(named, `@revoked * ${sshd.hostKey}`);
    appendFileSync(revoked, `@revoked [127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);
    expect((await refusal({ knownHostsFile: revoked })).message).toContain('is revoked');
  });
});

describe('the user', () => {
  it('is refused with another key, and with a passphrase that does not open the key', async () => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    const other = new Secret('env:KEY', readFileSync(join(folder, 'other'), 'utf8'));
    expect(await refusal({ key: other })).toMatchObject({ code: 'CREDENTIALS_REFUSED', class: 'system' });
    expect(await refusal({ passphrase: new Secret('env:PASS', 'wrong') })).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
  });

  it('is refused with a wrong password', async () => {
    const changes = { password: new Secret('env:PASSWORD', secret) };
    const settings: Partial<PlaceSettings> = { ...changes };
    Object.assign(settings, { key: undefined, passphrase: undefined });
    expect(await refusal(settings)).toMatchObject({ code: 'CREDENTIALS_REFUSED', message: expect.stringContaining('password') as string });
  });

  it('is let in by a key of an agent', async () => {
    const socket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await expect.poll(() => existsSync(socket)).toBe(true);
      const plain = join(folder, 'agent-key');
      writeFileSync(plain, sshd.key, { mode: 0o600 });
      execFileSync('ssh-keygen', ['-q', '-p', '-P', secret, '-N', '', '-f', plain]);
      execFileSync('ssh-add', ['-q', plain], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const settings: Partial<PlaceSettings> = { agent: socket };
      Object.assign(settings, { key: undefined, passphrase: undefined });
      await check(settings);
    } finally {
      const exited = once(agent, 'exit');
      agent.kill();
      await exited;
    }
  });
});

describe('a password', () => {
  /** A server that takes passwords, in the way that is given, and counts what it is offered. It has no sftp. */
  async function server(
    way: 'password' | 'keyboard-interactive',
  ): Promise<{ port: number; fingerprint: string; offered: string[]; close: () => Promise<void> }> {
    const key = execFileSync('sh', ['-c', `rm -f ${folder}/h*; ssh-keygen -q -t ed25519 -N '' -f ${folder}/h && cat ${folder}/h`], {
      encoding: 'utf8',
    });
    const fingerprint = execFileSync('ssh-keygen', ['-l', '-f', `${folder}/h.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
    const offered: string[] = [];
    const decide = (context: AuthContext, given: string): void => {
      offered.push(given);
      if (given === secret) context.accept();
      else context.reject([way]);
    };
    const listening = new ssh2.Server({ hostKeys: [key] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => {
        if (context.method !== way) context.reject([way]);
        else if (context.method === 'password') decide(context, context.password);
        else if (context.method === 'keyboard-interactive')
          context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => decide(context, answers[0] ?? ''));
      });
      client.on('ready', () => client.on('session', (accept) => accept().on('sftp', (_accept, reject) => reject())));
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    return { port, fingerprint, offered, close: () => new Promise((resolve) => listening.close(() => resolve())) };
  }

  it.each(['password', 'keyboard-interactive'] as const)('logs in by %s, and one that is refused was offered once', async (way) => {
    const { port, fingerprint, offered, close } = await server(way);
    const settings: Partial<PlaceSettings> = { port, hostKeys: [fingerprint], password: new Secret('env:PASSWORD', secret) };
    Object.assign(settings, { key: undefined, passphrase: undefined });
    const error = await refusal(settings);
    expect(error).toMatchObject({ code: 'PLACE_DENIED', message: expect.stringContaining('no sftp') as string });
    expect(offered).toEqual([secret]);
    expect(await refusal({ ...settings, password: new Secret('env:PASSWORD', 'wrong') })).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    expect(offered).toEqual([secret, 'wrong']);
    await close();
  });

  it('that is wrong costs one failed login, however many operations wait for a connection', async () => {
    const { port, fingerprint, offered, close } = await server('password');
    const settings = Object.assign(new PlaceSettings(), {
      kind: 'sftp',
      directory: '/',
      host: '127.0.0.1',
      port,
      user: 'depot',
      password: new Secret('env:PASSWORD', 'wrong'),
      hostKeys: [fingerprint],
      connections: 8,
    });
    const place = openPlace('depot', settings);
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => place.look(FilePath.parse('a'), AbortSignal.timeout(10_000))));
    for (const end of ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CREDENTIALS_REFUSED' } });
    expect(offered).toEqual(['wrong']);
    await place.close();
    await close();
  });
});

describe('old algorithms', () => {
  it('are refused unless they are allowed by name', async () => {
    const old = await Sshd.start({
      lines: ['KexAlgorithms diffie-hellman-group14-sha1', 'Ciphers aes128-cbc', 'MACs hmac-sha1'],
      passphrase: secret,
    });
    const at = { port: old.port, directory: old.home, hostKeys: [old.fingerprint], key: new Secret('env:KEY', old.key) };
    const error = await refusal(at);
    expect(error).toMatchObject({ code: 'NO_COMMON_ALGORITHM', class: 'system' });
    expect(error.message).toContain('algorithms');
    expect(await refusal({ ...at, algorithms: ['diffie-hellman-group14-sha1', 'aes128-cbc'] })).toMatchObject({ code: 'NO_COMMON_ALGORITHM' });
    await check({ ...at, algorithms: ['diffie-hellman-group14-sha1', 'aes128-cbc', 'hmac-sha1'] });
    await old.stop();
  });
});
