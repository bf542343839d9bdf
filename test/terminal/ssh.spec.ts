import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { runCommand } from '../../src/transports/terminal/ssh/ssh.exec.ts';
import { checkTerminal } from '../../src/transports/terminal/drivers.ts';
import { type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { cableTo } from '../support/cable.ts';
import { need } from '../support/needs.ts';
import { ShellHost } from '../support/shell-host.ts';
import { clock, openTerminal, shellSettings, showing } from '../support/terminals.ts';

const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at)).join('');
const forever = new AbortController().signal;
let host: ShellHost;
const sessions: TerminalSession[] = [];

async function open(settings: Partial<TerminalSettings> = {}): Promise<TerminalSession> {
  const session = await openTerminal(shellSettings(host, settings));
  sessions.push(session);
  return session;
}

const refusal = async (promise: Promise<unknown>): Promise<GatehouseError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GatehouseError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
};

/** A program on the terminal, as a script of sh. */
function program(name: string, script: string): string {
  const file = join(host.folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

beforeAll(async () => {
  for (const name of ['dialog', 'abook']) need(name, name);
  host = await ShellHost.start({ password: printable.trim() });
});

afterEach(async () => void (await Promise.all(sessions.splice(0).map((session) => session.close()))));
afterAll(() => host.stop());

describe('curses programs over SSH', () => {
  it('a form of dialog is filled by cursor keys in the mode that it sets, and gets exactly what was typed', async () => {
    const script = program(
      'form',
      `export LANG=C.UTF-8; dialog --form "NEW ORDER" 12 50 3 "SKU:" 1 1 "" 1 10 12 12 "Name:" 2 1 "" 2 10 20 20 2>${host.home}/form.out; echo "EXIT $?"; sleep 60`,
    );
    const session = await open({ command: script });
    const shown = await session.wait(showing('SKU:', { settledMs: 80 }), 10_000);
    expect(shown.end).toBe('met');
    expect(shown.screen.text()).toContain('┌');
    const first = shown.screen.cursor;
    await session.type('AB-100', { name: 'sku', at: first, width: 12 });
    await session.press('down');
    const second = { row: first.row + 1, column: first.column };
    expect((await session.wait(showing('SKU:', { cursor: second }), 20_000)).end).toBe('met');
    await session.type('Zoë Müller', { name: 'name', at: second, width: 20 });
    await session.press('tab');
    await session.wait(showing('SKU:', { settledMs: 50 }), 20_000);
    await session.press('enter');
    expect((await session.wait(showing('EXIT 0'), 20_000)).end).toBe('met');
    expect(readFileSync(join(host.home, 'form.out'), 'utf8')).toBe('AB-100\nZoë Müller\n');
  });

  it('a contact typed into abook stands in its file', async () => {
    const session = await open({ command: `env HOME=${host.home} LANG=C.UTF-8 abook` });
    expect((await session.wait(showing('abook', { settledMs: 100 }), 10_000)).end).toBe('met');
    await session.press('a');
    const asked = await session.wait(showing('Name', { settledMs: 100 }), 20_000);
    expect(asked.end).toBe('met');
    await session.type('Ada Lovelace', { name: 'name', at: session.screen().cursor, width: 40 });
    await session.press('enter');
    await session.wait(showing('Ada Lovelace', { settledMs: 100 }), 20_000);
    await session.press('q');
    await session.wait(showing('Ada Lovelace', { settledMs: 100 }), 20_000);
    await session.press('q');
    const ended = await session.wait(showing('(Y/n)', { settledMs: 50 }), 2_000);
    if (ended.end === 'met') await session.press('y');
    await expect
      .poll(() => existsSync(join(host.home, '.abook/addressbook')) && readFileSync(join(host.home, '.abook/addressbook'), 'utf8'))
      .toContain('name=Ada Lovelace');
  });

  it('132 columns reach the host, and a new size too', async () => {
    const session = await open({ columns: 132, command: program('size', "trap 'stty size' WINCH; stty size; while :; do sleep 0.1; done") });
    expect((await session.wait(showing('24 132'), 20_000)).end).toBe('met');
    await session.resize(30, 100);
    expect((await session.wait({ name: 'resized', anchors: [{ text: '30 100', within: { row: 1, column: 1, height: 24 } }] }, 20_000)).end).toBe(
      'met',
    );
    expect([session.screen().rows, session.screen().columns]).toEqual([30, 100]);
  });

  it('wide and combining characters take their cells, and ISO 8859-1 is read and typed', async () => {
    const session = await open({ command: program('wide', String.raw`printf '日本X e\314\201Y'; sleep 60`) });
    const { screen } = await session.wait(showing('Y'), 20_000);
    expect(screen.line(1).trimEnd()).toBe('日本X e\u0301Y');
    expect([screen.cell(1, 1), screen.cell(1, 2), screen.cell(1, 5), screen.cell(1, 7)].map(({ text, width }) => [text, width])).toEqual([
      ['日', 2],
      ['', 0],
      ['X', 1],
      ['e\u0301', 1],
    ]);
    expect(screen.find('Y')).toEqual({ row: 1, column: 8 });
    const latin = await open({
      charset: 'iso-8859-1',
      command: program('latin', String.raw`stty raw -echo; printf 'M\374ller? '; head -c 3 | od -An -tx1; sleep 60`),
    });
    await latin.wait(showing('Müller? '), 5_000);
    await latin.type(new Secret('env:X', 'é¿!'), { name: 'x', at: { row: 1, column: 9 }, width: 3, hidden: true });
    expect((await latin.wait(showing('e9 bf 21'), 5_000)).end).toBe('met');
  });

  it('the questions of a host are answered: where the cursor is, what the terminal is', async () => {
    const session = await open({
      command: program(
        'ask',
        String.raw`stty raw -echo; printf '\033[3;7H\033[6n'; head -c 6 | od -An -c; printf '\033[c'; head -c 5 | od -An -c; sleep 60`,
      ),
    });
    expect((await session.wait(showing('033   [   3   ;   7   R'), 20_000)).end).toBe('met');
    expect((await session.wait(showing('033   [   ?'), 20_000)).end).toBe('met');
  });

  it('a clock that repaints for ever does not keep a screen from settling, and a slow painter is not taken too early', async () => {
    const session = await open({
      command: program(
        'clock',
        String.raw`printf '\033[2J\033[5;1HMENU'; i=0; while :; do i=$((i+1)); printf '\033[1;70H%06d\033[5;6H' $i; sleep 0.02; done`,
      ),
    });
    const menu = { anchors: [{ text: 'MENU', at: { row: 5, column: 1 } }] as const, cursor: { row: 5, column: 6 }, settledMs: 150 };
    expect((await session.wait({ name: 'menu', ...menu, volatile: [{ row: 1, column: 70, width: 6 }] }, 20_000)).end).toBe('met');
    expect((await session.wait({ name: 'menu', ...menu, settledMs: 1_200 }, 1_500)).why).toBe(
      "not met within 1500 ms: 'menu': not settled for 1200 ms",
    );
    const slow = await open({
      command: program('slow', String.raw`printf 'ORDER'; sleep 0.4; printf ' FORM'; sleep 0.4; printf '\033[9;9HREADY\033[3;3H'; sleep 60`),
    });
    const ready = await slow.wait(
      { name: 'form', anchors: [{ text: 'ORDER FORM', at: { row: 1, column: 1 } }], cursor: { row: 3, column: 3 }, settledMs: 50 },
      5_000,
    );
    expect([ready.end, ready.screen.find('READY')]).toEqual(['met', { row: 9, column: 9 }]);
  });

  it('a value with a newline, too long for its place, or where the cursor is not, is not typed', async () => {
    const session = await open({ command: program('field', String.raw`stty raw -echo; printf '\033[4;10H'; cat >${host.home}/typed`) });
    const at = { row: 4, column: 10 };
    await session.wait(showing(' ', { name: 'x' }), 1).catch(() => undefined);
    await expect.poll(() => session.screen().cursor).toEqual(at);
    expect((await refusal(session.type('A\nB', { name: 'sku', at, width: 8 }))).message).toContain('holds a control character, its 2nd');
    expect((await refusal(session.type('\x1b[A', { name: 'sku', at, width: 8 }))).code).toBe('CALL_REFUSED_ARGUMENTS');
    expect((await refusal(session.type('日本語日本', { name: 'sku', at, width: 8 }))).message).toContain('takes 10 cells, and there are 8');
    expect((await refusal(session.type('1a', { name: 'sku', at, width: 8, kind: 'numeric' }))).message).toContain('is not numeric');
    expect((await refusal(session.type('A', { name: 'sku', at: { row: 5, column: 1 }, width: 8 }))).message).toContain(
      "the cursor is at row 4, column 10, and 'sku' belongs at row 5, column 1; it was not typed",
    );
    const unseen = await refusal(session.type('QUIET', { name: 'sku', at, width: 8 }));
    expect([unseen.code, unseen.message]).toEqual([
      'SCREEN_UNEXPECTED',
      "stock: 'sku' at row 4, column 10 does not show what was typed after 2000 ms; nothing was submitted",
    ]);
    await session.close();
    await expect.poll(() => readFileSync(join(host.home, 'typed'), 'utf8')).toBe('QUIET');
  });

  it('a secret that the host echoes does not stand on the screen', async () => {
    const session = await open({ command: program('echo', `stty raw -echo; printf 'PIN: '; head -c 8; printf ' OK'; sleep 60`) });
    await session.wait(showing('PIN:', { cursor: { row: 1, column: 6 } }), 20_000);
    await session.type(new Secret('env:PIN', 'canary-7'), { name: 'pin', at: { row: 1, column: 6 }, width: 12, hidden: true });
    const { screen } = await session.wait(showing(' OK'), 20_000);
    expect(screen.line(1).trimEnd()).toBe('PIN:          OK');
    expect(screen.cell(1, 6).style.hidden).toBe(true);
  });

  it('twenty sessions work side by side', async () => {
    const script = program('twenty', 'printf "READY "; read -r line; echo "GOT $line."; sleep 60');
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const session = await open({ command: script, connectTimeoutMs: 40_000 });
        await session.wait(showing('READY', { cursor: { row: 1, column: 7 } }), 20_000);
        await session.type(`n${at}`, { name: 'line', at: { row: 1, column: 7 }, width: 10 });
        await session.press('enter');
        return (await session.wait(showing(`GOT n${at}.`), 20_000)).end;
      }),
    );
    expect(results).toEqual(Array.from({ length: 20 }, () => 'met'));
  });
});

