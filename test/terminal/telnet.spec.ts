import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { cableTo } from '../support/cable.ts';
import { startTelnetHost } from '../support/telnet-host.ts';
import { openTerminal, showing, terminalSettings } from '../support/terminals.ts';

const cleanUps: (() => unknown)[] = [];

async function open(port: number, settings: Partial<TerminalSettings> = {}): Promise<TerminalSession> {
  const session = await openTerminal(terminalSettings({ protocol: 'telnet', port, ...settings }));
  cleanUps.unshift(() => session.close());
  return session;
}

async function telnetd(script: string): Promise<number> {
  const host = await startTelnetHost(script);
  cleanUps.push(() => host.stop());
  return host.port;
}

async function server(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describe('telnet', () => {
  it('telnetd is told terminal and size, echoes, and gets every printable character and Enter', async () => {
    const port = await telnetd(
      'until stty size | grep -q 132; do sleep 0.1; done; stty size; echo "TERM=$TERM"; printf "ITEM "; read -r line; echo "GOT <$line>"; stty -echo; printf "PASS "; read -r pass; printf %s "$pass" | od -An -c -v; sleep 60',
    );
    const session = await open(port, { columns: 132 });
    const { screen, end } = await session.wait(showing('ITEM'), 10_000);
    expect(end).toBe('met');
    expect(screen.text()).toContain('24 132');
    expect(screen.text()).toContain('TERM=vt220');
    await session.wait(showing('ITEM', { settledMs: 50 }), 20_000);
    await session.type('Zoë 42', { name: 'item', at: session.screen().cursor, width: 20 });
    await session.press('enter');
    expect((await session.wait(showing('GOT <Zoë 42>'), 20_000)).end).toBe('met');
    await session.wait(showing('PASS', { settledMs: 50 }), 20_000);
    await session.type(new Secret('env:P', String.raw`#"'\$&~^`), { name: 'password', at: session.screen().cursor, width: 20, hidden: true });
    await session.press('enter');
    expect((await session.wait(showing(String.raw`#   "   '   \   $   &   ~   ^`), 20_000)).end).toBe('met');
  });

  it('a half-open host is found by timing marks, a silent one that is there is not given up', async () => {
    const cable = await cableTo(await telnetd('printf MENU; sleep 60'));
    cleanUps.push(() => cable.close());
    const session = await open(cable.port, { keepaliveMs: 100 });
    await session.wait(showing('MENU'), 10_000);
    expect((await session.wait(showing('NEVER'), 1_200)).end).toBe('timeout');
    cable.freeze();
    const waited = await session.wait(showing('NEVER'), 10_000);
    expect([waited.end, waited.why]).toEqual(['disconnected', 'the host did not answer']);
  });

  it('a host that goes away between screens is found although the old screen still shows', async () => {
    const port = await telnetd('printf MENU; read -r x; kill -9 $PPID');
    const session = await open(port);
    await session.wait(showing('MENU'), 10_000);
    await session.press('enter');
    const waited = await session.wait(showing('CONFIRMED'), 10_000);
    expect([waited.end, waited.screen.text().includes('MENU'), session.connected]).toEqual(['disconnected', true, false]);
    expect((await session.wait(showing('MENU'), 100)).end).toBe('disconnected');
  });

  it('an option bomb ends the session', async () => {
    const port = await server((socket) => socket.write(Buffer.from(Array.from({ length: 2_000 }, () => [255, 251, 1, 255, 252, 1]).flat())));
    const session = await open(port);
    const waited = await session.wait(showing('NEVER'), 10_000);
    expect([waited.end, waited.why]).toEqual(['disconnected', 'the host sent more than 1000 commands of telnet']);
  });

  it('a flood of output is taken to its end', async () => {
    const megabytes = 8;
    const chunk = Buffer.from('\x1b[2J\x1b[5;5Hflood of output, '.repeat(2_000));
    const port = await server((socket) => {
      let sent = 0;
      const more = (): void => {
        while (sent < megabytes * 1_000_000) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', more);
        }
        socket.write('\x1b[10;1HTHE END');
      };
      more();
    });
    const session = await open(port);
    const waited = await session.wait(showing('THE END'), 50_000);
    expect(waited.end).toBe('met');
  });

  it('TLS is spoken from the first byte, and a certificate that nobody vouches for is refused', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-telnets-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const subject = ['-subj', '/CN=stock.example', '-addext', 'subjectAltName=DNS:stock.example'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', certificate, ...subject],
      { stdio: 'ignore' },
    );
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (socket) => {
      socket.on('error', () => undefined);
      socket.write('SECURE MENU');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanUps.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const session = await open(port, { tls: true, caFile: certificate, serverName: 'stock.example' });
    expect((await session.wait(showing('SECURE MENU'), 20_000)).end).toBe('met');
    const codeOf = (settings: Partial<TerminalSettings>): Promise<string> =>
      open(port, { tls: true, ...settings }).then(
        () => 'trusted',
        (error: unknown) => (error as GatehouseError).code,
      );
    expect(await codeOf({ serverName: 'stock.example' })).toBe('CERTIFICATE_REJECTED');
    expect(await codeOf({ caFile: certificate, serverName: 'other.example' })).toBe('CERTIFICATE_REJECTED');
    expect(await codeOf({ caFile: certificate })).toBe('CERTIFICATE_REJECTED');
  });
});
