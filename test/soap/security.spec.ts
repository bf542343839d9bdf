import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { type Link } from '../../src/contract/transport.ts';
import { setting, token } from '../../src/transports/soap/soap.ts';
import { ended, exchangeOver, traced } from '../support/exchange.ts';
import { startMtomPeer } from '../support/mtom-peer.ts';
import { need } from '../support/needs.ts';
import { startNtlmServer } from '../support/ntlm-server.ts';
import { canary, password, soapLink } from '../support/soap-link.ts';
import { type SoapReply, type SoapSeen, type SoapServer, envelopeOf, faultOf, soapServer } from '../support/soap-server.ts';
import { startTinyproxy } from '../support/tinyproxy.ts';
import { type Certificates, makeCertificates, verifySignature, verifyUsernameToken } from '../support/xmlsec.ts';

const vault = new URL('wsdl/vault.wsdl', import.meta.url).href;
const ns = 'xmlns="urn:gatehouse:test:vault"';
const deposited = { body: envelopeOf(`<depositResponse ${ns}><balance>1.50</balance></depositResponse>`) };
const deposit = { amount: '1.50' };

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(answer: (seen: SoapSeen) => SoapReply, tls?: Parameters<typeof soapServer>[1]): Promise<SoapServer> {
  const server = await soapServer(answer, tls);
  closing.push(() => server.stop());
  return server;
}

async function open(...parameters: Parameters<typeof soapLink>): Promise<Link> {
  const link = await soapLink(...parameters);
  closing.push(() => link.close());
  return link;
}

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

describe('WS-Security', () => {
  it('a UsernameToken with a digest is right to openssl, and neither password nor digest is in the trace', async () => {
    const server = await serve(() => deposited);
    const link = await open({ url: server.url, authentication: 'wsse-digest', user: 'gate & house', password }, { wsdl: vault });
    const first = await exchangeOver(link, 'deposit', deposit);
    expect(ended(first)).toBe('answer');
    await exchangeOver(link, 'deposit', deposit);
    const [one, two] = await Promise.all(server.seen.map(({ envelope }) => verifyUsernameToken(envelope, canary)));
    expect(one).toMatchObject({ username: 'gate & house' });
    expect(one?.nonce).not.toBe(two?.nonce);
    const digest = /PasswordDigest">([^<]+)</.exec(server.seen[0]?.envelope ?? '')?.[1] ?? '';
    expect(digest.length).toBeGreaterThan(20);
    expect(traced(first)).not.toContain(digest);
    expect(traced(first)).toContain('{{env:ACME_PASSWORD}}');
  });

  it('a password as text reaches the system, and only its name the trace', async () => {
    const server = await serve(() => deposited);
    const link = await open({ url: server.url, authentication: 'wsse-text', user: 'gatehouse', password }, { wsdl: vault });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect(server.seen[0]?.envelope).toContain('CANARY-pass&amp;word&lt;7&gt;');
    expect(traced(exchanged)).not.toContain('CANARY');
  });

  it('the signature covers body and time stamp, by xmlsec1; with a UsernameToken beside it too', async () => {
    const server = await serve(() => deposited);
    const signing = { url: server.url, signingKeyFile: certificates.key, signingCertificateFile: certificates.certificate };
    const link = await open(signing, { wsdl: vault });
    const both = await open({ ...signing, authentication: 'wsse-digest', user: 'gatehouse', password }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', { amount: '0.10' }))).toBe('answer');
    expect(ended(await exchangeOver(both, 'deposit', deposit))).toBe('answer');
    for (const { envelope } of server.seen) expect((await verifySignature(envelope, certificates.ca)).sort()).toEqual(['Body', 'Timestamp']);
    await verifyUsernameToken(server.seen[1]?.envelope ?? '', canary);
    const tampered = (server.seen[0]?.envelope ?? '').replace('>0.10<', '>9.10<');
    await expect(verifySignature(tampered, certificates.ca)).rejects.toThrow();
  });
});

describe('MTOM', () => {
  it.each([['Archive11'], ['Archive12']])('%s: bytes beside the envelope arrive and come back exactly, by Python’s own parsers', async (port) => {
    const peer = await startMtomPeer();
    closing.push(() => peer.stop());
    const link = await open({ url: peer.url, mtom: true }, { wsdl: peer.wsdl, port });
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));
    const contents = Buffer.concat([bytes, Buffer.from('\r\n--gatehouse-\r\n')]).toString('base64');
    const stored = await exchangeOver(link, 'store', { name: 'a & b', contents });
    expect(stored.outcome).toMatchObject({ end: 'answer', answer: { bytes: String(100_016) } });
    expect(peer.stored()[0]).toMatchObject({ name: 'a & b', parts: [{ type: 'application/octet-stream', bytes: 100_016 }] });
    expect((await exchangeOver(link, 'fetch', { name: 'a & b' })).outcome).toEqual({ end: 'answer', answer: { contents } });
    const small = await exchangeOver(link, 'store', { name: 'small', contents: 'AAEC' });
    expect([ended(small), peer.stored()[1]?.parts]).toEqual(['answer', []]);
    const inline = await open({ url: `${peer.url}?inline` }, { wsdl: peer.wsdl, port });
    expect((await exchangeOver(inline, 'fetch', { name: 'a & b' })).outcome).toEqual({ end: 'answer', answer: { contents } });
  });

  it.each([
    ['no boundary', 'multipart/related; type="application/xop+xml"', 'x'],
    ['a boundary that does not come', 'multipart/related; boundary=b', 'x'],
    ['an end that does not come', 'multipart/related; boundary=b', '--b\r\na: b\r\n\r\nx'],
    ['a part without header', 'multipart/related; boundary=b', '--b\r\n--b--'],
    [
      'an attachment that is missing',
      'multipart/related; boundary=b',
      `--b\r\nContent-Type: text/xml\r\n\r\n${envelopeOf('<fetchResponse xmlns="urn:gatehouse:test:archive"><contents><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:gone"/></contents></fetchResponse>')}\r\n--b--`,
    ],
  ])('%s is no answer', async (_what, contentType, body) => {
    const server = await serve(() => ({ headers: { 'content-type': contentType }, body }));
    const link = await open({ url: server.url }, { wsdl: new URL('wsdl/archive.wsdl', import.meta.url).href });
    const { outcome } = await exchangeOver(link, 'fetch', { name: 'x' });
    expect(outcome).toMatchObject({ end: 'unknown', error: { message: expect.stringMatching(/multipart|attachment/) } });
  });
});

