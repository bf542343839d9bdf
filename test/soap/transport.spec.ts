import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type Link, type Outcome } from '../../src/contract/transport.ts';
import { setting, token } from '../../src/transports/soap/soap.ts';
import { ended, exchangeOver, traced } from '../support/exchange.ts';
import { startNtlmServer } from '../support/ntlm-server.ts';
import { canary, password, soapLink } from '../support/soap-link.ts';
import { type SoapReply, type SoapSeen, type SoapServer, envelopeOf, faultOf, soapServer } from '../support/soap-server.ts';
import { type Certificates, makeCertificates } from '../support/xmlsec.ts';

const vault = new URL('../soap/wsdl/vault.wsdl', import.meta.url).href;
const ns = 'xmlns="urn:gatehouse:test:vault"';
const deposited = envelopeOf(`<depositResponse ${ns}><balance>1.50</balance></depositResponse>`);
const deposit = { amount: '1.50' };

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
async function serve(answer: (seen: SoapSeen) => SoapReply): Promise<SoapServer> {
  const server = await soapServer(answer);
  closing.push(() => server.stop());
  return server;
}
async function open(...parameters: Parameters<typeof soapLink>): Promise<Link> {
  const link = await soapLink(...parameters);
  closing.push(() => link.close());
  return link;
}
/** A server of bytes; its address. */
async function raw(handle: (socket: Socket, number: number) => void): Promise<{ port: number; server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
    handle(socket, sockets.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, server, sockets };
}
const http = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
/** A call with a `leave` of our own. */
function exchangeWith(link: Link, leave: () => Promise<void>): Promise<Outcome> {
  return link.exchange('deposit', deposit, {
    call: 'deposit',
    callId: '0b9d4bb8-7c5d-4a7e-8a51-6c1a4a1f0c11',
    nowMs: 0,
    again: false,
    gather: async () => undefined,
    sequence: async () => 1,
    signal: AbortSignal.timeout(2_000),
    remainingMs: () => 2_000,
    leave,
    trace: () => undefined,
  });
}

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

