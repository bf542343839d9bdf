import { beforeAll, describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { dialog, from, on, screenMap, terminal } from '../../src/transports/terminal/terminal.ts';
import { ended, type Exchanged } from '../support/exchange.ts';
import { need } from '../support/needs.ts';
import { practiceMainframe, practiceStockroom } from '../support/practice-terminals.ts';
import { confirm, find, found, item, list, listAgain, maps, menu, reserve, reserved, stockroomLayout } from '../support/stockroom.layout.ts';
import { terminalLink } from '../support/terminal-link.ts';

const settings = { screenTimeoutMs: 3_000 };
const reservation = { ref: 'A-1', sku: 'SKU-1001', quantity: 2 };
const told = ({ outcome }: Exchanged): string => ('error' in outcome ? outcome.error.message : '');
const answer = ({ outcome }: Exchanged): Json => (outcome.end === 'answer' ? outcome.answer : `no answer: ${outcome.end}`);
const textOf = ({ parts }: Exchanged, media: string): string =>
  parts
    .filter((part) => part.media === media)
    .map(({ bytes }) => Buffer.from(bytes).toString())
    .join('\n');

/** The log-in and screens of the stockroom, some of them another, with other dialogs. */
const stockroomWith = (other: Parameters<typeof terminal>[0]): ReturnType<typeof terminal> => {
  const replaced = other.maps ?? [];
  const kept = maps.filter(({ name }) => !replaced.some((map) => map.name === name));
  const { logIn, logOff } = stockroomLayout;
  return terminal({ ...(logIn === undefined ? {} : { logIn }), ...(logOff === undefined ? {} : { logOff }), ...other, maps: [...kept, ...replaced] });
};

describe.concurrent('what is typed', () => {
  it.each<[string, Record<string, Json>]>([
    ['a newline', { ref: 'A-1\n' }],
    ['an escape', { ref: '\u001b[17~' }],
    ['a tab', { customer: 'CLINIC\tX' }],
    ['a C1 control', { customer: 'CLINIC\u009b' }],
    ['what is too long', { sku: 'SKU-1001-AND-MORE' }],
    ['two cells where there is room for one', { ref: '漢漢漢漢漢漢漢漢漢漢漢' }],
    ['a character of another charset', { customer: 'ŁÓDŹ' }],
    ['half a character', { customer: '\ud800' }],
    ['a fraction', { quantity: 1.5 }],
    ['a number as text', { quantity: '2' }],
    ['too big a number', { quantity: 12_345 }],
    ['a text as number', { ref: 7 }],
    ['nothing', { ref: null }],
    ['a list', { ref: ['A-1'] }],
    ['what the dialog does not know', { bogus: 'x' }],
    ['what every object has', { constructor: 'x' }],
  ])('%s is refused before a session is asked for', async (_what, hostile) => {
    await using host = await practiceStockroom({ ...settings, charset: 'iso-8859-1' });
    const exchanged = await host.call('Reserve', { ...reservation, ...hostile });
    expect([ended(exchanged), exchanged.left, exchanged.parts.length]).toEqual(['not sent CALL_REFUSED_ARGUMENTS', 0, 0]);
    for (const value of Object.values(hostile).filter((each) => typeof each === 'string' && each.length > 1))
      expect(told(exchanged)).not.toContain(value);
    expect(host.practice.sessions()).toEqual({ attached: 0, held: 0 });
  });

  it('a choice that is none is refused, and the message names those there are', async () => {
    await using host = await practiceStockroom(settings);
    const exchanged = await host.call('Item', { by: 'magic', sku: 'SKU-1001' });
    expect([ended(exchanged), told(exchanged)]).toEqual(['not sent CALL_REFUSED_ARGUMENTS', expect.stringContaining('one of enquiry')]);
  });

  it('an argument that may be left out is typed when it is given', async () => {
    await using host = await practiceStockroom(settings);
    expect(ended(await host.call('Reserve', { ...reservation, customer: 'LINDEN CLINIC' }))).toBe('answer');
    expect(ended(await host.call('Reserve', { ...reservation, customer: null }))).toBe('answer');
    expect(host.practice.ledger().map(({ customer }) => customer)).toEqual(['LINDEN CLINIC', '']);
  });
});

describe.concurrent('a screen that is not the right one', () => {
  it('that no map knows stops a dialog before the commit, and is kept', async () => {
    const layout = stockroomWith({
      maps: [screenMap({ name: 'list', anchors: [{ text: 'SR49', at: { row: 1, column: 2 } }], back: 'f3' })],
      dialogs: {},
    });
    const there = layout.maps.find(({ name }) => name === 'list') as (typeof layout.maps)[number];
    const Items = dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(there, {})] });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ maps: [there], dialogs: { Items } }) });
    const exchanged = await host.call('Items', {});
    expect(ended(exchanged)).toBe('unknown SCREEN_UNEXPECTED');
    expect(told(exchanged)).toBe(
      "stock: Items came after step 1 on 'menu' to a screen that no map knows, which begins 'SR## STOCK LIST GATEHOUS'; expected 'list'",
    );
    expect(textOf(exchanged, 'text/plain')).toContain('SKU-1001  HEX BOLT M4');
    expect(exchanged.parts.map(({ kind }) => kind)).toEqual(['sent', 'note', 'received']);
  });

  it('that no map knows after the commit key leaves the call in doubt, and the key is pressed once', async () => {
    const there = screenMap({ name: 'reserved', anchors: [{ text: 'SR39', at: { row: 1, column: 2 } }], back: 'enter' });
    const Reserve = dialog({ steps: [reserve.steps[0], reserve.steps[1] as never, reserve.steps[2] as never, on(there, {})] });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ maps: [there], dialogs: { Reserve } }) });
    const exchanged = await host.call('Reserve', reservation);
    expect([ended(exchanged), host.practice.ledger().length, exchanged.left]).toEqual(['unknown SCREEN_UNEXPECTED', 1, 1]);
    expect(textOf(exchanged, 'text/plain').match(/^f6$/gm)).toHaveLength(1);
  });

  it('that fits two maps stops the dialog with the names of both', async () => {
    const twin = screenMap({ name: 'twin', anchors: [{ text: 'RESERVATION ', within: { row: 1, column: 20, width: 40 } }], back: 'f3' });
    const layout = stockroomWith({ maps: [twin], dialogs: { Reserve: reserve } });
    await using host = await practiceStockroom(settings, { layout });
    const exchanged = await host.call('Reserve', reservation);
    expect([ended(exchanged), exchanged.left]).toEqual(['not sent SCREEN_UNEXPECTED', 0]);
    expect(told(exchanged)).toContain("fits 'reserve' and 'twin'");
  });

  it('that shows something else than it was told stops the dialog before the commit', async () => {
    const Reserve = dialog({
      ...reserve,
      steps: [reserve.steps[0], reserve.steps[1] as never, on(confirm, { shows: { ref: 'B-2' }, press: 'f6', commit: true }), on(reserved, {})],
    });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ dialogs: { Reserve } }) });
    const exchanged = await host.call('Reserve', reservation);
    expect([ended(exchanged), exchanged.left, host.practice.ledger().length]).toEqual(['not sent SCREEN_UNEXPECTED', 0, 0]);
    expect(told(exchanged)).toContain("'ref' on 'confirm' does not show what Reserve was told");
  });

  it('that is left out by the host is passed over where the dialog says so', async () => {
    const Find = dialog({
      steps: [
        on(menu, { fill: { choice: '4' }, press: 'enter' }),
        on(item, { sometimes: true, press: 'f3' }),
        on(find, { fill: { ref: from('ref') }, press: 'enter' }),
        on(found, { read: ['reservations'] }),
      ],
    });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ dialogs: { Find } }) });
    expect(answer(await host.call('Find', { ref: 'NONE' }))).toEqual({ reservations: [] });
  });
});

