import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Connection, type Session } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { type Link } from '../../src/contract/transport.ts';
import { command, from, optional, terminal } from '../../src/transports/terminal/terminal.ts';
import { cableTo } from '../support/cable.ts';
import { ended, type Exchanged, type ExchangeOptions, exchangeOver, traced } from '../support/exchange.ts';
import { hostKey } from '../support/host-key.ts';
import { ShellHost } from '../support/shell-host.ts';
import { terminalLink } from '../support/terminal-link.ts';

const layout = terminal({
  commands: {
    Echo: command({ program: 'printf', arguments: ['%s|', from('first'), optional('second'), ['--sku=', from('sku')]] }),
    Copy: command({ program: 'cat', stdin: from('text') }),
    Ends: command({
      program: 'sh',
      arguments: ['-c', 'echo out; echo err >&2; exit "$0"', from('code')],
      exits: { 3: { refusal: 'NO_STOCK' }, 75: 'not executed' },
    }),
    Marks: command({ program: 'sh', arguments: ['-c', 'touch "$0"; sleep 60', from('file')] }),
    Sleeps: command({ program: 'sleep', arguments: [from('seconds')] }),
    Talks: command({ program: 'head', arguments: ['-c', from('count'), '/dev/zero'], maxBytes: 100 }),
  },
});