describe('NTLM', () => {
  const account = { domain: 'ACME', user: 'gatehouse', password: canary };
  const ntlm = { authentication: 'ntlm', user: 'ACME\\gatehouse', password } as const;

  it('proves the user to a connection before the call leaves, and once a connection', async () => {
    const server = await startNtlmServer(account, () => ({ status: 200, contentType: 'text/xml', body: deposited.body }));
    closing.push(() => server.stop());
    const link = await open({ url: server.url, ...ntlm }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit, { refuse: true }))).toBe('not sent SYSTEM_UNAVAILABLE');
    expect(server.admitted()).toEqual([]);
    const first = await exchangeOver(link, 'deposit', deposit);
    const second = await exchangeOver(link, 'deposit', deposit);
    expect([ended(first), ended(second)]).toEqual(['answer', 'answer']);
    expect(server.attempts()).toHaveLength(1);
    expect(server.admitted().map(({ connection }) => connection)).toEqual([2, 2]);
    expect(first.parts.map(({ kind }) => kind)).toEqual(['sent', 'received', 'sent', 'received']);
    expect(traced(first)).not.toMatch(/NTLM TlRM/);
    const refused = await exchangeOver(link, 'deposit', deposit, { refuse: true });
    expect([ended(refused), server.admitted().length]).toEqual(['not sent SYSTEM_UNAVAILABLE', 2]);
    await link.check(AbortSignal.timeout(2_000));
  });

  it('a wrong password holds the system, after one attempt', async () => {
    const server = await startNtlmServer({ ...account, password: 'other' }, () => ({ status: 200, contentType: 'text/xml', body: deposited.body }));
    closing.push(() => server.stop());
    const link = await open({ url: server.url, ...ntlm }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('not sent CREDENTIALS_REFUSED');
    expect([server.attempts().length, server.admitted().length]).toEqual([1, 0]);
  });

  it('a system without NTLM says what to change', async () => {
    const server = await serve(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: '' }));
    const link = await open({ url: server.url, ...ntlm }, { wsdl: vault });
    const { outcome, left } = await exchangeOver(link, 'deposit', deposit);
    expect([outcome, left]).toMatchObject([
      { end: 'not sent', error: { code: 'CREDENTIALS_REFUSED', message: expect.stringContaining('set authentication') } },
      0,
    ]);
  });
});

describe('bearer', () => {
  it('shows the token to the system, and its name to the trace', async () => {
    const server = await serve(() => deposited);
    const link = await open({ url: server.url, bearerToken: new Secret('file:/run/token', 'CANARY.jwt') }, { wsdl: vault });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer CANARY.jwt');
    expect(traced(exchanged)).toContain('authorization: Bearer {{file:/run/token}}');
  });
});