describe.concurrent('an interstitial', () => {
  /** What a host sends of itself is on its way for a while, and no terminal says that it has come. */
  const arrived = (_sent: void): Promise<void> => new Promise((resolve) => setTimeout(resolve, 500));

  it('is answered after the log-in', async () => {
    await using host = await practiceStockroom(settings, { news: 'Stocktaking on Friday' });
    expect(ended(await host.call('Reserve', reservation))).toBe('answer');
  });

  it('is answered where it came while nobody used the session', async () => {
    await using host = await practiceStockroom(settings);
    expect(ended(await host.call('Item', { by: 'enquiry', sku: 'SKU-1001' }))).toBe('answer');
    host.practice.broadcast('Down at 18:00');
    expect(ended(await host.call('Reserve', reservation))).toBe('answer');
  });

  it('that comes while the commit is written down keeps the key from being pressed', async () => {
    await using host = await practiceStockroom(settings);
    const onLeave = (): Promise<void> => arrived(host.practice.broadcast('Down at 18:00'));
    const exchanged = await host.call('Reserve', reservation, { onLeave });
    expect([ended(exchanged), host.practice.ledger().length]).toEqual(['not sent NOT_EXECUTED', 0]);
    expect(textOf(exchanged, 'text/plain')).not.toMatch(/^f6$/m);
    expect(ended(await host.call('Reserve', reservation))).toBe('answer');
  });

  it('that comes on a 3270 while the commit is written down keeps the key from being pressed', async () => {
    need('s3270', 's3270');
    await using host = await practiceMainframe(settings);
    const onLeave = (): Promise<void> => arrived(host.practice.broadcast('DOWN AT 18:00'));
    const exchanged = await host.call('UpdateCustomer', { customer: '00010003', name: 'NEW', ref: 'R' }, { onLeave });
    expect([ended(exchanged), host.practice.ledger().length]).toEqual(['not sent NOT_EXECUTED', 0]);
    expect(ended(await host.call('Customers', {}))).toBe('answer');
  });

  it('that comes again and again is given up', async () => {
    await using host = await practiceStockroom(settings);
    const again = setInterval(() => host.practice.broadcast('Again'), 5);
    try {
      expect(ended(await host.call('Reserve', reservation))).toMatch(/^not sent (?:SCREEN_UNEXPECTED|UNREACHABLE)$/);
    } finally {
      clearInterval(again);
    }
    expect(host.practice.ledger()).toEqual([]);
  });
});