describe('the end of an SSH session', () => {
  it('is found between screens, and the old screen satisfies nothing', async () => {
    const session = await open({ command: program('bye', "printf 'MENU'; read -r x; kill -9 $PPID $$") });
    await session.wait(showing('MENU'), 20_000);
    await session.press('enter');
    const waited = await session.wait(showing('CONFIRMED'), 20_000);
    expect(waited.end).toBe('disconnected');
    expect(waited.screen.text()).toContain('MENU');
    expect((await session.wait(showing('MENU'), 1_000)).end).toBe('disconnected');
    expect([session.connected, session.screen().lock]).toEqual([false, 'disconnected']);
    expect((await refusal(session.press('enter'))).code).toBe('UNREACHABLE');
  });

  it('what the host said last is still seen', async () => {
    const session = await open({ command: program('last', "printf 'GO'; read -r x; echo CONFIRMED 4711") });
    await session.wait(showing('GO'), 20_000);
    await session.press('enter');
    expect((await session.wait(showing('CONFIRMED 4711'), 20_000)).screen.text()).toContain('CONFIRMED 4711');
  });

  it('the screen from before a key does not satisfy the wait after it', async () => {
    const session = await open({
      command: program('mute', "stty -echo; printf 'MENU'; read -r x; sleep 0.5; printf '\\033[2J\\033[HNEXT'; sleep 60"),
    });
    await session.wait(showing('MENU'), 20_000);
    await session.press('enter');
    const result = await session.wait([showing('MENU'), showing('NEXT')], 20_000);
    expect(result.condition).toBe('NEXT');
  });

  it('a half-open connection is found by the keepalive', async () => {
    const cable = await cableTo(host.port);
    try {
      const session = await open({ port: cable.port, keepaliveMs: 100, command: program('still', "printf 'MENU'; sleep 60") });
      await session.wait(showing('MENU'), 20_000);
      cable.freeze();
      const waited = await session.wait(showing('NEVER'), 20_000);
      expect([waited.end, waited.why]).toEqual(['disconnected', 'the host did not answer']);
    } finally {
      await cable.close();
    }
  });
});

