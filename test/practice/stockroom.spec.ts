import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PracticeStockroom, type StockroomOptions } from '../../src/practice/stockroom/stockroom.server.ts';
import { need } from '../support/needs.ts';
import { TmuxTerminal } from '../support/tmux-terminal.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.stop();
});

type Program = 'telnet' | 'ssh';

async function host(options: StockroomOptions = {}): Promise<PracticeStockroom> {
  const practice = await PracticeStockroom.start(options);
  open.push(practice);
  return practice;
}

function started(command: readonly string[], size?: { columns: number; rows: number }): TmuxTerminal {
  const terminal = TmuxTerminal.start(command, size);
  open.push(terminal);
  return terminal;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-ssh-'));
  open.push({ stop: () => rmSync(path, { recursive: true }) });
  return path;
}

function sshCommand(practice: PracticeStockroom, hostKey: string, ...more: readonly string[]): string[] {
  const known = join(folder(), 'known_hosts');
  writeFileSync(known, `[127.0.0.1]:${practice.sshPort} ${hostKey}\n`);
  const options = ['-F', 'none', '-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${known}`, '-o', 'IdentityAgent=none', ...more];
  return [need('ssh', 'openssh-client'), ...options, '-p', String(practice.sshPort), 'gatehouse@127.0.0.1'];
}

/** At the sign-on screen. */
async function terminal(practice: PracticeStockroom, program: Program = 'telnet', size?: { columns: number; rows: number }): Promise<TmuxTerminal> {
  if (program === 'telnet') {
    const tmux = started([need('telnet', 'inetutils-telnet'), '127.0.0.1', String(practice.telnetPort)], size);
    await tmux.sees('SR01');
    return tmux;
  }
  const tmux = started(sshCommand(practice, practice.hostKey), size);
  await tmux.sees('password:');
  tmux.type(practice.password);
  tmux.press('Enter');
  await tmux.sees('SR01');
  return tmux;
}

function signOn(tmux: TmuxTerminal, password = 'practice'): void {
  tmux.type('gatehouse');
  tmux.press('Tab');
  tmux.type(password);
  tmux.press('Enter');
}

async function signedOn(practice: PracticeStockroom, program?: Program, size?: { columns: number; rows: number }): Promise<TmuxTerminal> {
  const tmux = await terminal(practice, program, size);
  signOn(tmux);
  await tmux.sees('SR10');
  return tmux;
}

async function choose(tmux: TmuxTerminal, option: string, code: string): Promise<void> {
  tmux.type(option);
  tmux.press('Enter');
  await tmux.sees(code);
}

function fill(tmux: TmuxTerminal, ...values: readonly string[]): void {
  values.forEach((value, n) => {
    if (n > 0) tmux.press('Tab');
    if (value !== '') tmux.type(value);
  });
  tmux.press('Enter');
}

/** Before the key that commits. */
async function confirming(practice: PracticeStockroom, program?: Program): Promise<TmuxTerminal> {
  const tmux = await signedOn(practice, program);
  await choose(tmux, '2', 'SR30');
  fill(tmux, 'REF-7', 'SKU-1002', '5', 'LINDEN CLINIC');
  await tmux.sees('SR31');
  return tmux;
}

describe.each(['telnet', 'ssh'] as const)('the practice stockroom, by the real %s', (program) => {
  it('signs on, looks up, reserves, and finds the reservation by its reference', async () => {
    const practice = await host();
    const tmux = await terminal(practice, program);
    expect(tmux.cursor()).toEqual({ row: 8, column: 26 });
    tmux.type('gatehouse');
    tmux.press('Down');
    tmux.type('practice');
    expect(await tmux.sees('GATEHOUSE')).not.toContain('practice');
    tmux.press('Enter');
    await tmux.sees('MAIN MENU');

    await choose(tmux, '1', 'SR20');
    fill(tmux, 'sku-1017');
    expect(await tmux.sees('HEX BOLT M12')).toMatch(/Available[ .]+: 3/);
    tmux.press('F3');
    await tmux.sees('SR10');

    await choose(tmux, '2', 'SR30');
    fill(tmux, 'REF-1', 'SKU-1017', '2', 'Åse Ünal');
    expect(await tmux.sees('SR31')).toContain('Åse Ünal');
    tmux.press('F6');
    await tmux.sees('R000001');
    expect(practice.ledger()).toMatchObject([
      { kind: 'reserve', number: 'R000001', ref: 'REF-1', sku: 'SKU-1017', quantity: 2, customer: 'Åse Ünal', user: 'GATEHOUSE' },
    ]);
    tmux.press('Enter');
    await tmux.sees('SR10');

    await choose(tmux, '4', 'SR50');
    fill(tmux, 'REF-1');
    expect(await tmux.sees('SR-052 1 found')).toMatch(/R000001 +REF-1 +2 +SKU-1017/);
    tmux.press('F3');
    await tmux.sees('SR10');
    tmux.type('9');
    tmux.press('Enter');
    await expect.poll(() => tmux.ended()).toBe(true);
    expect(practice.sessions()).toEqual({ attached: 0, held: 0 });
  });

  it('a window of 132 columns shows more, and one that changes is painted anew', async () => {
    const practice = await host();
    const tmux = await signedOn(practice, program, { columns: 132, rows: 24 });
    await choose(tmux, '3', 'Page 1 of 4');
    expect(await tmux.sees('NORTH FORGE')).toContain('COUNTED ON');
    tmux.resize(80, 24);
    expect(await tmux.until((screen) => !screen.includes('NORTH FORGE') && screen.includes('Page 1 of 4'))).toContain('F3=Menu');
    tmux.resize(79, 24);
    await tmux.sees('Terminal too small: 80 by 24 is needed');
    tmux.resize(132, 40);
    await tmux.sees('Page 1 of 2');
  });
});

describe('the screens of the practice stockroom', () => {
  it('line drawing, reverse and underline are what a terminal shows', async () => {
    const tmux = await confirming(await host());
    const screen = tmux.screen();
    expect(screen.split('\n')[1]).toBe('─'.repeat(80));
    expect(screen).toContain(`  ┌${'─'.repeat(58)}┐`);
    expect(screen).toContain(`  └${'─'.repeat(58)}┘`);
    expect(tmux.screen({ looks: true })).toContain('\x1b[7m SR31');
  });

  it('the list turns by N and P, PF keys and page keys, and says where it ends', async () => {
    const tmux = await signedOn(await host());
    await choose(tmux, '3', 'Page 1 of 4');
    tmux.press('P');
    await tmux.sees('SR-040 This is the first page');
    for (const [key, page] of [
      ['n', 2],
      ['F8', 3],
      ['NPage', 4],
    ] as const) {
      tmux.press(key);
      await tmux.sees(`Page ${page} of 4`);
    }
    expect(await tmux.sees('Bottom')).toContain('SKU-1048');
    tmux.press('N');
    await tmux.sees('SR-041 This is the last page');
    for (const [key, page] of [
      ['p', 3],
      ['F7', 2],
      ['PPage', 1],
    ] as const) {
      tmux.press(key);
      await tmux.sees(`Page ${page} of 4`);
    }
  });

  it('refuses on the message line and keeps what was typed', async () => {
    const practice = await host();
    const tmux = await signedOn(practice);
    tmux.type('7');
    tmux.press('Enter');
    await tmux.sees('SR-010 No such choice');
    tmux.press('BSpace');
    await choose(tmux, '2', 'SR30');
    fill(tmux, '');
    await tmux.sees('SR-030');
    fill(tmux, 'REF-1', 'SKU-1', '4');
    await tmux.sees('SR-031 Unknown SKU SKU-1');
    tmux.press('BTab', 'C-u');
    tmux.type('SKU-1017');
    tmux.press('Enter');
    expect(await tmux.sees('SR-033 Only 3 available of SKU-1017')).toContain('REF-1');
    tmux.press('Tab', 'C-u');
    tmux.type('0');
    tmux.press('Enter');
    await tmux.sees('SR-032');
    tmux.press('Left', 'Delete');
    tmux.type('3');
    tmux.press('Enter');
    await tmux.sees('SR31');
    tmux.press('F3');
    await tmux.sees('SR-034 Nothing was reserved');
    expect(practice.ledger()).toEqual([]);
  });

  it('a full field takes nothing more, and a newline in a value presses Enter', async () => {
    const tmux = await signedOn(await host());
    await choose(tmux, '2', 'SR30');
    tmux.type('123456789012345678901234567890');
    tmux.press('Tab');
    tmux.type('SKU-1001');
    await tmux.sees('SKU-1001');
    expect(tmux.screen()).toMatch(/: 12345678901234567890\n/);
    tmux.type('\n');
    await tmux.sees('SR-032');
  });

  it('cursor keys in the form that the host has switched off cancel the form', async () => {
    const practice = await host();
    const tmux = await signedOn(practice);
    await choose(tmux, '1', 'SR20');
    tmux.type('\x1b[A');
    expect(await tmux.sees('SR10')).toMatch(/Your choice[ .]+: \[/);
  });

  it('a single Escape is the Escape key', async () => {
    const tmux = await signedOn(await host());
    await choose(tmux, '1', 'SR20');
    tmux.press('Escape');
    await tmux.sees('SR10');
  });

  it('asks the terminal what it is, when told to, and shows nothing before it has answered', async () => {
    const tmux = await signedOn(await host({ identify: true }));
    await choose(tmux, '1', 'SR20');
  });

  it('news stand between sign-on and menu, until any key', async () => {
    const tmux = await terminal(await host({ news: 'Stocktaking on Friday.' }));
    signOn(tmux);
    await tmux.sees('Stocktaking on Friday.');
    tmux.press('x');
    await tmux.sees('SR10');
  });

  it('a wrong password is told, three of them lock the user, and a right one is of no use then', async () => {
    const practice = await host();
    const tmux = await terminal(practice);
    for (const answer of ['SR-011', 'SR-011', 'SR-012']) {
      signOn(tmux, 'wrong');
      await tmux.until((screen) => screen.includes(answer) && !screen.includes('GATEHOUSE'));
    }
    practice.unlock();
    signOn(tmux);
    await tmux.sees('SR10');
  });

  it('a session outlives its connection: it is asked about, and gone on in where it was', async () => {
    const practice = await host();
    const first = await signedOn(practice);
    await choose(first, '2', 'SR30');
    first.type('REF-HELD');
    await first.sees('REF-HELD');
    practice.cut();
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 1 });
    const second = await terminal(practice, 'ssh');
    signOn(second);
    await second.sees('already logged on from 127.0.0.1');
    second.type('1');
    second.press('Enter');
    expect(await second.sees('SR30')).toContain('REF-HELD');

    const third = await terminal(practice);
    signOn(third);
    await third.sees('SR-013 Session limit');
    practice.cut();
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 1 });
    const fourth = await terminal(practice);
    signOn(fourth);
    await fourth.sees('SR02');
    fourth.type('2');
    fourth.press('Enter');
    await fourth.sees('SR10');
    expect(practice.sessions()).toEqual({ attached: 1, held: 0 });
  });

  it.each(['resume', 'refuse'] as const)('or not asked about: %s', async (held) => {
    const practice = await host({ held });
    const first = await signedOn(practice);
    await choose(first, '4', 'SR50');
    practice.cut();
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 1 });
    const second = await terminal(practice);
    signOn(second);
    await second.sees(held === 'resume' ? 'SR50' : 'SR-014');
  });

  it('a held session runs out', async () => {
    const practice = await host({ holdMs: 50 });
    await signedOn(practice);
    practice.cut();
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 0 });
    await signedOn(practice);
  });

  it('ssh takes an authorised key, and warns of a host key that has changed', async () => {
    const key = join(folder(), 'id');
    execFileSync(need('ssh-keygen', 'openssh-client'), ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const practice = await host({ authorizedKeys: [execFileSync('cat', [`${key}.pub`], { encoding: 'utf8' })] });
    const options = ['-i', key, '-o', 'PreferredAuthentications=publickey'];
    await started(sshCommand(practice, practice.hostKey, ...options)).sees('SR01');
    const before = practice.hostKey;
    practice.changeHostKey();
    expect(practice.hostKey).not.toBe(before);
    await started(sshCommand(practice, before, ...options)).sees('Host key verification failed');
  });
});