describe('not sent, and it was carried out', () => {
  it.each([
    ['half of its answer', true],
    ['no answer yet', false],
  ])('a TLS alert after the system has carried out the call, with %s', async (_what, half) => {
    let carriedOut = 0;
    let break_: () => void = () => undefined;
    const app = createHttpsServer({ key: readFileSync(certificates.key), cert: readFileSync(certificates.certificate) }, (request, response) => {
      request.resume().on('end', () => {
        carriedOut += 1;
        if (half) response.writeHead(200, { 'content-type': 'text/xml', 'content-length': deposited.length }).write(deposited.slice(0, 40));
        setTimeout(() => break_(), 50);
      });
    });
    app.on('tlsClientError', () => undefined);
    app.listen(0, '127.0.0.1');
    await once(app, 'listening');
    closing.push(
      () => app.closeAllConnections(),
      () => app.close(),
    );
    // A line that spoils what the client sends later: the server's TLS answers with a fatal alert.
    const { port } = await raw((socket) => {
      const onward = connect((app.address() as AddressInfo).port, '127.0.0.1');
      onward.on('error', () => undefined);
      socket.pipe(onward);
      onward.pipe(socket);
      break_ = () => void onward.write(Buffer.concat([Buffer.from([0x17, 3, 3, 0, 40]), Buffer.alloc(40, 7)]));
    });
    const link = await open({ url: `https://127.0.0.1:${port}/`, caFile: certificates.ca }, { wsdl: vault });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([carriedOut, ended(exchanged)]).toEqual([1, 'unknown NO_ANSWER']);
  });

  it('HTTP 403 with the answer of the call in it is not "not sent"', async () => {
    const server = await serve(() => ({ status: 403, body: deposited }));
    const link = await open({ url: server.url }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toMatch(/^unknown/);
  });
});

describe('in doubt, and nothing has left', () => {
  it('the system closes the idle connection while leave() writes', async () => {
    const { port, sockets } = await raw((socket) => socket.on('data', () => socket.write(http(deposited))));
    const link = await open({ url: `http://127.0.0.1:${port}/` }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('answer');
    const outcome = await exchangeWith(link, async () => {
      sockets[0]?.destroy();
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    expect(outcome.end).not.toBe('unknown');
  });

  it('a token that cannot stand in a header is found before leave()', async () => {
    const server = await serve(() => ({ body: deposited }));
    const link = await open({ url: server.url, bearerToken: new Secret('env:TOKEN', 'abc\n') }, { wsdl: vault });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([ended(exchanged).split(' ')[0], exchanged.left, server.seen.length]).toEqual(['not', 0, 0]);
  });

  it('NTLM: the system closes the connection with its challenge', async () => {
    const real = await startNtlmServer({ domain: 'ACME', user: 'gatehouse', password: canary }, () => ({
      status: 200,
      contentType: 'text/xml',
      body: '',
    }));
    closing.push(() => real.stop());
    const front = createHttpServer((request, response) => {
      request
        .resume()
        .on(
          'end',
          () =>
            void fetch(real.url, { method: 'POST', headers: { authorization: request.headers.authorization ?? '' }, body: '' }).then(
              ({ status, headers }) =>
                response.writeHead(status, { 'www-authenticate': headers.get('www-authenticate') ?? '', connection: 'close' }).end(),
            ),
        );
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    closing.push(() => void front.close());
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/`;
    const link = await open({ url, authentication: 'ntlm', user: 'ACME\\gatehouse', password }, { wsdl: vault });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([ended(exchanged).split(' ')[0], exchanged.left]).toEqual(['not', 0]);
  });

  it('the deadline passes while leave() writes', async () => {
    const server = await serve(() => ({ body: deposited }));
    const link = await open({ url: server.url }, { wsdl: vault });
    const aborter = new AbortController();
    const outcome = await link.exchange('deposit', deposit, {
      call: 'deposit',
      callId: 'x',
      nowMs: 0,
      again: false,
      gather: async () => undefined,
      sequence: async () => 1,
      signal: aborter.signal,
      remainingMs: () => 0,
      leave: async () => aborter.abort(),
      trace: () => undefined,
    });
    expect([outcome.end, server.seen.length]).toEqual(['not sent', 0]);
  });

  it('a proxy without a tunnel refuses our user: HTTP 407', async () => {
    const proxy = await serve(() => ({ status: 407, headers: { 'proxy-authenticate': 'Basic realm="x"' }, body: '' }));
    const link = await open(
      { url: 'http://bank.example/', proxy: new URL(proxy.url).origin, proxyUser: 'gate', proxyPassword: password },
      { wsdl: vault },
    );
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('not sent CREDENTIALS_REFUSED');
  });
});

describe('answers that are there, and not taken', () => {
  it('an interim answer 100 that nobody asked for, as IIS 5 gave it, is passed over (RFC 9110, 15.2)', async () => {
    const { port } = await raw((socket) => socket.on('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${http(deposited)}`)));
    const link = await open({ url: `http://127.0.0.1:${port}/` }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('answer');
  });

  it('a connection that was answered before the request was read is not used again', async () => {
    const { port } = await raw((socket, number) =>
      socket.once('data', () => {
        if (number === 1) socket.pause();
        socket.write(http(deposited));
      }),
    );
    const link = await open({ url: `http://127.0.0.1:${port}/` }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', { amount: `1.${'5'.repeat(20_000_000)}` }))).toBe('answer');
    expect(ended(await exchangeOver(link, 'deposit', deposit, { timeoutMs: 1_500 }))).toBe('answer');
  });
});

describe('NTLM', () => {
  const account = { domain: 'ACME', user: 'gatehouse', password: canary };
  const ntlm = { authentication: 'ntlm', user: 'ACME\\gatehouse', password } as const;

  it('a connection whose first call did not leave is not taken for authenticated', async () => {
    const server = await startNtlmServer(account, () => ({ status: 200, contentType: 'text/xml', body: deposited }));
    closing.push(() => server.stop());
    const link = await open({ url: server.url, ...ntlm }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit, { refuse: true }))).toBe('not sent SYSTEM_UNAVAILABLE');
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('answer');
  });

  it('503 where a challenge was expected is an outage, and no matter of credentials', async () => {
    const server = await serve(() => ({ status: 503, body: '' }));
    const link = await open({ url: server.url, ...ntlm }, { wsdl: vault });
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('not sent UNREACHABLE');
  });

  it('a check that is refused gives its connection back', async () => {
    const { port, sockets } = await raw((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nwww-authenticate: Basic realm="x"\r\n\r\n')),
    );
    const link = await open({ url: `http://127.0.0.1:${port}/`, ...ntlm }, { wsdl: vault });
    for (let count = 0; count < 5; count += 1)
      await expect(link.check(AbortSignal.timeout(1_000))).rejects.toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded)).toHaveLength(0);
  });
});

describe('a proxy with a tunnel', () => {
  it('407 with a page behind its head is CREDENTIALS_REFUSED, at once', async () => {
    const { port } = await raw((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="squid"\r\ncontent-length: 13\r\n\r\n<html></html>',
        ),
      ),
    );
    const link = await open(
      { url: 'https://bank.example/', proxy: `http://127.0.0.1:${port}`, proxyUser: 'gate', proxyPassword: password, connectTimeoutMs: 1_000 },
      { wsdl: vault },
    );
    expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('not sent CREDENTIALS_REFUSED');
  });
});

describe('the check', () => {
  it('finds a system alive whose description is larger than an answer may be', async () => {
    const server = await serve(() => ({ body: ' '.repeat(100_000) }));
    const link = await open({ url: server.url, maxAnswerBytes: 50_000 }, { wsdl: vault });
    await expect(link.check(AbortSignal.timeout(2_000))).resolves.toBeUndefined();
  });
  it('finds a system alive that answers GET with a fault, as PHP and others do', async () => {
    const server = await serve(() => ({ status: 500, body: faultOf('Server', 'WSDL generation is not supported yet') }));
    const link = await open({ url: server.url }, { wsdl: vault });
    await expect(link.check(AbortSignal.timeout(2_000))).resolves.toBeUndefined();
  });
});

describe('a session', () => {
  const login = { call: 'login', args: { user: setting('user'), password: setting('password') } } as const;
  const settings = { authentication: 'layout', user: 'gatehouse', password } as const;
  const byToken = { login, token: 'sessionId', header: { session: { id: token() } } } as const;
  const logged = (id: string): string => envelopeOf(`<loginResponse ${ns}><sessionId>${id}</sessionId></loginResponse>`);

  it('its token is not in the trace of a packed answer either', async () => {
    const server = await serve(() => ({ body: '' }));
    await server.stop();
    closing.pop();
    const { port } = await raw((socket) =>
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        if (!/login|deposit/.test(text)) return;
        const body = gzipSync(text.includes('urn:login') ? logged('CANARY-session-1') : deposited);
        socket.write(
          Buffer.concat([
            Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`),
            body,
          ]),
        );
      }),
    );
    const link = await open({ url: `http://127.0.0.1:${port}/`, ...settings }, { wsdl: vault, session: byToken });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect(ended(exchanged)).toBe('answer');
    const bytes = Buffer.from(exchanged.parts[1]?.bytes ?? []);
    const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
    const readable = body[0] === 0x1f ? gunzipSync(body).toString() : body.toString();
    expect(readable).not.toContain('CANARY-session-1');
  });

  it('nor in that of an answer in UTF-16', async () => {
    const { port } = await raw((socket) =>
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        if (!/login|deposit/.test(text)) return;
        const body = Buffer.from(`\uFEFF${text.includes('urn:login') ? logged('CANARY-session-1') : deposited}`, 'utf16le');
        socket.write(
          Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: text/xml; charset=utf-16\r\ncontent-length: ${body.length}\r\n\r\n`), body]),
        );
      }),
    );
    const link = await open({ url: `http://127.0.0.1:${port}/`, ...settings }, { wsdl: vault, session: byToken });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect(ended(exchanged)).toBe('answer');
    expect(
      Buffer.from(exchanged.parts[1]?.bytes ?? [])
        .toString('latin1')
        .replaceAll('\0', ''),
    ).not.toContain('CANARY-session-1');
  });

  it('every cookie of the request is hidden, short ones too', async () => {
    const server = await serve(({ envelope }) =>
      envelope.includes(':login>')
        ? { headers: { 'set-cookie': ['lb=node-one-of-four; Path=/', 'SID=s3cr3t'] }, body: logged('x') }
        : { body: deposited },
    );
    const link = await open({ url: server.url, ...settings }, { wsdl: vault, session: { login, token: 'cookie' } });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect([ended(exchanged), server.seen[1]?.headers.cookie]).toEqual(['answer', 'lb=node-one-of-four; SID=s3cr3t']);
    expect(traced(exchanged)).not.toContain('s3cr3t');
  });

  it('of two cookies with one name the later one counts (RFC 6265, 5.3)', async () => {
    const server = await serve(({ envelope }) =>
      envelope.includes(':login>')
        ? { headers: { 'set-cookie': ['JSESSIONID=deleted; Max-Age=0', 'JSESSIONID=right-one-1'] }, body: logged('x') }
        : { body: deposited },
    );
    const link = await open({ url: server.url, ...settings }, { wsdl: vault, session: { login, token: 'cookie' } });
    await exchangeOver(link, 'deposit', deposit);
    expect(server.seen[1]?.headers.cookie).toBe('JSESSIONID=right-one-1');
  });

  it('a log-in that is answered with a fault that no rule knows is not tried for ever: users are locked', async () => {
    const server = await serve(() => ({ status: 500, body: faultOf('Client', 'ORA-01017: invalid username/password') }));
    const link = await open({ url: server.url, ...settings }, { wsdl: vault, session: byToken });
    const { outcome } = await exchangeOver(link, 'deposit', deposit);
    expect(outcome).toMatchObject({ end: 'not sent', error: { class: 'system' } });
  });

  it('a token that the system repeats in a fault is not in the outcome', async () => {
    const server = await serve(({ envelope }) =>
      envelope.includes(':login>')
        ? { body: logged('CANARY-session-1') }
        : { status: 500, body: faultOf('Client', 'no rights for session CANARY-session-1') },
    );
    const link = await open(
      { url: server.url, ...settings },
      { wsdl: vault, session: byToken, faults: [{ faultcode: 'Client', means: { refusal: 'RIGHTS' } }] },
    );
    const { outcome } = await exchangeOver(link, 'deposit', deposit);
    expect(JSON.stringify(outcome)).not.toContain('CANARY-session-1');
  });

  it('a caller that gives up does not fail the others who wait for the log-in', async () => {
    const server = await raw((socket) =>
      socket.on('data', (chunk: Buffer) => {
        const text = chunk.toString();
        if (text.includes('urn:login')) setTimeout(() => socket.write(http(logged('s1s1s1s1'))), 600);
        else if (text.includes('urn:deposit')) socket.write(http(deposited));
      }),
    );
    const link = await open({ url: `http://127.0.0.1:${server.port}/`, ...settings }, { wsdl: vault, session: byToken });
    const [, patient] = await Promise.all([
      exchangeOver(link, 'deposit', deposit, { timeoutMs: 300 }),
      exchangeOver(link, 'deposit', deposit, { timeoutMs: 5_000 }),
    ]);
    expect(ended(patient)).toBe('answer');
  });
});

describe('a log-in that fails', () => {
  const login = { call: 'login', args: { user: setting('user'), password: setting('password') } } as const;
  const session = { login, token: 'sessionId', header: { session: { id: token() } } } as const;
  it('leaves no token in the trace, though the system opened a session', async () => {
    const server = await serve(() => ({
      body: envelopeOf(`<loginResponse ${ns}><sessionId>CANARY-session-1</sessionId><sessionId>2</sessionId></loginResponse>`),
    }));
    const link = await open({ url: server.url, authentication: 'layout', user: 'gatehouse', password }, { wsdl: vault, session });
    const exchanged = await exchangeOver(link, 'deposit', deposit);
    expect(ended(exchanged)).toMatch(/^not sent/);
    expect(traced(exchanged)).not.toContain('CANARY-session-1');
  });
  it('leaves no connection open, with NTLM', async () => {
    const { port, sockets } = await raw((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nwww-authenticate: Basic realm="x"\r\n\r\n')),
    );
    const link = await open(
      { url: `http://127.0.0.1:${port}/`, authentication: 'ntlm', user: 'ACME\\gatehouse', password },
      { wsdl: vault, session },
    );
    for (let count = 0; count < 5; count += 1) expect(ended(await exchangeOver(link, 'deposit', deposit))).toBe('not sent CREDENTIALS_REFUSED');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded)).toHaveLength(0);
  });
});

describe('the layout', () => {
  it('a call that is not in the WSDL does not park the translations of those that are', async () => {
    const server = await serve(() => ({ body: deposited }));
    const link = await open({ url: server.url }, { wsdl: vault }, ['deposit', 'withdraw']);
    expect(link.fault).toMatchObject({ code: 'CALL_UNKNOWN' });
    const { outcome } = await exchangeOver(link, 'deposit', deposit);
    if (outcome.end === 'not sent') expect((outcome.error as GatehouseError).class).toBe('system');
    else expect(outcome.end).toBe('answer');
  });
  it('user and password in the address are refused, or not shown', async () => {
    const server = await serve(() => ({ body: deposited }));
    const link = await open({ url: server.url.replace('http://', 'http://gate:CANARY@') }, { wsdl: vault, addressing: true });
    expect(traced(await exchangeOver(link, 'deposit', deposit))).not.toContain('CANARY');
  });
});
