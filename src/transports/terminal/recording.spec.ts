import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../contract/secret.ts';
import { SystemClock } from '../../gateway/clock.ts';
import { Recording } from './recording.ts';
import { type Screen } from './screen/screen.ts';
import { VtDisplay } from './vt/vt.display.ts';

const value = 'c4nary-Passw0rd';
const secret = new Secret('env:STOCK_PASSWORD', value);

/** IBM's bytes for the secret, by iconv: code pages 037 and 1047 agree on it. */
const ebcdic = '83f4958199a860d781a2a2a6f09984';

function recording(maxBytes = 1_000_000): Recording {
  const started = new Recording(new SystemClock(), maxBytes, [secret]);
  started.observe({ kind: 'opened', rows: 24, columns: 80, terminal: 'vt220' });
  return started;
}
const output = (text: string) => ({ kind: 'output', bytes: Buffer.from(text) }) as const;

async function sealed(...outputs: string[]) {
  const record = recording();
  for (const text of outputs) record.observe(output(text));
  return record.seal();
}

async function played(cast: string): Promise<Screen> {
  const [header = '', ...events] = cast.trimEnd().split('\n');
  const { width, height } = JSON.parse(header) as { width: number; height: number };
  const display = new VtDisplay(height, width, () => undefined);
  for (const line of events) {
    const [, kind, data] = JSON.parse(line) as [number, string, string];
    if (kind === 'o') await new Promise<void>((resolve) => display.feed(data, resolve));
  }
  return display.snapshot();
}

describe('a recording', () => {
  it('is an asciicast of version 2: a header, then output, input and markers in order of time', async () => {
    const record = recording();
    record.observe(output('MENU \x1b[1mbold'));
    record.observe({ kind: 'typed', input: 'sku', value: 'AB-100' });
    record.observe({ kind: 'typed', input: 'password', value: secret });
    record.observe({ kind: 'pressed', key: 'enter' });
    record.mark({ map: 'stock-enquiry', step: 2 });
    record.observe({ kind: 'resized', rows: 30, columns: 100 });
    record.observe({ kind: 'ended', why: 'the host closed the connection' });
    const result = await record.seal();
    if (!result.kept) throw new Error(result.why);
    const [header = '', ...lines] = result.cast.trimEnd().split('\n');
    expect(JSON.parse(header)).toMatchObject({ version: 2, width: 80, height: 24, env: { TERM: 'vt220' } });
    const events = lines.map((line) => JSON.parse(line) as [number, string, string]);
    expect(events.map(([, kind, data]) => [kind, data])).toEqual([
      ['o', 'MENU \x1b[1mbold'],
      ['i', 'AB-100'],
      ['m', '{"typed":"sku"}'],
      ['i', '{{env:STOCK_PASSWORD}}'],
      ['m', '{"typed":"password"}'],
      ['m', '{"pressed":"enter"}'],
      ['m', '{"map":"stock-enquiry","step":2}'],
      ['r', '100x30'],
      ['m', '{"ended":"the host closed the connection"}'],
    ]);
    expect(events.map(([at]) => at)).toEqual(events.map(([at]) => at).toSorted((a, b) => a - b));
  });

  it('an echoed secret is replaced by its name', async () => {
    const result = await sealed(`Password: ${value}\r\n`);
    expect(result).toMatchObject({ kept: true });
    expect(JSON.stringify(result)).toContain('{{env:STOCK_PASSWORD}}');
    expect(JSON.stringify(result)).not.toContain(value);
  });

  it.each<[string, string[]]>([
    ['character by character', [...value]],
    ['broken by an attribute', [`c4nary-\x1b[1mPassw0rd`]],
    ['broken by a cursor move', ['c4nary-\x1b[5;20H', '\x1b[1;8HPassw0rd']],
    ['written backwards by cursor moves', [...value].map((_, at) => `\x1b[3;${value.length - at}H${value.at(-1 - at)}`)],
    ['broken over two rows', ['\x1b[1;74Hc4nary-', 'Passw0rd']],
    ['broken over rows of a frame', ['\x1b[2;1H│ c4nary- │', '\x1b[3;1H│ Passw0rd │']],
    ['with blanks between', [[...value].join(' ')]],
    ['in hexadecimal', [Buffer.from(value).toString('hex')]],
    [
      'in hexadecimal with blanks, in capitals',
      [
        Buffer.from(value)
          .toString('hex')
          .toUpperCase()
          .replace(/..(?!$)/g, '$& '),
      ],
    ],
    ['in EBCDIC, in hexadecimal', [ebcdic]],
    ['in EBCDIC, as raw bytes', [Buffer.from(ebcdic, 'hex').toString('latin1')]],
    ['in Base64 behind a user name', [Buffer.from(`user:${value}`).toString('base64')]],
    ['in Base64 at another offset', [Buffer.from(`x:${value}...`).toString('base64')]],
    ['in UTF-16, in hexadecimal', [Buffer.from(value, 'utf16le').toString('hex')]],
    ['in the title of the window', [`\x1b]0;c4nary-\x07\x1b]0;x\x07c4nary-Pa\x1b[Kssw0rd`]],
  ])('that shows a secret %s is refused', async (_how, outputs) => {
    const result = await sealed('before ', ...outputs, ' after');
    if (result.kept) expect(result.cast).toBe('refused');
    else expect(result.why).toBe('the recording would show the secret env:STOCK_PASSWORD; it was not kept');
  });

  it('a secret that is typed only later is found in what was shown before', async () => {
    const record = new Recording(new SystemClock(), 100_000);
    record.observe({ kind: 'opened', rows: 24, columns: 80, terminal: 'vt220' });
    record.observe(output(`your password is ${value}`));
    record.observe({ kind: 'typed', input: 'password', value: secret });
    expect(await record.seal()).toMatchObject({ kept: false });
  });

  it('text that the host conceals is not in it, and the rest shows as before', async () => {
    const result = await sealed('user \x1b[8mconcealed-text\x1b[0m\r\n', 'MENU \x1b[7mitem\x1b[0m');
    if (!result.kept) throw new Error(result.why);
    expect(result.cast).not.toContain('concealed');
    const screen = await played(result.cast);
    expect(screen.text().trimEnd()).toBe('user\nMENU item');
    expect(screen.cell(2, 6).style.reverse).toBe(true);
  });

  it('keeps within its size: what is too much is left out, counted, and the last screen painted', async () => {
    const record = recording(20_000);
    for (let at = 0; at < 5_000; at += 1) record.observe(output(`\x1b[2J\x1b[Hline ${at}, some more of it`));
    const display = new VtDisplay(24, 80, () => undefined);
    await new Promise<void>((resolve) => display.feed('LAST SCREEN', resolve));
    const screen = display.snapshot();
    record.observe({ kind: 'waited', result: { end: 'met', why: 'x', afterMs: 1, screen, hash: screen.hash() } });
    for (let at = 0; at < 5_000; at += 1) record.mark({ at });
    const result = await record.seal();
    if (!result.kept) throw new Error(result.why);
    expect(result.clipped).toBe(true);
    expect(result.cast.length).toBeLessThan(40_000);
    expect((await played(result.cast)).looksLike(screen)).toBe(true);
    expect(result.cast).toMatch(/\{\\"clipped\\":\d+\}/);
  });

  it('no output makes it fail, and the secret is never in what is kept', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(value, value.slice(0, 7), value.slice(7), '\x1b[', '\x1b]', '\x9b8m', '\x1b[8m', '│'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const result = await sealed(...pieces);
        if (result.kept) expect(result.cast).not.toContain(value);
      }),
    );
  });
});