describe('a session', () => {
  const session = {
    login: { call: 'login', args: { user: setting('user'), password: setting('password') } },
    token: 'sessionId',
    header: { session: { id: token() } },
    logout: { call: 'logout', args: { sessionId: token() } },
  } as const;
  const faults = [
    { faultstring: 'session', means: 'session over' },
    { faultstring: 'wrong password', means: 'credentials' },
  ] as const;

  /** Counts log-ins and forgets sessions when told to. */
  async function vaultServer(): Promise<{ server: SoapServer; state: { logins: number; valid: string | null; password: string } }> {
    const state = { logins: 0, valid: null as string | null, password: 'CANARY-pass&amp;word&lt;7&gt;' };
    const server = await serve(({ envelope, headers }) => {
      if (envelope.includes(':login>')) {
        if (!envelope.includes(`>${state.password}<`)) return { status: 500, body: faultOf('Client', 'wrong password') };
        state.logins += 1;
        state.valid = `CANARY-session-${state.logins}`;
        return {
          headers: { 'set-cookie': [`JSESSIONID=${state.valid}; Path=/; HttpOnly`, 'lb=7'] },
          body: envelopeOf(`<loginResponse ${ns}><sessionId>${state.valid}</sessionId></loginResponse>`),
        };
      }
      if (envelope.includes(':logout>')) {
        state.valid = null;
        return { body: envelopeOf(`<logoutResponse ${ns}/>`) };
      }
      const known = state.valid !== null && (envelope.includes(`id>${state.valid}<`) || headers.cookie === `JSESSIONID=${state.valid}; lb=7`);
      return known ? deposited : { status: 500, body: faultOf('Client', 'session expired') };
    });
    return { server, state };
  }

  it('is logged in once for many callers, renewed once when it is over, and logged out at the end', async () => {
    const { server, state } = await vaultServer();
    const link = await soapLink({ url: server.url, authentication: 'layout', user: 'gatehouse', password }, { wsdl: vault, faults, session }, [
      'deposit',
    ]);
    const many = await Promise.all(Array.from({ length: 10 }, () => exchangeOver(link, 'deposit', deposit)));
    expect(many.map(ended)).toEqual(Array(10).fill('answer'));
    expect(state.logins).toBe(1);
    state.valid = 'another';
    const renewed = await exchangeOver(link, 'deposit', deposit);
    expect([ended(renewed), state.logins, renewed.left]).toEqual(['answer', 2, 1]);
    expect(renewed.parts.map(({ kind }) => kind)).toEqual(['sent', 'received', 'sent', 'received', 'sent', 'received']);
    expect(many.map(traced).join() + traced(renewed)).not.toContain('CANARY');
    await link.close();
    expect(state.valid).toBe(null);
  });

  it('in a cookie', async () => {
    const { server, state } = await vaultServer();
    const { header: _none, logout: _neither, ...rest } = session;
    const link = await open(
      { url: server.url, authentication: 'layout', user: 'gatehouse', password },
      { wsdl: vault, faults, session: { ...rest, token: 'cookie' } },
    );
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([ended(exchanged), state.logins, traced(exchanged).includes('CANARY')]).toEqual(['answer', 1, false]);
  });

  it('a refused log-in leaves nothing behind and is not tried again within the call', async () => {
    const { server, state } = await vaultServer();
    state.password = 'changed';
    const link = await open({ url: server.url, authentication: 'layout', user: 'gatehouse', password }, { wsdl: vault, faults, session });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([ended(exchanged), exchanged.left, server.seen.length]).toEqual(['not sent CREDENTIALS_REFUSED', 0, 1]);
  });

  it('one that is over at once again is not sent, and is not asked for a third time', async () => {
    const { server, state } = await vaultServer();
    const deaf = await serve((seen) => {
      if (!seen.envelope.includes(':login>')) return { status: 500, body: faultOf('Client', 'session expired') };
      state.logins += 1;
      return { body: envelopeOf(`<loginResponse ${ns}><sessionId>s</sessionId></loginResponse>`) };
    });
    const { logout: _none, ...rest } = session;
    const link = await open({ url: deaf.url, authentication: 'layout', user: 'gatehouse', password }, { wsdl: vault, faults, session: rest });
    expect([ended(await exchangeOver(link, 'deposit', deposit)), state.logins]).toEqual(['not sent NOT_EXECUTED', 2]);
    expect(server.seen).toEqual([]);
  });
});

