import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { hostKey } from '../support/host-key.ts';
import { need } from '../support/needs.ts';
import { ShellHost } from '../support/shell-host.ts';
import { startTelnetHost } from '../support/telnet-host.ts';
import { openTerminal, shellSettings, showing, terminalSettings } from '../support/terminals.ts';
import { attribute, Painting, type Program, Tn3270Host } from '../support/tn3270-host.ts';

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at)).join('');
/** What a clerk of a hospital types on a bad day. */
const hostile = [`O'Brien "Zoë"`, String.raw`\n $(id) %s`, '`x`; rm -rf ~', 'e\u0301日本 ﾊ', '<&>*?[a-z]|#!'];
let host: ShellHost;
const cleanUps: (() => unknown)[] = [];

async function open(settings: TerminalSettings): Promise<TerminalSession> {
  const session = await openTerminal(settings);
  cleanUps.push(() => session.close());
  return session;
}

/** A program on the terminal, as a script of sh. */
function program(name: string, script: string): string {
  const file = join(host.folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

beforeAll(async () => {
  for (const name of ['dialog', 'abook', 's3270']) need(name, name);
  host = await ShellHost.start();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(() => host.stop());

/** Adds contacts in abook and says what it saved of them. */
async function savedByAbook(names: readonly string[]): Promise<string[]> {
  const book = join(host.home, `book-${names.length}`);
  const session = await open(shellSettings(host, { command: `env HOME=${host.home} LANG=C.UTF-8 abook --datafile ${book}` }));
  expect((await session.wait(showing('abook', { settledMs: 100 }), 20_000)).end).toBe('met');
  for (const name of names) {
    await session.press('a');
    expect((await session.wait(showing('Name:', { settledMs: 100 }), 20_000)).end).toBe('met');
    const at = session.screen().cursor;
    for (const bad of ['A\nB', '\x1b[A', 'a\tb', 'a\x9bb', 'a\x00b', 'x'.repeat(31)])
      await expect(session.type(bad, { name: 'name', at, width: 30 })).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
    await session.type(name, { name: 'name', at, width: 30 });
    await session.press('enter');
    await session.wait(showing('CONTACT', { settledMs: 100 }), 20_000);
    await session.press('q');
    expect(
      (await session.wait(showing('abook', { absent: [{ text: 'CONTACT', within: { row: 1, column: 1, height: 24 } }], settledMs: 100 }), 20_000))
        .end,
    ).toBe('met');
  }
  await session.press('q');
  if ((await session.wait(showing('(Y/n)', { settledMs: 50 }), 3_000)).end === 'met') await session.press('y');
  await expect.poll(() => existsSync(book)).toBe(true);
  await expect.poll(() => readFileSync(book, 'utf8').match(/^name=/gm)?.length).toBe(names.length);
  return [...readFileSync(book, 'utf8').matchAll(/^name=(.*)$/gm)].map(([, name]) => name ?? '').toSorted();
}

describe('values that mean harm', () => {
  it('abook saves them as they are, and nothing of those that press keys or are one character too long', async () => {
    expect(await savedByAbook(hostile)).toEqual(hostile.toSorted());
  });

  it('dialog returns them as they are, on 132 columns', async () => {
    const fields = hostile.map((_, at) => `"F${at}:" ${at + 1} 1 "" ${at + 1} 6 20 20`).join(' ');
    const command = program(
      'form',
      `export LANG=C.UTF-8; dialog --form "FORM" 20 120 10 ${fields} 2>${host.home}/form.out; echo "EXIT $?"; sleep 60`,
    );
    const session = await open(shellSettings(host, { command, columns: 132, terminal: 'xterm' }));
    const shown = await session.wait(showing('F0:', { settledMs: 100 }), 20_000);
    expect([shown.end, shown.screen.columns]).toEqual(['met', 132]);
    const first = shown.screen.cursor;
    for (const [at, value] of hostile.entries()) {
      const place = { row: first.row + at, column: first.column };
      if (at > 0) await session.press('down');
      expect((await session.wait(showing('F0:', { cursor: place }), 20_000)).end).toBe('met');
      await expect(session.type('y'.repeat(21), { name: 'field', at: place, width: 20 })).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
      await session.type(value, { name: 'field', at: place, width: 20 });
    }
    await session.press('tab');
    await session.wait(showing('F0:', { settledMs: 100 }), 20_000);
    await session.press('enter');
    expect((await session.wait(showing('EXIT 0'), 20_000)).end).toBe('met');
    expect(readFileSync(join(host.home, 'form.out'), 'utf8').split('\n').slice(0, -1)).toEqual(hostile);
  });

  it('a password of every printable character arrives where a screen asks for it, over SSH and telnet', async () => {
    const asks = (file: string): string => `stty raw -echo; printf 'PASSWORD: '; head -c 95 >${file}; stty sane; printf ' TAKEN'; sleep 60`;
    const over = async (settings: TerminalSettings, file: string): Promise<string> => {
      const session = await open(settings);
      const asked = await session.wait(showing('PASSWORD:', { settledMs: 100 }), 20_000);
      expect(asked.end).toBe('met');
      const at = asked.screen.cursor;
      await session.type(new Secret('env:P', printable), { name: 'password', at, width: 95, hidden: true });
      expect((await session.wait(showing('TAKEN'), 20_000)).end).toBe('met');
      return readFileSync(file, 'latin1');
    };
    const [bySsh, byTelnet] = [join(host.home, 'ssh.out'), join(host.folder, 'telnet.out')];
    expect(await over(shellSettings(host, { command: program('asks', asks(bySsh)) }), bySsh)).toBe(printable);
    const telnet = await startTelnetHost(asks(byTelnet));
    cleanUps.push(() => telnet.stop());
    expect(await over(terminalSettings({ protocol: 'telnet', port: telnet.port }), byTelnet)).toBe(printable);
  });
});

describe('VT over SSH', () => {
  it.each(['vt220', 'vt100', 'xterm', 'xterm-256color'] as const)('the host is told that the terminal is a %s', async (terminal) => {
    const session = await open(shellSettings(host, { terminal, command: program('term', 'echo "TERM=<$TERM>"; sleep 60') }));
    expect((await session.wait(showing(`TERM=<${terminal}>`), 20_000)).end).toBe('met');
  });

  it('all that a program said before its end is seen, however much it was', async () => {
    const session = await open(shellSettings(host, { command: program('much', 'seq 1 200000; printf "\\nTHE LAST WORDS"') }));
    const waited = await session.wait(showing('THE LAST WORDS'), 50_000);
    expect(waited.screen.text()).toContain('THE LAST WORDS');
  });

  it('a terminal that the host closes without a word is found closed, although the connection stands', async () => {
    const { key, print } = hostKey();
    const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (asked) => asked.accept());
      client.on('session', (accept) => {
        const session = accept();
        session.on('pty', (yes) => yes?.());
        session.on('shell', (yes) => {
          const stream = yes();
          stream.write('MENU');
          // Neither exit status nor signal: only the channel closes.
          stream.once('data', () => stream.end());
        });
      });
    }).listen(0, '127.0.0.1');
    cleanUps.push(() => void server.close());
    await once(server, 'listening');
    const settings = {
      protocol: 'ssh',
      port: (server.address() as AddressInfo).port,
      user: 'x',
      password: new Secret('env:P', 'x'),
      hostKeys: [print],
    } as const;
    const session = await open(terminalSettings({ ...settings, hostKeys: [print], keepaliveMs: 0 }));
    expect((await session.wait(showing('MENU'), 20_000)).end).toBe('met');
    await session.press('enter');
    const waited = await session.wait(showing('NEVER'), 20_000);
    expect([waited.end, waited.why]).toEqual(['disconnected', 'the host closed the terminal']);
  });

  it('a key goes out at once: it does not wait for the answer to the one before', async () => {
    const session = await open(shellSettings(host, { command: program('echo', "stty raw -echo; printf 'GO '; cat") }));
    await session.wait(showing('GO', { cursor: { row: 1, column: 4 } }), 20_000);
    const tookMs: number[] = [];
    for (let turn = 0; turn < 70; turn += 1) {
      const began = performance.now();
      await session.press('x');
      const at = { row: 1, column: 5 + turn };
      expect((await session.wait(showing('GO', { cursor: at }), 20_000)).end).toBe('met');
      tookMs.push(performance.now() - began);
    }
    // Delayed acknowledgements hold back every key for 40 ms; a machine at work, some.
    expect(tookMs.toSorted((a, b) => a - b)[7]).toBeLessThan(30);
  });
});

describe('the program s3270', () => {
  const form = (): Painting =>
    new Painting('erase-write')
      .at(1, 1)
      .field(attribute.protected)
      .text('FORM')
      .at(3, 1)
      .field(attribute.input)
      .cursor()
      .at(3, 12)
      .field(attribute.protected);

  async function on(program: Program, settings: Partial<TerminalSettings> = {}): Promise<TerminalSession> {
    const host = await Tn3270Host.start(program);
    cleanUps.push(() => host.stop());
    return open(terminalSettings({ protocol: 'tn3270', port: host.port, ...settings }));
  }

  it('gets no trace, no web server, no script port, and nothing of our environment', async () => {
    process.env['GATEHOUSE_TEST_CANARY'] = 'canary-in-the-environment';
    cleanUps.push(() => delete process.env['GATEHOUSE_TEST_CANARY']);
    const session = await on({ started: (host) => host.send(form()) }, { logicalUnits: ['LU01'] });
    expect(session.connected).toBe(true);
    const pid = execFileSync('pgrep', ['-P', String(process.pid), '-n', 's3270'], { encoding: 'utf8' }).trim();
    const list = (name: string): string[] =>
      readFileSync(`/proc/${pid}/${name}`, 'utf8')
        .split('\0')
        .filter((word) => word !== '');
    expect(list('cmdline').slice(1)).toEqual(['-utf8', '-codepage', 'cp037', '-model', '3279-2-E']);
    expect(
      list('environ')
        .map((pair) => pair.split('=')[0])
        .toSorted(),
    ).toEqual(['LANG', 'LC_ALL', 'PATH']);
  });

  it('that says ok and types less than it was told is found out', async () => {
    const wrapper = join(host.folder, 's3270-that-drops');
    writeFileSync(wrapper, `#!/bin/sh\nsed -u 's/^String("AB-100")/String("AB-1")/' | s3270 "$@"\n`);
    chmodSync(wrapper, 0o755);
    const session = await on({ started: (host) => host.send(form()) }, { s3270: wrapper });
    await session.wait(showing('FORM'), 20_000);
    const at = { row: 3, column: 2 };
    await session.type('AB-200', { name: 'sku', at });
    await expect(session.type('AB-100', { name: 'sku', at })).rejects.toMatchObject({
      code: 'SCREEN_UNEXPECTED',
      message: "stock: 'sku' at row 3, column 2 does not show what was typed after 0 ms; nothing was submitted",
    });
  });

  it.each([
    ['2', 24, 80],
    ['3', 32, 80],
    ['4', 43, 80],
    ['5', 27, 132],
  ] as const)('model %s shows the last cell of %i rows and %i columns, and goes back to 24 by 80', async (model, rows, columns) => {
    const big = new Painting('erase-write-alternate', { columns })
      .at(rows, columns - 3)
      .field(attribute.protected)
      .text('END');
    const session = await on({ started: (host) => host.send(big), received: (host) => host.send(form()) }, { model });
    const corner = await session.wait({ name: 'corner', anchors: [{ text: 'END', at: { row: rows, column: columns - 2 } }] }, 20_000);
    expect([corner.end, corner.screen.rows, corner.screen.columns]).toEqual(['met', rows, columns]);
    await session.press('enter');
    const back = await session.wait({ name: 'form', anchors: [{ text: 'FORM', at: { row: 1, column: 2 } }] }, 20_000);
    expect([back.end, back.screen.rows, back.screen.columns]).toEqual(['met', 24, 80]);
  });

  it('a screen with its keyboard locked satisfies nothing, and one that flashes by is not taken for the next', async () => {
    const mainframe = await PracticeMainframe.start({ enhanced: true });
    cleanUps.push(() => mainframe.close());
    const session = await open(terminalSettings({ protocol: 'tn3270', port: mainframe.port }));
    await session.wait(showing('SIGN ON'), 20_000);
    await session.type('gatehouse', { name: 'user', at: { row: 9, column: 25 } });
    await session.type(new Secret('env:P', 'practice'), { name: 'password', at: { row: 11, column: 25 } });
    mainframe.fault({ kind: 'flash', screen: 'menu', times: 1, ms: 300 });
    await session.press('enter');
    const menu = await session.wait(showing('CUSTOMER MENU'), 20_000);
    expect([menu.end, menu.screen.lock]).toEqual(['met', 'unlocked']);
    mainframe.fault({ kind: 'keyboard-kept', screen: 'enquiry', times: 1 });
    await session.type('1', { name: 'option', at: { row: 15, column: 25 } });
    await session.press('enter');
    const kept = await session.wait(showing('CUSTOMER ENQUIRY'), 1_500);
    expect([kept.end, kept.why]).toEqual(['timeout', "not met within 1500 ms: 'CUSTOMER ENQUIRY': the keyboard is locked, the host is at work"]);
    await expect(session.press('enter')).rejects.toMatchObject({ code: 'SCREEN_UNEXPECTED' });
  });
});
