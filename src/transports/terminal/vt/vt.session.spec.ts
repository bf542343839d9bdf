import { describe, expect, it } from 'vitest';
import { Secret } from '../../../contract/secret.ts';
import { SystemClock } from '../../../gateway/clock.ts';
import { TerminalSettings } from '../terminal.settings.ts';
import { type Line, VtSession } from './vt.session.ts';

function connected(settings: Partial<TerminalSettings> = {}) {
  const told: string[] = [];
  const session = new VtSession({ system: 'stock', clock: new SystemClock(), settings: Object.assign(new TerminalSettings(), settings) });
  const line: Line = {
    write: (bytes) => void told.push(`write ${Buffer.from(bytes).toString('latin1')}`),
    pause: () => void told.push('pause'),
    resume: () => void told.push('resume'),
    resize: (rows, columns) => void told.push(`resize ${rows} ${columns}`),
    close: () => void told.push('close'),
  };
  session.attach(line);
  return { session, told, say: (text: string) => session.received(Buffer.from(text)) };
}
const done = (text: string) => ({ name: text, anchors: [{ text, within: { row: 1, column: 1, height: 24 } }] as const });

describe('a VT session', () => {
  it('stops a host that sends faster than the screen takes it, and lets it go on', async () => {
    const { session, told, say } = connected();
    say('x'.repeat(1_000_000));
    say('\x1b[2J\x1b[HDONE');
    await session.wait(done('DONE'), 10_000);
    expect(told).toEqual(['pause', 'resume']);
  });

  it('a screen is looked at when it shows what came, not before, without anything coming after it', async () => {
    const { session, say } = connected();
    for (let chunk = 0; chunk < 200; chunk += 1) say('\x1b[5;5Hflood of output, '.repeat(500));
    say('\x1b[2J\x1b[HDONE');
    const { end } = await session.wait(done('DONE'), 3_600_000);
    expect(end).toBe('met');
  });

  it('what came before the end is on the last screen, however much it was', async () => {
    const { session, say } = connected();
    for (let chunk = 0; chunk < 200; chunk += 1) say('\x1b[5;5Hflood of output, '.repeat(500));
    say('\x1b[2J\x1b[HLAST WORDS');
    session.ended('gone');
    const { end, screen } = await session.wait({ ...done('NEVER') }, 60_000);
    expect([end, screen.text().trimEnd()]).toEqual(['disconnected', 'LAST WORDS']);
  });

  it('cursor keys follow the mode that the host sets', async () => {
    const { session, told, say } = connected();
    await session.press('up');
    say('\x1b[?1hAPPLICATION');
    await session.wait(done('APPLICATION'), 1_000);
    await session.press('up');
    say('\x1b[?1l\x1b[HCURSOR     ');
    await session.wait(done('CURSOR '), 1_000);
    await session.press('up');
    expect(told.filter((what) => what.startsWith('write'))).toEqual(['write \x1b[A', 'write \x1bOA', 'write \x1b[A']);
  });

  it('writes nothing after the end, however willing the line is', async () => {
    const { session, told } = connected();
    session.ended('gone');
    expect(session.connected).toBe(false);
    await expect(session.press('enter')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: 'stock: the key enter was not sent, the session has ended: gone',
    });
    await expect(session.type('A', { name: 'a', at: { row: 1, column: 1 }, width: 3 })).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(told).toEqual([]);
  });

  it('a key that the terminal lacks is refused', async () => {
    const { session, told } = connected();
    await expect(session.press('pa1')).rejects.toMatchObject({
      code: 'CALL_REFUSED_ARGUMENTS',
      message: "stock: the terminal vt220 has no key 'pa1'",
    });
    expect(told).toEqual([]);
  });

  it('bytes of one character that come apart are one character', async () => {
    const { session } = connected();
    for (const byte of Buffer.from('日本 ü')) session.received(Uint8Array.of(byte));
    expect((await session.wait(done('日本 ü'), 1_000)).end).toBe('met');
  });

  it('an input that holds something is emptied by its keys first, and what is left over is found', async () => {
    const { session, told, say } = connected({ echoTimeoutMs: 50 });
    const input = { name: 'sku', at: { row: 1, column: 1 }, width: 8 };
    say('OLD\x1b[1;4H');
    await session.wait(done('OLD'), 1_000);
    await expect(session.type('NEW', input)).rejects.toMatchObject({ code: 'SCREEN_UNEXPECTED' });
    const typing = session.type('NEW', { ...input, emptyBy: ['ctrl-u'] });
    await expect.poll(() => told).toEqual(['write \x15']);
    say('\x1b[1;1H\x1b[K');
    await expect.poll(() => told).toEqual(['write \x15', 'write NEW']);
    say('NEW');
    await typing;
    const leftOver = session.type('AB', { ...input, emptyBy: ['home'] });
    say('\x1b[1;1H');
    await expect.poll(() => told.at(-1)).toBe('write AB');
    say('AB');
    await expect(leftOver).rejects.toMatchObject({ code: 'SCREEN_UNEXPECTED' });
  });

  it('capitals that the host makes of letters are accepted only where the input says so', async () => {
    const { session, told, say } = connected({ echoTimeoutMs: 50 });
    const type = async (shows: 'exact' | 'any-case') => {
      say('\x1b[H\x1b[K');
      await expect.poll(() => session.screen().cursor.column).toBe(1);
      const typing = session.type('abc', { name: 'sku', at: { row: 1, column: 1 }, width: 8, shows });
      await expect.poll(() => told.at(-1)).toBe('write abc');
      told.push('-');
      say('ABC_____');
      return typing.then(
        () => 'shown',
        () => 'not shown',
      );
    };
    expect([await type('exact'), await type('any-case')]).toEqual(['not shown', 'shown']);
  });

  it('a secret goes into hidden inputs only, and nothing else does', async () => {
    const { session, told } = connected();
    const at = { row: 1, column: 1 };
    const secret = new Secret('env:P', 'canary-1');
    await expect(session.type(secret, { name: 'sku', at, width: 20 })).rejects.toMatchObject({ code: 'CALL_REFUSED_ARGUMENTS' });
    await expect(session.type('canary-1', { name: 'password', at, width: 20, hidden: true })).rejects.toMatchObject({
      code: 'CALL_REFUSED_ARGUMENTS',
    });
    expect(told).toEqual([]);
  });
});
