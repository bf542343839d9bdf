import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masking } from '../../contract/masking.ts';
import { type RecordedExchange } from '../../contract/transport.ts';
import { type TerminalInspection } from './inspection.ts';
import { Atlas } from './maps/atlas.ts';
import { inspectTerminal } from './terminal.inspect.ts';
import { command, from, screenMap } from './terminal.ts';

type Recorded = RecordedExchange['parts'][number];
type Event = readonly [number, string, string];

const header = '{"version":2,"width":40,"height":5,"timestamp":1700000000,"env":{"TERM":"vt220"}}';
const cast = (...events: readonly Event[]): Buffer => Buffer.from([header, ...events.map((event) => JSON.stringify(event)), ''].join('\n'));
const part = (bytes: Uint8Array, more: Partial<Recorded> = {}): Recorded => ({
  kind: 'received',
  atMs: 9,
  media: 'application/x-asciicast',
  bytes,
  size: bytes.byteLength,
  clipped: false,
  ...more,
});
const form = screenMap({
  name: 'form',
  anchors: [{ text: 'FORM', at: { row: 1, column: 1 } }],
  inputs: { name: { at: { row: 2, column: 7 }, width: 20 }, pin: { at: { row: 3, column: 7 }, width: 4, hidden: true } },
  outputs: { balance: { at: { row: 4, column: 10, width: 10 }, type: 'decimal', required: false } },
});
const maps = [form];
const inspect = (
  parts: readonly Recorded[],
  { masking = Masking.none, first = 0, sentOnly = false, dialog = parts.some(({ media }) => /asciicast/.test(media)) } = {},
): Promise<TerminalInspection> =>
  inspectTerminal(
    { call: 'C', args: { sku: 'A 1' }, answer: { code: 3 }, parts, from: first, masking, ...(sentOnly ? { sentOnly } : {}) },
    {
      system: 's',
      maps,
      atlas: new Atlas(maps, 0),
      command: dialog ? null : command({ program: '/bin/count', arguments: ['--sku', from('sku')] }),
    },
  );

const filled: readonly Event[] = [
  [0, 'o', '\x1b[2J\x1b[HFORM\x1b[2;1HName: \x1b[4m                    \x1b[0m\x1b[4;1HBalance: 1,250.00'],
  [0.1, 'm', '{"waited":"met","condition":"form","why":"\'form\' is met","afterMs":100,"screen":"x","cursor":{},"lock":"unlocked"}'],
  [0.1, 'm', '{"recognised":"form"}'],
  [0.2, 'i', 'Anna Meier'],
  [0.2, 'm', '{"typed":"name"}'],
  ...[...'ANNA MEIER'].map((letter, at): Event => [0.3, 'o', at === 0 ? `\x1b[2;7H\x1b[4m${letter}` : letter]),
  [0.4, 'm', '{"waited":"met","condition":"form","why":"\'form\' is met","afterMs":1}'],
  [0.5, 'm', '{"pressed":"enter"}'],
  [0.9, 'o', '\x1b[0m\x1b[2J\x1b[HUNKNOWN'],
  [1.4, 'm', '{"waited":"timeout","why":"not met within 500 ms: \'form\': \'FORM\' is not at row 1, column 1","afterMs":500}'],
];

