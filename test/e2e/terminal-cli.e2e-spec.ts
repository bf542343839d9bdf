import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { need } from '../support/needs.ts';
import { startTelnetHost } from '../support/telnet-host.ts';
import { type TmuxTerminal } from '../support/tmux-terminal.ts';
import { Walked } from '../support/walked.ts';
import { hostile } from '../support/films.ts';

const gatehouse = resolve(import.meta.dirname, '../../dist/gatehouse.js');
const canary = 'Kanar1en-v0gel';
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

function walked(): Walked {
  const place = new Walked();
  cleanUps.push(() => place.stop());
  return place;
}

async function order(terminal: TmuxTerminal, words: string): Promise<void> {
  terminal.press('C-\\');
  await terminal.sees('quit>');
  terminal.type(words);
  await terminal.sees(`quit> ${words}`);
  terminal.press('Enter');
  await terminal.until((screen) => !screen.includes('quit>'));
}

const markersOf = (cast: string): unknown[] =>
  cast
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string])
    .filter(([, kind]) => kind === 'm')
    .map(([, , data]) => JSON.parse(data));

/** A sketch is TypeScript that means something: its maps, as data. */
function mapsIn(sketch: string): Record<string, { name: string; anchors: { text: string }[]; inputs?: object; kind?: string }> {
  const body = sketch.replace(/^import .*$/m, 'const screenMap = (map) => map;').replaceAll('export const ', 'maps.');
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func
  return new Function(`const maps = {};${body}; return maps;`)() as never;
}