describe.concurrent('a table', () => {
  beforeAll(() => void need('s3270', 's3270'));
  const items = Array.from({ length: 48 }, (_, n) => `SKU-${1_001 + n}`);
  const skusOf = (exchanged: Exchanged): unknown => (answer(exchanged) as { items: { sku: string }[] }).items?.map(({ sku }) => sku);

  it('is read over all its pages', async () => {
    await using host = await practiceStockroom(settings);
    const exchanged = await host.call('Items', {});
    expect(skusOf(exchanged)).toEqual(items);
    expect((answer(exchanged) as { items: Json[] }).items[16]).toEqual({
      sku: 'SKU-1017',
      description: 'HEX BOLT M12',
      onHand: 3,
      available: 3,
      bin: 'E026',
    });
  });

  it('whose end is told by the same page coming again is read whole', async () => {
    const again = screenMap({ ...list, tables: { items: listAgain } });
    const Items = dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(again, { read: ['items'] })] });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ maps: [again], dialogs: { Items } }) });
    expect(skusOf(await host.call('Items', {}))).toEqual(items);
  });

  it('with more pages than allowed is no answer', async () => {
    const short = screenMap({ ...list, tables: { items: { ...list.tables.items, pages: { ...list.tables.items.pages, most: 3 } } } });
    const Items = dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(short, { read: ['items'] })] });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ maps: [short], dialogs: { Items } }) });
    const exchanged = await host.call('Items', {});
    expect([ended(exchanged), told(exchanged)]).toEqual(['unknown ANSWER_INVALID', expect.stringContaining('more than 3 pages')]);
  });

  it('with a value that is none says where, and not what', async () => {
    const { items } = list.tables;
    const wrong = screenMap({
      ...list,
      tables: { items: { ...items, columns: { ...items.columns, bin: { ...items.columns.bin, type: 'whole' } } } },
    });
    const Items = dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(wrong, { read: ['items'] })] });
    await using host = await practiceStockroom(settings, { layout: stockroomWith({ maps: [wrong], dialogs: { Items } }) });
    const exchanged = await host.call('Items', {});
    expect(told(exchanged)).toBe(
      "stock: the screen 'list' cannot be read for Items: 'items': the column 'bin' in row 5 of the screen is no whole number, on page 1",
    );
  });

  it('is read on a 3270', async () => {
    await using host = await practiceMainframe(settings);
    const { customers } = answer(await host.call('Customers', {})) as { customers: { number: string }[] };
    expect(customers.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, n) => String(10_001 + n).padStart(8, '0')));
  });
});

