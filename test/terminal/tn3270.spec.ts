import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { Secret } from '../../src/contract/secret.ts';
import { driverFor } from '../../src/transports/terminal/drivers.ts';
import { type Happening, type TerminalSession } from '../../src/transports/terminal/terminal.driver.ts';
import { need } from '../support/needs.ts';
import { openTerminal, showing, terminalSettings } from '../support/terminals.ts';
import { attribute, type Connected, Painting, type Program, Tn3270Host } from '../support/tn3270-host.ts';

const enter = 0x7d;
const pf3 = 0xf3;
const pa1 = 0x6c;

/** Row 3: SKU, 8 cells; row 4: quantity, numeric, 4 cells; row 5: password, hidden, 10 cells, with something in it. */
const form = (title = 'STOCK ENQUIRY', page = '037'): Painting =>
  new Painting('erase-write', { page })
    .at(1, 1)
    .field(attribute.protected | attribute.bright)
    .text(title)
    .at(3, 1)
    .field(attribute.protected)
    .text('SKU')
    .at(3, 10)
    .field(attribute.input)
    .cursor()
    .at(3, 19)
    .field(attribute.protected)
    .at(4, 10)
    .field(attribute.numeric)
    .at(4, 15)
    .field(attribute.protected)
    .at(5, 10)
    .field(attribute.hidden)
    .text('OLDSECRET1')
    .at(5, 21)
    .field(attribute.protected);

const sku = { name: 'sku', at: { row: 3, column: 11 } };
const quantity = { name: 'quantity', at: { row: 4, column: 11 } };
const password = { name: 'password', at: { row: 5, column: 11 } };
const onForm = showing('STOCK ENQUIRY', { cursor: sku.at });

const hosts: Tn3270Host[] = [];
const sessions: TerminalSession[] = [];

async function on(program: Program, settings: Parameters<typeof terminalSettings>[0] = {}, observe?: (happening: Happening) => void, page = '037') {
  const host = await Tn3270Host.start(program, { page });
  hosts.push(host);
  const session = await openTerminal(terminalSettings({ protocol: 'tn3270', port: host.port, ...settings }), observe);
  sessions.push(session);
  return { host, session };
}

const refusal = async (promise: Promise<unknown>): Promise<GatehouseError> => {
  const error: unknown = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GatehouseError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
};