describe('TLS', () => {
  it('a system that refuses our certificate with an alert has carried nothing out', async () => {
    const args = ['s_server', '-accept', '127.0.0.1:0', '-key', certificates.key, '-cert', certificates.certificate, '-CAfile', certificates.ca];
    const server = spawn(need('openssl', 'openssl'), [...args, '-Verify', '1', '-verify_return_error', '-www'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    closing.push(() => server.kill());
    let said = '';
    for await (const text of server.stdout) if (/ACCEPT \S+:(\d+)/.test((said += String(text)))) break;
    const url = `https://127.0.0.1:${/ACCEPT \S+:(\d+)/.exec(said)?.[1]}/`;
    const bare = await open({ url, caFile: certificates.ca }, { wsdl: vault });
    expect(ended(await exchangeOver(bare, 'deposit', deposit))).toBe('not sent CERTIFICATE_REJECTED');
    const stranger = await open(
      { url, caFile: certificates.ca, certificateFile: certificates.strangerCertificate, keyFile: certificates.strangerKey },
      { wsdl: vault },
    );
    expect(ended(await exchangeOver(stranger, 'deposit', deposit))).toBe('not sent CERTIFICATE_REJECTED');
  });

  it('a client certificate that the system wants, its CA, and names that do not match', async () => {
    const ca = readFileSync(certificates.ca);
    const server = await serve(() => deposited, {
      key: readFileSync(certificates.key),
      cert: readFileSync(certificates.certificate),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const url = server.url;
    const shown = { certificateFile: certificates.certificate, keyFile: certificates.key };
    const right = await open({ url, caFile: certificates.ca, ...shown }, { wsdl: vault });
    expect(ended(await exchangeOver(right, 'deposit', deposit))).toBe('answer');
    await right.check(AbortSignal.timeout(2_000));
    const untrusting = await open({ url, ...shown }, { wsdl: vault });
    expect(ended(await exchangeOver(untrusting, 'deposit', deposit))).toBe('not sent CERTIFICATE_REJECTED');
    const misnamed = await open({ url: url.replace('127.0.0.1', 'localhost'), caFile: certificates.ca, ...shown }, { wsdl: vault });
    expect(ended(await exchangeOver(misnamed, 'deposit', deposit))).toBe('not sent CERTIFICATE_REJECTED');
    const bare = await open({ url, caFile: certificates.ca }, { wsdl: vault });
    const refused = await exchangeOver(bare, 'deposit', deposit);
    expect([refused.outcome, server.seen.length]).toMatchObject([
      { end: 'not sent', error: { code: 'CERTIFICATE_REJECTED', message: expect.stringContaining('certificateFile, keyFile') } },
      2,
    ]);
    await expect(soapLink({ url, caFile: '/nowhere.pem' }, { wsdl: vault })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('systems.acme.soap.caFile'),
    });
  });
});

describe('a proxy', () => {
  it('is tunnelled through for TLS, asked without, and refused credentials are about the system', async () => {
    const tinyproxy = await startTinyproxy('gate', 'CANARYproxy');
    closing.push(() => tinyproxy.stop());
    const plain = await serve(() => deposited);
    const tls = await serve(() => deposited, { key: readFileSync(certificates.key), cert: readFileSync(certificates.certificate) });
    const proxied = { proxy: tinyproxy.url, proxyUser: 'gate', proxyPassword: new Secret('env:PROXY', 'CANARYproxy'), caFile: certificates.ca };
    for (const server of [plain, tls]) {
      const link = await open({ url: server.url, ...proxied }, { wsdl: vault });
      const exchanged = await exchangeOver(link, 'deposit', deposit);
      expect([server.url, ended(exchanged), traced(exchanged).includes('CANARY')]).toEqual([server.url, 'answer', false]);
      expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('answer');
      await link.check(AbortSignal.timeout(2_000));
    }
    expect(plain.seen[0]?.headers['via']).toContain('tinyproxy');
    expect(plain.seen[0]?.headers['proxy-authorization']).toBeUndefined();
    const wrong = await open({ url: tls.url, ...proxied, proxyPassword: new Secret('env:X', 'wrong') }, { wsdl: vault });
    expect(await exchangeOver(wrong, 'deposit', deposit)).toMatchObject({
      outcome: { end: 'not sent', error: { message: expect.stringContaining('proxy') } },
      left: 0,
    });
    await tls.stop();
    const gone = await open({ url: tls.url, ...proxied }, { wsdl: vault });
    expect(ended(await exchangeOver(gone, 'deposit', deposit))).toBe('not sent UNREACHABLE');
    await tinyproxy.stop();
    expect(ended(await exchangeOver(gone, 'deposit', deposit))).toBe('not sent UNREACHABLE');
  });
});