describe('a command over SSH', () => {
  let host: ShellHost;
  let link: Link;
  beforeAll(async () => {
    host = await ShellHost.start();
    const { port, user, keyFile, fingerprint } = host;
    link = await terminalLink(layout, { port, user, keyFile, hostKeys: [fingerprint], effects: { Echo: 'read', Ends: 'once' } });
  });
  afterAll(async () => {
    await link.close();
    await host.stop();
  });
  const call = (name: string, args: Json, options: ExchangeOptions = {}): Promise<Exchanged> =>
    exchangeOver(link, name, args, { timeoutMs: 30_000, ...options });

  it('gets its arguments as they are', async () => {
    const hostile = `$(id) 'a' "b" \\ ;&|\n*`;
    const { outcome, left } = await call('Echo', { first: hostile, sku: '-1' });
    expect([outcome, left]).toEqual([{ end: 'answer', answer: { code: 0, output: `${hostile}|--sku=-1|` } }, 1]);
    expect((await call('Echo', { first: 'a', second: 'b', sku: 'c' })).outcome).toMatchObject({ answer: { output: 'a|b|--sku=c|' } });
  });

  it('is drafted as the line that would be run, and what it would read', async () => {
    const drafting = { callId: 'c', nowMs: 0 };
    const shown = async (name: string, args: Json) =>
      (await link.draft?.(name, args, drafting))?.map(({ kind, bytes }) => `${kind} ${Buffer.from(bytes).toString()}`);
    expect(await shown('Echo', { first: "a 'b'", sku: '-1' })).toEqual([String.raw`sent 'printf' '%s|' 'a '\''b'\''' '--sku=-1'`]);
    expect(await shown('Copy', { text: 'Łódź' })).toEqual(["sent 'cat'", 'note Łódź']);
    expect(traced(await call('Echo', { first: 'a', sku: 'b' }))).toContain((await shown('Echo', { first: 'a', sku: 'b' }))?.[0]);
    await expect(link.draft?.('Echo', { first: '-x', sku: 'b' }, drafting)).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
  });

  it('reads what it is given', async () =>
    expect((await call('Copy', { text: 'Łódź\n' })).outcome).toEqual({ end: 'answer', answer: { code: 0, output: 'Łódź' } }));

  it.each<[string, string, Json]>([
    ['3', 'answer', { refused: 'NO_STOCK', reason: 'err' }],
    ['0', 'answer', { code: 0, output: 'out' }],
    ['75', 'not sent NOT_EXECUTED', null],
    ['4', 'unknown FAULT_UNKNOWN', null],
  ])('that ends with %s is %s', async (code, end, answer) => {
    const exchanged = await call('Ends', { code });
    expect(ended(exchanged)).toBe(end);
    if (answer !== null) expect(exchanged.outcome).toMatchObject({ answer });
    expect(traced(exchanged)).toMatch(/^sent 'sh' '-c' [^]*\nnote err\n\nreceived out/);
  });

  it('that does not end in time may have happened', async () =>
    expect(ended(await call('Sleeps', { seconds: '60' }, { timeoutMs: 8_000 }))).toBe('unknown NO_ANSWER'));
  it.each(['cut', 'freeze'] as const)('whose line is %s while it runs may have happened', async (what) => {
    const { port, user, keyFile, fingerprint, home } = host;
    const cable = await cableTo(port);
    const behind = await terminalLink(layout, {
      port: cable.port,
      user,
      keyFile,
      hostKeys: [fingerprint],
      keepaliveMs: 200,
      effects: { Marks: 'once' },
    });
    const mark = join(home, `ran-${what}`);
    const running = exchangeOver(behind, 'Marks', { file: mark }, { timeoutMs: 30_000 });
    await expect.poll(() => existsSync(mark)).toBe(true);
    cable[what]();
    expect(ended(await running)).toBe('unknown NO_ANSWER');
    await behind.close();
    await cable.close();
  });
  it('that says more than is kept has no answer', async () => expect(ended(await call('Talks', { count: '101' }))).toBe('unknown ANSWER_INVALID'));
  it('does not run when leave refuses', async () =>
    expect(ended(await call('Ends', { code: '0' }, { refuse: true }))).toBe('not sent SYSTEM_UNAVAILABLE'));

  it.each<[string, Json]>([
    ['an option in the place of a value', { first: '--help', sku: 'a' }],
    ['what is missing', { first: 'a' }],
    ['what it does not know', { first: 'a', sku: 'b', more: 'c' }],
    ['a number', { first: 1, sku: 'b' }],
    ['NUL', { first: 'a\0b', sku: 'b' }],
  ])('%s is refused before a connection is made', async (_what, args) => {
    const exchanged = await call('Echo', args);
    expect([ended(exchanged), exchanged.left]).toEqual(['not sent CALL_REFUSED_ARGUMENTS', 0]);
  });

  it('an answer is held against its exits', () => {
    expect(link.violations('Ends', { code: 0, output: '' })).toEqual([]);
    expect(link.violations('Ends', { refused: 'NO_STOCK', reason: '' })).toEqual([]);
    expect(link.violations('Ends', { refused: 'OTHER', reason: '' })).toEqual(['a refusal is one of NO_STOCK']);
    expect(link.violations('Ends', { code: '0' })).toEqual(['code must be a whole number', 'output must be a text']);
  });

  it('the check connects', async () => {
    await link.check(AbortSignal.timeout(20_000));
    expect(link.fault).toBeNull();
  });
});

describe('a host that runs no command', () => {
  it.each<[string, (session: Session, client: Connection) => void, string]>([
    ['and says so has not run it', (session) => void session.on('exec', (_accept, reject) => reject()), 'not sent UNREACHABLE'],
    [
      'but closes its channel without a word may have run it',
      (session, client) => {
        const { _chanInfo: channel } = session as unknown as { _chanInfo: { outgoing: { id: number } } };
        const { _protocol: protocol } = client as unknown as { _protocol: { channelClose(id: number): void } };
        session.on('exec', () => protocol.channelClose(channel.outgoing.id));
      },
      'unknown NO_ANSWER',
    ],
  ])('%s', async (_what, behaves, end) => {
    const { key, print } = hostKey();
    const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => context.accept());
      client.on('session', (accept) => behaves(accept(), client));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const link = await terminalLink(layout, { port, hostKeys: [print], effects: { Ends: 'once' } });
    expect(ended(await exchangeOver(link, 'Ends', { code: '0' }, { timeoutMs: 20_000 }))).toBe(end);
    await link.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