describe('the faults of the practice stockroom', () => {
  it('silent: no answer to this key nor the next, and nothing is reserved', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'silent', screen: 'confirm', matching: 'REF-7', times: 1 });
    const before = tmux.screen();
    tmux.press('F6', 'F3');
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    expect(tmux.screen()).toBe(before);
    expect(practice.ledger()).toEqual([]);
    practice.clear();
    tmux.press('F6');
    await tmux.sees('R000001');
  });

  it('silent for a while: the key acts after all, and what was typed meanwhile too', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'silent', ms: 200, times: 1 });
    const beganMs = performance.now();
    tmux.press('F6', 'Enter', '4', 'Enter');
    await tmux.sees('SR50');
    expect(performance.now() - beganMs).toBeGreaterThan(190);
    expect(practice.ledger()).toHaveLength(1);
  });

  it.each([
    ['drop-before', 'telnet', 0],
    ['drop-before', 'ssh', 0],
    ['drop-after', 'telnet', 1],
    ['drop-after', 'ssh', 1],
  ] as const)('%s by %s: the connection is cut, and %i are reserved', async (kind, program, reserved) => {
    const practice = await host();
    const tmux = await confirming(practice, program);
    practice.fault({ kind, screen: 'confirm', times: 1 });
    tmux.press('F6');
    await expect.poll(() => tmux.ended()).toBe(true);
    expect(practice.ledger()).toHaveLength(reserved);
    expect(tmux.screen()).not.toContain('SR32');
    expect(practice.sessions()).toEqual({ attached: 0, held: 1 });
  });

  it.each([
    ['half-open', 'telnet', 0],
    ['half-open', 'ssh', 0],
    ['half-open-after', 'telnet', 1],
    ['half-open-after', 'ssh', 1],
  ] as const)('%s by %s: the connection stands and is dead, and %i are reserved', async (kind, program, reserved) => {
    const practice = await host();
    const tmux = await confirming(practice, program);
    const before = tmux.screen();
    practice.fault({ kind, times: 1 });
    tmux.press('F6');
    await expect.poll(() => practice.sessions()).toEqual({ attached: 0, held: 1 });
    practice.clear();
    tmux.press('F3', 'Enter');
    expect(tmux.ended()).toBe(false);
    expect(tmux.screen()).toBe(before);
    expect(practice.ledger()).toHaveLength(reserved);
  });

  it('ssh finds a half-open connection by its keepalives', async () => {
    const practice = await host();
    const tmux = started(sshCommand(practice, practice.hostKey, '-o', 'ServerAliveInterval=1', '-o', 'ServerAliveCountMax=1'));
    await tmux.sees('password:');
    tmux.type('practice');
    tmux.press('Enter');
    await tmux.sees('SR01');
    practice.fault({ kind: 'half-open', times: 1 });
    signOn(tmux);
    await tmux.sees('not responding');
  });

  it('stale: reserved, with the old screen still shown, until the next key', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    const before = tmux.screen();
    practice.fault({ kind: 'stale', times: 1 });
    tmux.press('F6');
    await expect.poll(() => practice.ledger()).toHaveLength(1);
    expect(tmux.screen()).toBe(before);
    tmux.press('Enter');
    await tmux.sees('SR10');
  });

  it('redisplay: the text is shown again, and nothing is reserved', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'redisplay', times: 1 });
    tmux.press('F6');
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    expect(tmux.screen()).toContain('SR31');
    expect(practice.ledger()).toEqual([]);
    tmux.press('F6');
    await tmux.sees('SR32');
  });

  it('unconfirmed: reserved, and the menu instead of a confirmation', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'unconfirmed', times: 1 });
    tmux.press('F6');
    expect(await tmux.sees('SR10')).not.toContain('R000001');
    expect(practice.ledger()).toHaveLength(1);
  });

  it('commit-late: no answer, and reserved when nobody looks any more', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'commit-late', ms: 100, times: 1 });
    tmux.press('F6');
    await expect.poll(() => practice.faultsLeft()).toBe(0);
    expect(practice.ledger()).toEqual([]);
    tmux.stop();
    await practice.caughtUp();
    expect(practice.ledger()).toMatchObject([{ ref: 'REF-7' }]);
  });

  it('busy: refused on the message line, and reserved the next time', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.fault({ kind: 'busy', times: 1 });
    tmux.press('F6');
    await tmux.sees('SR-035');
    expect(practice.ledger()).toEqual([]);
    tmux.press('F6');
    await tmux.sees('SR32');
  });

  it('flash: another screen, and then the right one', async () => {
    const practice = await host();
    const tmux = await terminal(practice);
    practice.fault({ kind: 'flash', screen: 'menu', ms: 1_000, times: 1 });
    signOn(tmux);
    await tmux.sees('Please wait...');
    expect(await tmux.sees('SR10')).not.toContain('Please wait...');
  });

  it('slow: the screen can be seen in pieces, and is whole in the end', async () => {
    const practice = await host();
    const tmux = await terminal(practice);
    practice.fault({ kind: 'slow', screen: 'menu', ms: 10, times: 1 });
    signOn(tmux);
    await tmux.until((screen) => screen.includes('SR10') && !screen.includes('Log off'));
    await tmux.sees('F3=Log off');
  });

  it('chatty: the clock goes on and on, until another screen comes', async () => {
    const practice = await host();
    const tmux = await terminal(practice);
    practice.fault({ kind: 'chatty', screen: 'menu', ms: 10, times: 1 });
    signOn(tmux);
    const clock = (screen: string): string => /\d\d:\d\d:\d\d\.\d{3}/.exec(screen)?.[0] ?? '';
    const seen = clock(await tmux.until((screen) => clock(screen) !== ''));
    await tmux.until((screen) => clock(screen) !== seen);
    await choose(tmux, '1', 'SR20');
    expect(clock(tmux.screen())).toBe('');
  });

  it('broadcast: a message over the screen, gone with any key, which does nothing else', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    practice.broadcast('Forklift 7 is wanted at gate 2.');
    expect(await tmux.sees('Forklift 7')).toContain('SR31');
    tmux.press('F6');
    await tmux.until((screen) => !screen.includes('Forklift 7'));
    expect(practice.ledger()).toEqual([]);
    practice.fault({ kind: 'broadcast', screen: 'reserved', text: 'Coffee is ready.', times: 1 });
    tmux.press('F6');
    await tmux.sees('Coffee is ready.');
    tmux.press('x');
    expect(await tmux.until((screen) => !screen.includes('Coffee'))).toContain('R000001');
  });

  it('deny and session-limit: no sign-on, whatever the password', async () => {
    const practice = await host();
    const tmux = await terminal(practice);
    practice.fault({ kind: 'deny', times: 1 });
    practice.fault({ kind: 'session-limit', times: 1 });
    signOn(tmux);
    await tmux.sees('SR-011');
    signOn(tmux);
    await tmux.sees('SR-013');
    signOn(tmux);
    await tmux.sees('SR10');
  });

  it('stop takes the sessions with it, and reopen brings the host back with its ledger and its key', async () => {
    const practice = await host();
    const tmux = await confirming(practice);
    tmux.press('F6');
    await tmux.sees('SR32');
    const { hostKey, sshPort } = practice;
    await practice.stop();
    await expect.poll(() => tmux.ended()).toBe(true);
    expect(practice.sessions()).toEqual({ attached: 0, held: 0 });
    await practice.reopen();
    expect([practice.hostKey, practice.sshPort]).toEqual([hostKey, sshPort]);
    await signedOn(practice, 'ssh');
    expect(practice.ledger()).toHaveLength(1);
  });
});