describe.concurrent('the film of a call', () => {
  it('is one asciicast with every screen, key and map, and without the password', async () => {
    await using host = await practiceStockroom(settings);
    const exchanged = await host.call('Reserve', reservation);
    const [header, ...events] = textOf(exchanged, 'application/x-asciicast')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    expect(exchanged.parts.filter(({ media }) => media === 'application/x-asciicast')).toHaveLength(1);
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    const marks = (events as [number, string, string][])
      .filter(([, kind]) => kind === 'm')
      .map(([, , data]) => JSON.parse(data) as Record<string, Json>);
    const recognised = marks.flatMap((mark) => ('recognised' in mark ? [mark['recognised']] : []));
    expect(recognised).toEqual(['reserve', 'confirm', 'reserved']);
    expect(marks).toContainEqual({ step: 3, map: 'confirm' });
    expect(marks.findIndex((mark) => mark['pressed'] === 'f6')).toBe(marks.findIndex((mark) => 'commit' in mark) + 1);
    expect(marks).toContainEqual({ confirmed: 'reserved' });
    const waited = marks.filter((mark) => 'waited' in mark);
    expect(waited.length).toBeGreaterThan(4);
    for (const mark of waited)
      expect(mark).toMatchObject({ why: expect.any(String), screen: expect.stringMatching(/^[0-9a-f]{16}$/), cursor: expect.any(Object) });
    const played = (events as [number, string, string][])
      .filter(([, kind]) => kind === 'o')
      .map(([, , data]) => data)
      .join('');
    for (const shown of ['MAIN MENU', 'RESERVATION CONFIRMED']) expect(played).toContain(shown);
    expect(exchanged.parts.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n')).not.toContain('practice');
  });

  it('has the name of the password where the host shows it', async () => {
    await using host = await practiceStockroom({ ...settings, secret: 'HEX BOLT M4' }, { password: 'HEX BOLT M4' });
    const exchanged = await host.call('Item', { by: 'enquiry', sku: 'SKU-1001' });
    const text = exchanged.parts.map(({ bytes }) => Buffer.from(bytes).toString()).join('\n');
    expect(exchanged.parts.map(({ kind }) => kind)).toContain('sent');
    expect(text).not.toContain('HEX BOLT M4');
  });
});

describe.concurrent('a layout and its calls', () => {
  it.each([
    [{ Reserve: 'read' }, 'LAYOUT_MISSING', "the call 'Reserve' is declared read(), and its dialog has a commit step"],
    [{ Items: 'once' }, 'LAYOUT_MISSING', "the call 'Items' is declared once(), and its dialog has no commit step"],
    [{ Bogus: 'read' }, 'CALL_UNKNOWN', "the layout has no call 'Bogus'"],
  ] as const)('%o is a fault of the link', async (effects, code, message) => {
    const link = await terminalLink(stockroomLayout, { port: 1, effects });
    expect(link.fault).toMatchObject({ code, message: `stock: ${message}` });
    await link.close();
  });

  it('what fits has no fault', async () => {
    const link = await terminalLink(stockroomLayout, { port: 1, effects: { Reserve: 'once', Items: 'read' } });
    expect(link.fault).toBeNull();
    await link.close();
  });

  it('an answer is held against outputs, rows and refusals', async () => {
    const link = await terminalLink(stockroomLayout, { port: 1 });
    const row = { number: 'R000001', ref: 'A', quantity: 2, sku: 'SKU-1001' };
    expect(link.violations('FindReservations', { reservations: [row] })).toEqual([]);
    expect(link.violations('FindReservations', { reservations: [{ ...row, quantity: '2' }] })).toEqual([
      'reservations[0].quantity must be a whole number',
    ]);
    expect(link.violations('FindReservations', { reservations: [{ ...row, more: 1 }] })).toEqual(['reservations[0].more is no column of the table']);
    expect(link.violations('Reserve', { refused: 'TOO_FEW', reason: 'Only 1' })).toEqual([]);
    expect(link.violations('Reserve', { refused: 'OTHER', reason: 'Only 1' })).toEqual([
      'a refusal is one of UNKNOWN_SKU, TOO_FEW, BAD_QUANTITY, TOO_FEW',
    ]);
    expect(link.violations('Bogus', {})).toEqual(['there is no such call']);
    await link.close();
  });
});