describe('a film', () => {
  it('is told in the screens at which something was decided, with what led there and why each wait ended', async () => {
    const { film, remarks } = await inspect([part(cast(...filled))]);
    expect(remarks).toEqual([]);
    expect(film).toMatchObject({ terminal: 'vt220', startedMs: 1_700_000_000_000, durationMs: 1_400, from: 0, next: null });
    expect(film?.frames.map(({ map, before, wait }) => ({ map, before, end: wait?.end, afterMs: wait?.afterMs }))).toEqual([
      { map: 'form', before: [], end: 'met', afterMs: 100 },
      { map: 'form', before: [{ typed: 'name', value: 'Anna Meier' }], end: 'met', afterMs: 1 },
      { map: null, before: [{ pressed: 'enter' }], end: 'timeout', afterMs: 500 },
    ]);
    expect(film?.frames[1]).toMatchObject({
      anchors: [{ row: 1, column: 1, length: 4 }],
      fields: [
        { name: 'name', kind: 'input', row: 2, column: 7, length: 20, value: 'ANNA MEIER' },
        { name: 'pin', kind: 'input', value: '', masked: true },
        { name: 'balance', kind: 'output', row: 4, column: 10, length: 10, value: '1,250.00' },
      ],
    });
    expect(film?.frames[1]?.lines[1]).toEqual([
      ['Name: ', 0],
      ['ANNA MEIER          ', 1],
    ]);
    expect(film?.styles[1]).toEqual({ underline: true });
  });

  it('has one screen for a form, however many keys moved within it', async () => {
    const typed = (value: string, name: string, at: number): Event[] => [
      [at, 'm', '{"pressed":"ctrl-u"}'],
      [at, 'i', value],
      [at, 'm', JSON.stringify({ typed: name })],
      [at, 'o', value],
      [at, 'm', '{"waited":"met","condition":"form","why":"","afterMs":1}'],
      [at, 'm', '{"pressed":"tab"}'],
      [at, 'm', '{"waited":"met","condition":"form","why":"","afterMs":1}'],
    ];
    const { film } = await inspect([
      part(cast(...filled.slice(0, 3), ...typed('A', 'name', 0.2), ...typed('B', 'pin', 0.3), [0.5, 'm', '{"pressed":"enter"}'])),
    ]);
    expect(film?.frames.map(({ before }) => before.length)).toEqual([0, 6, 1]);
  });

  it('has a masked value in no cell, though it was sent letter by letter and in capitals', async () => {
    const { film } = await inspect([part(cast(...filled))], { masking: new Masking(['Anna Meier']) });
    expect(JSON.stringify(film)).not.toMatch(/meier/i);
    const [, run] = film?.frames[1]?.lines[1] ?? [];
    expect(run?.[0]).toBe('•'.repeat(20));
    expect(film?.styles[run?.[1] ?? 0]).toEqual({ underline: true, masked: true });
    expect(film?.frames[1]?.fields[0]).toMatchObject({ value: '••••', masked: true });
  });

  it('has a masked value in no cell where it runs on into the next row', async () => {
    const { film } = await inspect([part(cast([0, 'o', `${'.'.repeat(35)}Anna Meier`], [1, 'm', '{}']))], { masking: new Masking(['Anna Meier']) });
    expect(film?.frames[0]?.lines.flat().map(([text]) => text)).toEqual(['.'.repeat(35), '•••••', '•••••']);
  });

  it('of which only the begin is kept is told so far', async () => {
    const whole = cast(...filled);
    const head = whole.subarray(0, 400);
    const { film, remarks } = await inspect([part(Buffer.concat([head, whole.subarray(whole.length - 400)]), { size: whole.length, clipped: true })]);
    expect(film?.frames.length).toBeGreaterThan(0);
    expect(remarks).toEqual([`only the first 400 of the ${whole.length} bytes of the recording are played`]);
  });

  it('of many screens is told page by page', async () => {
    const events = Array.from({ length: 250 }, (_, at): Event[] => [
      [at, 'o', `\x1b[HSCREEN ${at}`],
      [at, 'm', '{"pressed":"enter"}'],
      [at + 0.5, 'm', '{"waited":"met","condition":"x","why":"","afterMs":1}'],
    ]).flat();
    const first = (await inspect([part(cast(...events))])).film;
    const rest = (await inspect([part(cast(...events))], { first: first?.next ?? 0 })).film;
    expect([first?.frames.length, first?.next, rest?.from, rest?.next]).toEqual([200, 200, 200, null]);
    expect(rest?.frames.length).toBeGreaterThanOrEqual(49);
  });

  it('that was not kept leaves what was captured as text, and the reason', async () => {
    const note = part(Buffer.from('SCREEN_UNEXPECTED\n\nFORM'), { kind: 'note', media: 'text/plain' });
    const { film, captured, remarks } = await inspect([{ ...part(Buffer.from('no film')) }, note]);
    expect(film).toBeNull();
    expect(captured).toEqual([{ atMs: 9, text: 'SCREEN_UNEXPECTED\n\nFORM' }]);
    expect(remarks).toEqual([expect.stringContaining('no recording of a terminal')]);
  });

  it('no recording whatever makes it fail', async () => {
    const data = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '\x1b[8;9999;9999t',
        '\x1b]0;x\x07',
        '\u202e<script>',
        '\x1b[?3h',
        '\0',
        '全角',
        '{"pressed":{}}',
        '{"waited":[1],"why":7}',
        '{"recognised":["a"]}',
        '{"typed":null}',
      ),
    );
    const event = fc.tuple(fc.nat(9), fc.constantFrom('o', 'i', 'm', 'r', 'z'), data);
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), fc.uint8Array({ maxLength: 20 }), fc.boolean(), async (events, tail, clipped) => {
        const bytes = Buffer.concat([cast(...events), tail]);
        const { film } = await inspect([part(bytes, { clipped })], { masking: new Masking(['script']) });
        for (const { lines, columns } of film?.frames ?? []) for (const runs of lines) expect(runs.length).toBeLessThanOrEqual(columns);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a dialog that is only drafted', () => {
  it('is told in what would be typed and pressed, masked where it must be, and misses no recording', async () => {
    const lines = part(Buffer.from('name: Anna: B\nenter\npin: \n'), { kind: 'sent', media: 'text/plain' });
    const told = await inspect([lines], { masking: new Masking(['Anna']), sentOnly: true, dialog: true });
    expect(told).toMatchObject({ film: null, command: null, captured: [], remarks: [] });
    expect(told.typed).toEqual([{ typed: 'name', value: '••••: B' }, { pressed: 'enter' }, { typed: 'pin', value: '' }]);
    expect((await inspect([lines], { dialog: true })).remarks).toEqual(['there is no recording of its screens']);
  });
});

describe('a command', () => {
  it('is told with its words, what it said and how it ended', async () => {
    const said = (kind: Recorded['kind'], text: string): Recorded => part(Buffer.from(text), { kind, media: 'text/plain' });
    const told = await inspect([said('sent', "'/bin/count' '--sku' 'A 1'"), said('note', 'warning'), said('received', '12\n')], {
      masking: new Masking(['A 1']),
    });
    expect(told.command).toEqual({
      argv: ['/bin/count', '--sku', '••••'],
      line: expect.any(String) as string,
      stdin: null,
      stdout: '12\n',
      stderr: 'warning',
      left: 0,
      exitCode: 3,
    });
  });

  it('that is only drafted has said nothing: what it would read is not taken for what it said', async () => {
    const line = part(Buffer.from("'/bin/count'"), { kind: 'sent', media: 'text/plain' });
    const told = await inspect([line, part(Buffer.from('read me'), { kind: 'note', media: 'application/octet-stream' })], { sentOnly: true });
    expect(told.command).toMatchObject({ line: "'/bin/count'", stdout: '', stderr: '' });
  });
});