describe('gatehouse terminal', () => {
  it('walks the stockroom over SSH: the password by name, nothing of it in film and sketch, a map of each screen', async () => {
    const stockroom = await PracticeStockroom.start({ password: canary });
    cleanUps.push(() => stockroom.close());
    const place = walked();
    place.configure(
      `systems:\n  other: { soap: { url: "http://127.0.0.1:1", password: { env: NOBODY_HAS_SET_THIS } } }\n  stock: { terminal: { host: 127.0.0.1, port: ${stockroom.sshPort}, user: gatehouse, password: { env: STOCK_PASSWORD }, hostKeys: ["${stockroom.fingerprint}"] } }\n`,
    );
    const terminal = place.start(['terminal', 'stock', '--record', 'walk.cast'], { env: { STOCK_PASSWORD: canary } });
    await terminal.sees('SIGN ON');
    await terminal.sees('Ctrl-\\');
    terminal.type('gatehouse');
    await terminal.until((screen) => /User.*GATEHOUSE/.test(screen));
    terminal.press('Tab');
    await order(terminal, 'secret password');
    await terminal.sees('env:STOCK_PASSWORD is typed');
    terminal.press('Enter');
    await terminal.sees('MAIN MENU');
    terminal.type('2');
    terminal.press('Enter');
    await terminal.sees('RESERVATION');
    terminal.type('REF-7');
    await terminal.sees('REF-7');
    terminal.press('Tab');
    terminal.type('SKU-1017');
    await terminal.sees('SKU-1017');
    terminal.press('Tab');
    terminal.type('2');
    terminal.press('Tab');
    terminal.type('LINDEN');
    await terminal.sees('LINDEN');
    terminal.press('Enter');
    await terminal.sees('CONFIRM RESERVATION');
    await order(terminal, 'name confirm');
    terminal.press('F6');
    await terminal.sees('RESERVATION CONFIRMED');
    await order(terminal, 'quit');
    const after = await terminal.sees('TTY AS BEFORE');
    expect(after).toContain('SHELL BEFORE');
    expect(after).toContain('EXIT 0');
    expect(stockroom.ledger()).toMatchObject([{ ref: 'REF-7', sku: 'SKU-1017', quantity: 2, customer: 'LINDEN' }]);
    const [cast, sketch] = [place.read('walk.cast'), place.read('walk.screens.ts')];
    for (const form of [canary, Buffer.from(canary).toString('hex'), Buffer.from(canary).toString('base64')])
      for (const text of [cast, sketch, after]) expect(text).not.toContain(form);
    expect(statSync(join(place.folder, 'walk.cast')).mode & 0o077).toBe(0);
    const markers = markersOf(cast);
    expect(markers).toContainEqual({ pressed: 'f6' });
    expect(markers).toContainEqual({ map: 'confirm' });
    expect(cast).toContain('"i","REF-7"');
    expect(cast).toContain('{{env:STOCK_PASSWORD}}');
    const maps = mapsIn(sketch);
    expect(Object.keys(maps)).toEqual(['signOnScreen', 'mainMenuScreen', 'reservationScreen', 'confirmScreen', 'reservationConfirmedScreen']);
    expect(maps['signOnScreen']).toMatchObject({ kind: 'login', inputs: { password: { at: { row: 11, column: 27 }, hidden: true } } });
    expect(maps['reservationScreen']?.inputs).toMatchObject({
      reference: { at: { row: 5, column: 27 } },
      sku: { at: { row: 7, column: 27 }, width: 10 },
      quantity: { width: 4 },
      customer: {},
    });
    expect(maps['reservationScreen']?.anchors[0]?.text).toBe('SR30');
  });

  it('walks the mainframe over TN3270: fields by their place and width, what goes into a hidden one is not recorded', async () => {
    need('s3270', 's3270');
    const mainframe = await PracticeMainframe.start({ password: canary, enhanced: true });
    cleanUps.push(() => mainframe.close());
    const place = walked();
    place.configure(`systems: { crm: { terminal: { protocol: tn3270, host: 127.0.0.1, port: ${mainframe.port} } } }\n`);
    const terminal = place.start(['terminal', 'crm', '--record', 'walk.cast']);
    await terminal.sees('SIGN ON');
    terminal.type('gatehousX');
    await terminal.sees('gatehousX');
    terminal.press('BSpace');
    terminal.type('e');
    await terminal.until((screen) => /gatehouse *$/m.test(screen));
    terminal.press('Tab');
    terminal.type(canary);
    await terminal.sees(`hidden: ${canary.length} characters`);
    terminal.press('Enter');
    await terminal.sees('CUSTOMER MENU');
    terminal.type('1');
    terminal.press('Enter');
    await terminal.sees('CUSTOMER ENQUIRY');
    terminal.type('00010003');
    await terminal.sees('00010003');
    terminal.press('Enter');
    await terminal.sees('OLD MILL');
    terminal.press('F3');
    await terminal.sees('CUSTOMER MENU');
    terminal.press('Escape');
    terminal.type('3');
    const after = await terminal.sees('TTY AS BEFORE');
    expect(after).toContain('crm: the host ended the session');
    expect(after).toContain('EXIT 0');
    const [cast, sketch] = [place.read('walk.cast'), place.read('walk.screens.ts')];
    for (const text of [cast, sketch, after]) expect(text).not.toContain(canary);
    expect(markersOf(cast)).toContainEqual({ pressed: 'f3' });
    expect(cast).toContain('"i","00010003"');
    const maps = mapsIn(sketch);
    expect(maps['signOnScreen']).toMatchObject({
      kind: 'login',
      inputs: { userid: { at: { row: 9, column: 25 }, width: 10 }, password: { at: { row: 11, column: 25 }, width: 32, hidden: true } },
    });
    expect(maps['customerEnquiryScreen']?.inputs).toMatchObject({ customer: { width: 8, type: 'whole' } });
  });

  it('what the host does not show of what was typed is not recorded; when it hangs up, the walk ends in good order', async () => {
    const host = await startTelnetHost('printf "PRESS A KEY "; read -r line; stty -echo; printf "PASSWORD "; read -r pass; echo GOOD BYE; sleep 1');
    cleanUps.push(() => host.stop());
    const place = walked();
    place.configure(`systems: { old: { terminal: { protocol: telnet, host: 127.0.0.1, port: ${host.port} } } }\n`);
    const terminal = place.start(['terminal', 'old']);
    await terminal.sees('PRESS A KEY');
    terminal.type('y');
    terminal.press('Enter');
    await terminal.sees('PASSWORD');
    terminal.type(canary);
    terminal.press('Enter');
    const after = await terminal.sees('TTY AS BEFORE');
    expect(after).toContain('old: the host ended the session');
    expect(after).toContain('EXIT 0');
    const cast = place.read('old.cast');
    expect(cast).toContain('GOOD BYE');
    expect(cast).toContain('"i","y"');
    expect(cast).not.toContain(canary);
    // Character by character it would stand in it too.
    expect(markersOf(cast)).toEqual([
      { typed: expect.stringContaining('column 13') },
      { pressed: 'enter' },
      { typed: 'what the screen does not show', characters: canary.length },
      { pressed: 'enter' },
      { ended: expect.stringContaining('closed') },
    ]);
    const again = place.start(['terminal', 'old']);
    expect(await again.sees('TTY AS BEFORE')).toContain('old.cast and old.screens.ts would be written over: say --force if that is meant');
  });

  it('without a terminal it says so in one sentence, and names a system that is not configured', () => {
    const place = walked();
    place.configure('systems: { old: { terminal: { host: 127.0.0.1, user: x } } }\n');
    // In CI colours are written to files and pipes too.
    const plain = { ...process.env, NO_COLOR: '1' };
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [gatehouse, ...args], { cwd: place.folder, encoding: 'utf8', input: '', env: plain });
    const none = run('terminal', 'old');
    expect([none.status, none.stderr.trim()]).toEqual([
      1,
      'NOT_POSSIBLE  a session by hand needs a terminal on standard input and output, and here is none',
    ]);
    expect(existsSync(join(place.folder, 'old.cast'))).toBe(false);
    const terminal = place.start(['terminal', 'new']);
    return expect(terminal.sees('EXIT 6')).resolves.toContain('systems.new.terminal');
  });
});

