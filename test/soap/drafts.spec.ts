import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { type DraftPart, type Link, type Part } from '../../src/contract/transport.ts';
import { type SoapOptions, setting, token } from '../../src/transports/soap/soap.ts';
import { type SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { ended, exchangeOver } from '../support/exchange.ts';
import { startMtomPeer } from '../support/mtom-peer.ts';
import { startNtlmServer } from '../support/ntlm-server.ts';
import { canary, password, soapLink } from '../support/soap-link.ts';
import { type SoapSeen, type SoapServer, envelopeOf, soapServer } from '../support/soap-server.ts';
import { type Certificates, makeCertificates } from '../support/xmlsec.ts';

const vault = new URL('wsdl/vault.wsdl', import.meta.url).href;
const ns = 'xmlns="urn:gatehouse:test:vault"';
const answer = ({ envelope }: SoapSeen) => ({
  body: envelope.includes('login')
    ? envelopeOf(`<loginResponse ${ns}><sessionId>CANARY-session-1</sessionId></loginResponse>`)
    : envelopeOf(`<depositResponse ${ns}><balance>1.50</balance></depositResponse>`),
});
const login = { call: 'login', args: { user: setting('user'), password: setting('password') } };

let certificates: Certificates;
let server: SoapServer;
beforeAll(async () => {
  certificates = await makeCertificates();
  server = await soapServer(answer);
});
afterAll(async () => {
  certificates.remove();
  await server.stop();
});
const links: Link[] = [];
afterEach(async () => {
  for (const link of links.splice(0)) await link.close();
});

async function open(
  settings: Partial<SoapSettings> & { url: string },
  layout: Omit<SoapOptions, 'wsdl' | 'faults'> & { wsdl: string },
): Promise<Link> {
  const link = await soapLink(settings, layout);
  links.push(link);
  return link;
}
const shown = (part: DraftPart | undefined): string => Buffer.from(part?.bytes ?? []).toString('latin1');
const draft = async (link: Link, call: string, args: Json, like?: readonly Part[]): Promise<string> => {
  const drafted =
    (await link.draft?.(call, args, { callId: '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11', nowMs: 0, ...(like === undefined ? {} : { like }) })) ?? [];
  expect(drafted).toHaveLength(1);
  return shown(drafted[0]);
};
const sentIn = (parts: readonly Part[]): string => shown(parts.findLast(({ kind }) => kind === 'sent'));

describe('a draft beside the request that was sent', () => {
  it.each<[string, () => Partial<SoapSettings>, Omit<SoapOptions, 'wsdl' | 'faults'>]>([
    ['with the same message id', () => ({}), { addressing: true }],
    ['with a UsernameToken', () => ({ authentication: 'wsse-digest', user: 'gatehouse', password }), {}],
    ['with a signature', () => ({ signingKeyFile: certificates.key, signingCertificateFile: certificates.certificate }), {}],
    [
      'with both',
      () => ({
        signingKeyFile: certificates.key,
        signingCertificateFile: certificates.certificate,
        authentication: 'wsse-digest',
        user: 'gatehouse',
        password,
      }),
      {},
    ],
    [
      'with a session in a header',
      () => ({ authentication: 'layout', user: 'gatehouse', password }),
      { session: { login, token: 'sessionId', header: { session: { id: token() } } } },
    ],
  ])('%s is equal to it, and another amount is the only difference', async (_how, settings, layout) => {
    const link = await open({ url: server.url, ...settings() }, { wsdl: vault, ...layout });
    const before = server.seen.length;
    expect(await draft(link, 'deposit', { amount: '1.50' })).toContain('1.50');
    expect(server.seen).toHaveLength(before);
    const exchanged = await exchangeOver(link, 'deposit', { amount: '1.50' });
    expect(ended(exchanged)).toBe('answer');
    const like = exchanged.parts;
    expect(await draft(link, 'deposit', { amount: '1.50' }, like)).toBe(sentIn(like));
    expect(await draft(link, 'deposit', { amount: '9.99' }, like)).toBe(sentIn(like).replace('1.50', '9.99'));
    expect(await draft(link, 'deposit', { amount: '1.50' })).not.toMatch(/CANARY/);
  });

  it('with an attachment is equal to it', async () => {
    const peer = await startMtomPeer();
    const link = await open({ url: peer.url, mtom: true }, { wsdl: peer.wsdl, port: 'Archive12' });
    const args = { name: 'a', contents: randomBytes(10_000).toString('base64') };
    const { parts } = await exchangeOver(link, 'store', args, { timeoutMs: 20_000 });
    expect(await draft(link, 'store', args, parts)).toBe(sentIn(parts));
    expect(await draft(link, 'store', { ...args, name: 'b' }, parts)).not.toBe(sentIn(parts));
    await peer.stop();
  });

  it('over NTLM is equal to it, on a connection that proves the user and on one that has', async () => {
    const account = { domain: 'ACME', user: 'gatehouse', password: canary };
    const { body } = answer({ envelope: '' } as SoapSeen);
    const ntlm = await startNtlmServer(account, () => ({ status: 200, contentType: 'text/xml; charset=utf-8', body }));
    const link = await open({ url: ntlm.url, authentication: 'ntlm', user: 'ACME\\gatehouse', password }, { wsdl: vault });
    for (const _connection of ['new', 'used']) {
      const { parts } = await exchangeOver(link, 'deposit', { amount: '1.50' });
      expect(await draft(link, 'deposit', { amount: '1.50' }, parts)).toBe(sentIn(parts));
    }
    await ntlm.stop();
  });

  it('a payload that looks like a security header is not taken from what was sent', async () => {
    const link = await open({ url: server.url }, { wsdl: vault, addressing: true });
    for (const body of ['', '<soap:Body>', 'boundary="gatehouse-0123456789abcdef0123456789abcdef"', '\r\n\r\nauthorization: NTLM x\r\n']) {
      const sent = Buffer.from(`POST / HTTP/1.1\r\n\r\n${body}<wsse:Security><wsu:Created>then</wsu:Created></wsse:Security>`);
      const like: Part[] = [{ kind: 'sent', media: 'message/http', atMs: 0, bytes: sent }];
      expect(await draft(link, 'deposit', { amount: '1.50' }, like)).toBe(await draft(link, 'deposit', { amount: '1.50' }));
    }
  });
});
