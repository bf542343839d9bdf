import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import soap from 'soap';
import { Client } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { md4 } from '../support/md4.ts';
import { need } from '../support/needs.ts';
import { hmacMd5, ntowfv2 } from '../support/ntlm.ts';
import { type NtlmServer, startNtlmServer } from '../support/ntlm-server.ts';
import { envelope } from '../support/soap-envelope.ts';

const run = promisify(execFile);
const account = { domain: 'ACME', user: 'gatehouse', password: 'S3cret!pass' };
const listed = envelope('<o:listOrdersResponse/>');

describe('the reckoning', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('MD4 of %j is that of RFC 1320, A.5', (text, digest) => {
    expect(md4(Buffer.from(text)).toString('hex')).toBe(digest);
  });

  it('NTOWFv2 and NTProofStr are those of MS-NLMP, 4.2.4', () => {
    const key = ntowfv2('Password', 'User', 'Domain');
    expect(key.toString('hex')).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    const info = '02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000';
    const temp = `01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000${info}00000000`;
    const proof = hmacMd5(key, Buffer.from(`0123456789abcdef${temp}`, 'hex'));
    expect(proof.toString('hex')).toBe('68cd0ab851e51c96aabc927bebef6a1c');
  });
});

describe('the server', () => {
  let server: NtlmServer;
  beforeEach(async () => {
    server = await startNtlmServer(account, () => ({ status: 200, contentType: 'text/xml; charset=utf-8', body: listed }));
  });
  afterEach(() => server.stop());

  const curl = async (user: string, password: string): Promise<string> => {
    const each = [
      '--silent',
      '--output',
      '/dev/null',
      '--write-out',
      '%{http_code} ',
      '--ntlm',
      '--user',
      `${user}:${password}`,
      '--data',
      '<order/>',
      server.url,
    ];
    return (await run(need('curl', 'curl'), [...each, '--next', ...each])).stdout.trim();
  };

  it('admits curl, and its second request on the same connection', async () => {
    expect(await curl('ACME\\gatehouse', account.password)).toBe('200 200');
    expect(server.attempts()).toEqual([expect.objectContaining({ connection: 1, user: 'gatehouse', domain: 'ACME' })]);
    expect(server.admitted().map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it('refuses a wrong password, an unknown user and an unknown domain', async () => {
    expect(await curl('ACME\\gatehouse', 'wrong')).toBe('401 401');
    expect(await curl('ACME\\nobody', account.password)).toBe('401 401');
    expect(await curl('OTHER\\gatehouse', account.password)).toBe('401 401');
    const reasons = server.attempts().map((attempt) => ('refused' in attempt ? attempt.refused : 'admitted'));
    expect([...new Set(reasons)]).toEqual(['NTProofStr is wrong', "unknown user 'nobody'", "unknown domain 'OTHER'"]);
    expect(server.admitted()).toEqual([]);
  });

  it("admits node-soap's client", async () => {
    const client = await soap.createClientAsync(resolve(import.meta.dirname, 'wsdl/orders.wsdl'), { endpoint: server.url });
    client.setSecurity(new soap.NTLMSecurity({ username: account.user, password: account.password, domain: account.domain, workstation: 'ws' }));
    await client['listOrdersAsync']({ rows: 0 });
    expect(server.admitted().at(-1)?.body.toString()).toContain('listOrders');
  });

  it("admits MIT's GSSAPI, which speaks Unicode, exchanges a key and takes the challenge's time over", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ntlm-'));
    const users = join(folder, 'users');
    const speaksNtlm = "import gssapi; gssapi.Name('u', gssapi.NameType.user).canonicalize(gssapi.OID.from_int_seq('1.3.6.1.4.1.311.2.2.10'))";
    const known = (python: string): boolean => spawnSync(python, ['-c', speaksNtlm]).status === 0;
    try {
      writeFileSync(users, `${account.domain}:${account.user}:${account.password}\n`);
      const python = need('/usr/bin/python3', ['python3', 'python3-gssapi', 'gss-ntlmssp'], known);
      const args = [resolve(import.meta.dirname, 'python/ntlm_client.py'), new URL(server.url).port, account.domain, account.user];
      expect((await run(python, args, { env: { ...process.env, NTLM_USER_FILE: users } })).stdout.trim()).toBe('200 200');
      expect(server.attempts()).toEqual([expect.objectContaining({ user: 'gatehouse', domain: 'ACME', timeTaken: true })]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses an answer on another connection than its challenge, and trusts no connection but the one that answered', async () => {
    const [one, two] = [new Client(server.url), new Client(server.url)];
    const challenge = await say(one, negotiate);
    const answer = authenticate(challenge.token);
    expect(await say(two, answer)).toEqual({ status: 401, token: Buffer.alloc(0) });
    expect(server.attempts()).toEqual([{ connection: 2, refused: 'no challenge was sent on this connection' }]);
    expect((await say(one, answer)).status).toBe(200);
    expect((await say(two)).status).toBe(401);
    expect((await say(one)).status).toBe(200);
    await Promise.all([one.close(), two.close()]);
  });

  it('trusts a connection no more once it starts anew, and takes no answer twice', async () => {
    const client = new Client(server.url);
    const answer = authenticate((await say(client, negotiate)).token);
    expect((await say(client, answer)).status).toBe(200);
    expect((await say(client, answer)).status).toBe(401);
    expect((await say(client)).status).toBe(401);
    await client.close();
  });

  it.each([
    ['a right MIC', (message: Buffer): Buffer => message, 200],
    ['a wrong MIC', (message: Buffer): Buffer => Buffer.from(message.fill(1, 72, 73)), 401],
  ])('with %s', async (_, change, status) => {
    const client = new Client(server.url);
    const { token } = await say(client, negotiate);
    expect((await say(client, change(authenticate(token, true)))).status).toBe(status);
    expect(server.attempts()).toEqual([expect.objectContaining(status === 200 ? { mic: true } : { refused: 'the MIC is wrong' })]);
    await client.close();
  });
});

/** Unicode, NTLM, ALWAYS_SIGN, extended session security, target information. */
const negotiate = Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.from('010000000582880200000000', 'hex'), Buffer.alloc(16)]);

/** An AUTHENTICATE_MESSAGE of the account's [MS-NLMP 2.2.1.3, 3.3.2]. */
function authenticate(challenge: Buffer, mic = false): Buffer {
  const key = ntowfv2(account.password, account.user, account.domain);
  const info = challenge.subarray(challenge.readUInt32LE(44), challenge.readUInt32LE(44) + challenge.readUInt16LE(40));
  const attributes = mic ? Buffer.concat([info.subarray(0, -4), Buffer.from('0600040002000000', 'hex'), Buffer.alloc(4)]) : info;
  const temp = Buffer.concat([
    Buffer.from('0101000000000000', 'hex'),
    Buffer.alloc(8),
    Buffer.alloc(8, 0xaa),
    Buffer.alloc(4),
    attributes,
    Buffer.alloc(4),
  ]);
  const proof = hmacMd5(key, Buffer.concat([challenge.subarray(24, 32), temp]));
  const head = Buffer.alloc(88);
  head.write('NTLMSSP\0\x03', 'latin1');
  head.writeUInt32LE(challenge.readUInt32LE(20), 60);
  let end = head.length;
  const contents = [
    [12, Buffer.alloc(24)],
    [20, Buffer.concat([proof, temp])],
    [28, Buffer.from(account.domain, 'utf16le')],
    [36, Buffer.from(account.user, 'utf16le')],
    [44, Buffer.from('WS', 'utf16le')],
    [52, Buffer.alloc(0)],
  ] as const;
  for (const [at, content] of contents) {
    head.writeUInt16LE(content.length, at);
    head.writeUInt16LE(content.length, at + 2);
    head.writeUInt32LE(end, at + 4);
    end += content.length;
  }
  const message = Buffer.concat([head, ...contents.map(([, content]) => content)]);
  if (mic) hmacMd5(hmacMd5(key, proof), Buffer.concat([negotiate, challenge, message])).copy(message, 72);
  return message;
}

async function say(client: Client, message?: Buffer): Promise<{ status: number; token: Buffer }> {
  const headers: Record<string, string> = message === undefined ? {} : { authorization: `NTLM ${message.toString('base64')}` };
  const answer = await client.request({ method: 'POST', path: '/', body: '<order/>', headers });
  await answer.body.dump();
  return { status: answer.statusCode, token: Buffer.from(String(answer.headers['www-authenticate'] ?? '').slice(5), 'base64') };
}