describe('gatehouse screens', () => {
  it('steps through a film by keys, forwards and back, and leaves the terminal as it was', async () => {
    const place = walked();
    writeFileSync(join(place.folder, 'walk.cast'), hostile);
    const terminal = place.start(['screens', 'walk.cast', '--step']);
    const first = await terminal.sees('step 1');
    expect(first).toContain('MENU OF THE HOST');
    expect(terminal.title()).not.toContain('PWNED');
    terminal.press('Enter');
    await terminal.sees('typed choice');
    terminal.press('Space');
    await terminal.sees('pressed enter');
    terminal.press('Enter');
    expect(await terminal.sees("waited 100 ms, met: 'second' is met")).toContain('SECOND SCREEN');
    terminal.press('b');
    expect(await terminal.sees('pressed enter')).toContain('MENU OF THE HOST');
    terminal.press('Left');
    await terminal.sees('typed choice');
    terminal.resize(60, 20);
    await terminal.sees('typed choice');
    terminal.press('q');
    const after = await terminal.sees('TTY AS BEFORE');
    expect(after).toContain('SHELL BEFORE');
    expect(after).not.toContain('MENU OF THE HOST');
    expect(after).toContain('EXIT 0');
  });

  it('plays to the end by itself, and Ctrl-C and SIGTERM restore the terminal', async () => {
    const place = walked();
    writeFileSync(join(place.folder, 'walk.cast'), hostile);
    const terminal = place.start(['screens', 'walk.cast', '--speed', '4']);
    expect(await terminal.sees('the end')).toContain('SECOND SCREEN');
    terminal.press('C-c');
    expect(await terminal.sees('TTY AS BEFORE')).not.toContain('SECOND SCREEN');
    const other = place.start(['screens', 'walk.cast', '--step']);
    await other.sees('step 1');
    execFileSync('pkill', ['-TERM', '-f', `screens walk.cast --step`]);
    expect(await other.sees('TTY AS BEFORE')).toContain('EXIT 143');
  });
});