describe('who the host is and who we are', () => {
  it('an unknown host key is refused with its fingerprint and the setting that takes it', async () => {
    const error = await refusal(open({ hostKeys: [] }));
    expect([error.code, error.class, error.native]).toEqual(['HOST_KEY_REJECTED', 'system', host.fingerprint]);
    expect(error.message).toBe(
      `stock: [127.0.0.1]:${host.port} shows the ssh-ed25519 key ${host.fingerprint}, and no key of it is known; if its owner confirms it, put it into terminal.hostKeys`,
    );
    const changed = await refusal(open({ hostKeys: [`SHA256:${'A'.repeat(43)}`] }));
    expect([changed.code, changed.message.includes('and another one is known')]).toEqual(['HOST_KEY_REJECTED', true]);
  });

  it('a file of known hosts is read as OpenSSH writes it: plain, hashed, with patterns, revoked', async () => {
    const file = join(host.folder, 'known_hosts');
    const name = `[127.0.0.1]:${host.port}`;
    const check = async (text: string, hash = false): Promise<string> => {
      writeFileSync(file, text);
      if (hash) execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
      const opening = { system: 'stock', clock, settings: shellSettings(host, { hostKeys: [], knownHostsFile: file }) };
      return checkTerminal(opening, forever).then(
        () => 'trusted',
        (error: unknown) => (error as GatehouseError).code,
      );
    };
    expect(await check(`# hosts\n${name} ${host.hostKey}\n`)).toBe('trusted');
    expect(await check(`${name} ${host.hostKey}\n`, true)).toBe('trusted');
    expect(readFileSync(file, 'utf8')).toContain('|1|');
    expect(await check(`[127.0.0.*]:* ${host.hostKey}\n`)).toBe('trusted');
    expect(await check(`!${name},* ${host.hostKey}\n`)).toBe('HOST_KEY_REJECTED');
    expect(await check(`127.0.0.1 ${host.hostKey}\n`)).toBe('HOST_KEY_REJECTED');
    expect(await check(`${name} ${host.hostKey}\n@revoked * ${host.hostKey}\n`)).toBe('HOST_KEY_REJECTED');
    expect(await check('')).toBe('HOST_KEY_REJECTED');
  });

  it('a password of every printable character logs in, by password and by keyboard-interactive; a wrong one is CREDENTIALS_REFUSED and shows nowhere', async () => {
    if (host.password === null) throw new Error('a test of passwords needs root, to make a user who has one');
    for (const lines of [['KbdInteractiveAuthentication no'], ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes']]) {
      const other = await ShellHost.start({ password: printable.trim(), lines });
      try {
        const settings = (value: string): TerminalSettings => {
          const { keyFile: _, ...rest } = shellSettings(other, { password: new Secret('env:PW', value) });
          return rest as TerminalSettings;
        };
        await checkTerminal({ system: 'stock', clock, settings: settings(printable.trim()) }, forever);
        const error = await refusal(checkTerminal({ system: 'stock', clock, settings: settings('canary-wrong') }, forever));
        expect([error.code, error.class]).toEqual(['CREDENTIALS_REFUSED', 'system']);
        expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain('canary');
      } finally {
        await other.stop();
      }
    }
  });

  it('a wrong password is shown once to a host that knows two ways to ask for it, also to one that disconnects at the first', async () => {
    if (host.password === null) throw new Error('a test of passwords needs root, to make a user who has one');
    const both = ['PasswordAuthentication yes', 'KbdInteractiveAuthentication yes'];
    // Of a single try, two would be refused as too many before the second is looked at.
    for (const lines of [
      [...both, 'MaxAuthTries 1'],
      [...both, 'MaxAuthTries 2'],
    ]) {
      const other = await ShellHost.start({ password: printable.trim(), lines });
      try {
        const { keyFile: _, ...rest } = shellSettings(other, { password: new Secret('env:PW', 'canary-wrong') });
        const error = await refusal(checkTerminal({ system: 'stock', clock, settings: rest as TerminalSettings }, forever));
        expect([error.code, error.class]).toEqual(['CREDENTIALS_REFUSED', 'system']);
      } finally {
        await other.stop();
      }
    }
  });

  it('an agent and a key with a passphrase log in; a wrong passphrase is found before the host is asked', async () => {
    const socket = join(host.folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await expect.poll(() => existsSync(socket)).toBe(true);
      execFileSync('ssh-add', ['-q', host.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      const { keyFile: _, ...rest } = shellSettings(host, { agent: socket });
      await checkTerminal({ system: 'stock', clock, settings: rest as TerminalSettings }, forever);
    } finally {
      agent.kill();
      await once(agent, 'exit');
    }
    const locked = join(host.folder, 'locked');
    writeFileSync(locked, readFileSync(host.keyFile), { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked], { stdio: 'ignore' });
    const settings = (words: string): TerminalSettings => shellSettings(host, { keyFile: locked, keyPassphrase: new Secret('env:KP', words) });
    await checkTerminal({ system: 'stock', clock, settings: settings('open sesame') }, forever);
    expect((await refusal(checkTerminal({ system: 'stock', clock, settings: settings('canary') }, forever))).code).toBe('CONFIG_INVALID');
  });

  it('old algorithms are offered only when they are named', async () => {
    const old = await ShellHost.start({ lines: ['KexAlgorithms diffie-hellman-group14-sha1'] });
    try {
      const opening = (oldAlgorithms: string[]) => ({ system: 'stock', clock, settings: shellSettings(old, { oldAlgorithms }) });
      expect((await refusal(checkTerminal(opening([]), forever))).code).toBe('UNREACHABLE');
      await checkTerminal(opening(['diffie-hellman-group14-sha1']), forever);
      expect((await refusal(checkTerminal(opening(['rot13']), forever))).code).toBe('CONFIG_INVALID');
    } finally {
      await old.stop();
    }
  });

  it('a silent host is given up at the time to connect, and nobody listening is UNREACHABLE', async () => {
    const cable = await cableTo(host.port);
    cable.freeze();
    try {
      const error = await refusal(open({ port: cable.port, connectTimeoutMs: 300 }));
      expect([error.code, error.message]).toEqual(['UNREACHABLE', `stock: no session with 127.0.0.1:${cable.port} in the time to connect`]);
    } finally {
      await cable.close();
    }
    const error = await refusal(open({ port: 1 }));
    expect([error.code, error.native]).toEqual(['UNREACHABLE', 'ECONNREFUSED']);
  });
});

describe('a command over SSH', () => {
  const run = (program: string, args: string[], more: Partial<Parameters<typeof runCommand>[2]> = {}) =>
    runCommand('stock', shellSettings(host), { program, args, maxBytes: 10_000, withinMs: 10_000, ...more }, forever);

  it('its arguments arrive as they are, whatever a shell would make of them', async () => {
    const args = ['', ' a  b ', "it's", '$(touch /tmp/x)', '`id`', '"; rm -rf ~', '*', '~', '-n', '\\', '\n', '\t', '!!', '日本', printable];
    const { end, code, stdout } = await run('printf', ['%s\\0', ...args]);
    expect([end, code, stdout.toString().split('\0').slice(0, -1)]).toEqual(['exited', 0, args]);
  });

  it('NUL and half characters are refused before anything runs', async () => {
    expect((await refusal(run('printf', ['a', 'b\0c']))).message).toBe('stock: argument 2 of printf holds NUL or half a character; nothing was run');
    expect((await refusal(run('printf', ['\ud800']))).code).toBe('CALL_REFUSED_ARGUMENTS');
    expect((await refusal(run('', []))).code).toBe('CALL_REFUSED_ARGUMENTS');
  });

  it('stdin goes in, stdout and stderr come out, exit code and signal are told', async () => {
    const through = await run('sh', ['-c', 'cat; echo oops >&2; exit 7'], { stdin: Buffer.from('in\0put') });
    expect([through.code, through.signal, through.stdout.toString(), through.stderr.toString()]).toEqual([7, null, 'in\0put', 'oops\n']);
    const killed = await run('sh', ['-c', 'kill -TERM $$']);
    expect([killed.end, killed.code, killed.signal]).toEqual(['exited', null, 'SIGTERM']);
  });

  it('an answer without end is kept up to its limit, and the program may finish', async () => {
    const { end, code, stdout, clipped } = await run('sh', ['-c', 'head -c 5000000 /dev/zero; exit 3']);
    expect([end, code, stdout.length, clipped]).toEqual(['exited', 3, 10_000, true]);
  });

  it('at the deadline it is killed on the host', async () => {
    const mark = `87${process.pid}`;
    const { end, code } = await run('sleep', [mark], { withinMs: 300 });
    expect([end, code]).toEqual(['deadline', null]);
    await expect.poll(() => execFileSync('sh', ['-c', `pgrep -f '^sleep ${mark}$' || true`], { encoding: 'utf8' })).toBe('');
  });

  it('leave is awaited when everything is ready, and what it refuses does not run', async () => {
    const refused = new GatehouseError('STOPPING', 'no');
    const file = join(host.home, 'must-not-be');
    const promise = runCommand('stock', shellSettings(host), { program: 'touch', args: [file], maxBytes: 1, withinMs: 5_000 }, forever, () =>
      Promise.reject(refused),
    );
    expect(await refusal(promise)).toBe(refused);
    expect(existsSync(file)).toBe(false);
  });
});