describe('TN3270 by s3270', () => {
  beforeAll(() => void need('s3270', 's3270'));

  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
  });

  it('a screen has its fields, and nothing of what is hidden', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    const { end, screen } = await session.wait(onForm, 20_000);
    expect(end).toBe('met');
    expect([screen.rows, screen.columns, screen.lock]).toEqual([24, 80, 'unlocked']);
    expect(screen.fieldAt(sku.at)).toMatchObject({ row: 3, column: 11, length: 8, protected: false, numeric: false, hidden: false });
    expect(screen.fieldAt(quantity.at)).toMatchObject({ length: 4, numeric: true });
    expect(screen.fieldAt(password.at)).toMatchObject({ length: 10, hidden: true });
    expect(screen.cell(1, 2).style.intensity).toBe('bright');
    expect(screen.text()).toContain('SKU');
    expect(JSON.stringify([screen.text(), screen.fields.map((field) => screen.fieldText(field))])).not.toContain('SECRET');
  });

  it('colours and highlighting of fields and characters show', async () => {
    const painting = new Painting('erase-write')
      .at(2, 1)
      .extendedField(attribute.protected, [
        [0x41, 0xf2],
        [0x42, 0xf2],
      ])
      .text('RED')
      .at(3, 1)
      .field(attribute.protected)
      .character(0x42, 0xf4)
      .text('GREEN')
      .character(0x42, 0x00)
      .text('PLAIN');
    const { session } = await on({ started: (host) => host.send(painting) });
    const { screen } = await session.wait(showing('GREENPLAIN'), 20_000);
    expect(screen.cell(2, 2).style).toMatchObject({ reverse: true, foreground: 1 });
    expect(screen.cell(3, 2).style.foreground).toBe(2);
    expect(screen.cell(3, 7).style.foreground).toBeNull();
  });

  it('what is typed reaches the host with Enter, and PF and PA keys are theirs', async () => {
    const { host, session } = await on({ started: (host) => host.send(form()), received: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    await session.type('AB-100', sku);
    await session.type('12', quantity);
    await session.type(new Secret('env:P', 'pass"w\\rd'), password);
    for (const key of ['enter', 'f3', 'pa1'] as const) {
      await session.press(key);
      expect((await session.wait(onForm, 20_000)).end).toBe('met');
    }
    expect(host.received.map(({ aid }) => aid)).toEqual([enter, pf3, pa1]);
    expect(Object.fromEntries(host.received[0]?.fields ?? [])).toMatchObject({ '3,11': 'AB-100', '4,11': '12', '5,11': 'pass"w\\rd' });
  });

  it('what is typed replaces what the field held', async () => {
    const { host, session } = await on({ started: (host) => host.send(form()), received: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    await session.type('LONG-OLD', sku);
    await session.type('NEW', sku);
    await session.press('enter');
    await session.wait(onForm, 20_000);
    expect(host.received[0]?.fields.get('3,11')).toBe('NEW');
  });

  it('a password of every printable character arrives as it is', async () => {
    const printable = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at)).join('');
    const wide = new Painting('erase-write')
      .at(1, 1)
      .field(attribute.protected)
      .text('LOGON')
      .at(3, 1)
      .field(attribute.hidden)
      .cursor()
      .at(5, 1)
      .field(attribute.protected);
    const { host, session } = await on({ started: (host) => host.send(wide), received: (host) => host.send(form()) });
    await session.wait(showing('LOGON'), 20_000);
    await session.type(new Secret('env:P', printable), { name: 'password', at: { row: 3, column: 2 } });
    await session.press('enter');
    await session.wait(onForm, 20_000);
    expect(host.received[0]?.fields.get('3,2')).toBe(printable);
  });

  it('a value longer than its field is refused before the first key and reaches no other field', async () => {
    const { host, session } = await on({ started: (host) => host.send(form()), received: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    const error = await refusal(session.type('123456789', sku));
    expect([error.code, error.message]).toEqual([
      'CALL_REFUSED_ARGUMENTS',
      "stock: the value of 'sku' at row 3, column 11 takes 9 cells, and there are 8; nothing was typed",
    ]);
    await session.press('enter');
    await session.wait(onForm, 20_000);
    expect([...(host.received[0]?.fields ?? [])]).toEqual([]);
  });

  it.each([
    ['a newline presses no Enter', 'AB\nCD', 'holds a control character, its 3rd'],
    ['a tab changes no field', 'A\tB', 'holds a control character, its 2nd'],
    ['an escape does not get through', '\x1bA', 'holds a control character, its 1st'],
    ['a C1 control does not get through', 'A\x9bB', 'holds a control character, its 2nd'],
    ['a character outside the code page does not vanish', 'A€B', 'holds a character that code page cp037 does not have, its 2nd'],
    ['a wide character is not typed', '日本', 'holds a character that code page cp037 does not have, its 1st'],
  ])('%s', async (_fact, value, why) => {
    const { host, session } = await on({ started: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    const error = await refusal(session.type(value, sku));
    expect(error.code).toBe('CALL_REFUSED_ARGUMENTS');
    expect(error.message).toContain(why);
    expect(error.message).not.toContain(value);
    expect(session.screen().fieldText(session.screen().fields[2] ?? expect.fail())).toBe('        ');
    expect(host.received).toEqual([]);
  });

  it('letters are refused in a numeric field, text in a hidden one, a secret in one that shows, anything in a protected one', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    expect((await refusal(session.type('1A', quantity))).message).toContain('is not numeric');
    expect((await refusal(session.type('plain', password))).message).toContain('is hidden and takes a secret only');
    const shown = await refusal(session.type(new Secret('env:P', 'geheim'), sku));
    expect(shown.message).toContain('is not hidden, and the value is the secret env:P');
    expect(shown.message).not.toContain('geheim');
    const elsewhere = await refusal(session.type('X', { name: 'title', at: { row: 1, column: 5 } }));
    expect([elsewhere.code, elsewhere.message]).toEqual([
      'SCREEN_UNEXPECTED',
      "stock: at row 1, column 5 there is a protected field, so 'title' cannot be typed",
    ]);
    expect((await refusal(session.type('X', { name: 'far', at: { row: 99, column: 99 } }))).code).toBe('SCREEN_UNEXPECTED');
  });

  it('a silent host blocks nothing: Enter returns, the wait times out and says why, and no second Enter is sent', async () => {
    const { host, session } = await on({ started: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    await session.press('enter');
    const waited = await session.wait(showing('CONFIRMED'), 400);
    expect(waited).toMatchObject({ end: 'timeout', why: "not met within 400 ms: 'CONFIRMED': 'CONFIRMED' is not in rows 1 to 24" });
    expect(session.screen().lock).toBe('waiting');
    const again = await refusal(session.press('enter'));
    expect([again.code, again.message]).toEqual([
      'SCREEN_UNEXPECTED',
      'stock: the key enter was not sent, the keyboard is locked: the host is at work',
    ]);
    expect((await refusal(session.type('A', sku))).message).toContain('the keyboard is locked: the host is at work');
    await expect.poll(() => host.received.map(({ aid }) => aid)).toEqual([enter]);
  });

  it('the old screen does not satisfy a wait while the host is at work', async () => {
    const answers: Connected[] = [];
    const { session } = await on({ started: (host) => host.send(form()), received: (host) => void answers.push(host) });
    await session.wait(onForm, 20_000);
    await session.press('enter');
    const waiting = await session.wait(onForm, 300);
    expect(waiting).toMatchObject({ end: 'timeout', why: "not met within 300 ms: 'STOCK ENQUIRY': the keyboard is locked, the host is at work" });
    answers[0]?.send(form());
    expect((await session.wait(onForm, 20_000)).end).toBe('met');
  });

  it('a host that goes away between screens is found although the old screen still shows', async () => {
    const { session } = await on({ started: (host) => host.send(form()), received: (host) => host.drop() });
    await session.wait(onForm, 20_000);
    await session.press('enter');
    const waited = await session.wait(onForm, 20_000);
    expect([waited.end, waited.why]).toEqual(['disconnected', 'the host closed the connection']);
    expect(waited.screen.text()).toContain('STOCK ENQUIRY');
    expect([session.connected, session.screen().lock]).toEqual([false, 'disconnected']);
    expect((await refusal(session.press('f3'))).code).toBe('UNREACHABLE');
    expect((await refusal(session.type('A', sku))).code).toBe('UNREACHABLE');
    expect((await session.wait(onForm, 100)).end).toBe('disconnected');
  });

  it('a wait settles although a clock repaints for ever, when the clock is volatile', async () => {
    let ticks = 0;
    const timers: NodeJS.Timeout[] = [];
    const { session } = await on({
      started: (host) => {
        host.send(form());
        timers.push(setInterval(() => host.send(new Painting('write').at(1, 70).text(String((ticks += 1)).padStart(6, '0'))), 30));
      },
    });
    try {
      const settled = { ...onForm, settledMs: 200, volatile: [{ row: 1, column: 70, width: 6 }] };
      const waited = await session.wait(settled, 20_000);
      expect([waited.end, waited.why]).toEqual(['met', "'STOCK ENQUIRY' is met, and nothing changed for 200 ms"]);
      const never = await session.wait({ ...onForm, settledMs: 1_000 }, 1_500);
      expect([never.end, never.why]).toEqual(['timeout', "not met within 1500 ms: 'STOCK ENQUIRY': not settled for 1000 ms"]);
      expect((await session.wait(settled, 20_000)).hash).toBe(waited.hash);
      expect(ticks).toBeGreaterThan(5);
    } finally {
      timers.forEach(clearInterval);
    }
  });

  it('a key in a protected place is an operator error, which Reset ends', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    await session.press('home');
    await session.press('left');
    expect((await refusal(session.press('delete'))).code).toBe('SCREEN_UNEXPECTED');
    expect(session.screen().lock).toBe('operator-error');
    expect((await session.wait(onForm, 50)).why).toContain('the keyboard is locked by an operator error');
    expect((await refusal(session.press('enter'))).message).toContain('an operator error; press reset');
    await session.press('reset');
    expect(session.screen().lock).toBe('unlocked');
  });

  it('a program that is missing is named with its package, and the other protocols need none', async () => {
    const error = await refusal(openTerminal(terminalSettings({ protocol: 'tn3270', s3270: '/nowhere/s3270' })));
    expect([error.code, error.class]).toEqual(['PROGRAM_MISSING', 'system']);
    expect(error.message).toContain('install the package s3270');
  });

  it('a program that hangs is killed at the deadline', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    await session.wait(onForm, 20_000);
    const child = execFileSync('pgrep', ['-P', String(process.pid), '-n', 's3270'], { encoding: 'utf8' }).trim();
    execFileSync('kill', ['-STOP', child]);
    expect((await refusal(session.press('enter'))).message).toContain('the program s3270 did not answer to Set within 5000 ms');
    expect(session.connected).toBe(false);
    await expect.poll(() => existsSync(`/proc/${child}/exe`)).toBe(false);
  });

  it('a host that takes the connection and says nothing is given up at the time to connect', async () => {
    const host = await Tn3270Host.start({ started: () => undefined });
    hosts.push(host);
    const settings = terminalSettings({ protocol: 'tn3270', port: host.port, connectTimeoutMs: 600 });
    const error = await refusal(openTerminal(settings));
    expect([error.code, error.message]).toEqual(['UNREACHABLE', `stock: no session with 127.0.0.1:${host.port} in the time to connect`]);
  });

  it('nobody listening is UNREACHABLE with the errno', async () => {
    const error = await refusal(openTerminal(terminalSettings({ protocol: 'tn3270', port: 1 })));
    expect([error.code, error.native]).toEqual(['UNREACHABLE', 'ECONNREFUSED']);
  });

  it('model 5 has 27 rows of 132 columns', async () => {
    const painting = new Painting('erase-write-alternate', { columns: 132 }).at(27, 120).field(attribute.protected).text('CORNER');
    const { session } = await on({ started: (host) => host.send(painting) }, { model: '5' });
    const { end, screen } = await session.wait({ name: 'corner', anchors: [{ text: 'CORNER', at: { row: 27, column: 121 } }] }, 20_000);
    expect([end, screen.rows, screen.columns]).toEqual(['met', 27, 132]);
  });

  it.each(['037', '273', '1047', '1140', '500'])('every character that code page %s is said to have arrives, and is read back', async (page) => {
    const all = Array.from({ length: 0x20ac }, (_, at) => String.fromCodePoint(at + 0x20));
    const big = new Painting('erase-write', { page })
      .at(1, 1)
      .field(attribute.protected)
      .text('ALL')
      .at(3, 1)
      .field(attribute.input)
      .cursor()
      .at(9, 1)
      .field(attribute.protected);
    const { host, session } = await on(
      { started: (host) => host.send(big), received: (host) => host.send(form('DONE', page)) },
      { codePage: `cp${page}` },
      undefined,
      page,
    );
    await session.wait(showing('ALL'), 20_000);
    const { repertoireOf } = await import('../../src/transports/terminal/tn3270/code-page.ts');
    const typed = all.filter((character) => character !== ' ' && repertoireOf('x', `cp${page}`).has(character)).join('');
    expect([...typed]).toHaveLength(189);
    await session.type(typed, { name: 'all', at: { row: 3, column: 2 } });
    await session.press('enter');
    await session.wait(showing('DONE'), 20_000);
    expect(host.received[0]?.fields.get('3,2')).toBe(typed);
  });

  it('twenty sessions work side by side', async () => {
    const host = await Tn3270Host.start({ started: (host) => host.send(form()), received: (host) => host.send(form()) });
    hosts.push(host);
    const settings = terminalSettings({ protocol: 'tn3270', port: host.port });
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const session = await openTerminal(settings);
        sessions.push(session);
        await session.wait(onForm, 60_000);
        await session.type(`S-${at}`, sku);
        await session.press('enter');
        expect((await session.wait(onForm, 60_000)).end).toBe('met');
      }),
    );
    const values = host.received.map(({ fields }) => fields.get('3,11'));
    expect(values.sort()).toEqual(Array.from({ length: 20 }, (_, at) => `S-${at}`).sort());
  });

  it('a 3270 keeps its size', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    expect((await refusal(session.resize(24, 80))).code).toBe('NOT_POSSIBLE');
  });

  it('a wait that is given up returns at once', async () => {
    const { session } = await on({ started: (host) => host.send(form()) });
    const waited = await session.wait(showing('NEVER'), 60_000, AbortSignal.timeout(50));
    expect([waited.end, waited.why]).toEqual(['timeout', "not met when the wait was given up: 'NEVER': 'NEVER' is not in rows 1 to 24"]);
    expect(waited.afterMs).toBeLessThan(30_000);
    expect((await session.wait(onForm, 20_000)).end).toBe('met');
    expect(driverFor(terminalSettings({ protocol: 'tn3270' })).protocol).toBe('tn3270');
  });
});
