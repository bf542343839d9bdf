/** Compiled, never run: each line under a `@ts-expect-error` must not compile. */
import { type Calls, once, read, type SystemHandle } from '../../src/contract/index.ts';
import {
  type CallsOf,
  command,
  dialog,
  from,
  on,
  oneOf,
  optional,
  rule,
  screenMap,
  setting,
  terminal,
} from '../../src/transports/terminal/terminal.ts';

const menu = screenMap({
  name: 'menu',
  kind: 'home',
  anchors: [{ text: 'MENU', at: { row: 1, column: 1 } }],
  inputs: { choice: { at: { row: 2, column: 2 }, width: 1 } },
});
const form = screenMap({
  name: 'form',
  anchors: [{ text: 'FORM', at: { row: 1, column: 1 } }],
  inputs: {
    sku: { at: { row: 2, column: 2 }, width: 8 },
    quantity: { at: { row: 3, column: 2 }, width: 4, type: 'whole' },
    pin: { at: { row: 4, column: 2 }, width: 4, hidden: true },
  },
  back: 'f3',
});
const done = screenMap({
  name: 'done',
  anchors: [{ text: 'DONE', at: { row: 1, column: 1 } }],
  outputs: { number: { at: { row: 2, column: 2, width: 8 } }, left: { at: { row: 3, column: 2, width: 8 }, type: 'whole', required: false } },
  tables: { lines: { row: 5, rows: 3, columns: { sku: { column: 1, width: 8 }, count: { column: 10, width: 4, type: 'whole' } } } },
  back: 'f3',
});
const messageLine = { row: 24, column: 1 };

const layout = terminal({
  maps: [menu, form, done],
  dialogs: {
    Reserve: dialog({
      steps: [
        on(menu, { fill: { choice: oneOf('kind', { normal: '1', express: '2' }) }, press: 'enter' }),
        on(form, { fill: { sku: from('sku'), quantity: optional('count') }, press: 'f6', commit: true }),
        on(done, { read: ['number', 'left', 'lines'] }),
      ],
      refusals: [
        rule({ at: messageLine, begins: 'E1', means: { refusal: 'TOO_FEW' } }),
        rule({ at: messageLine, begins: 'E2', means: 'not executed' }),
      ],
    }),
    Look: dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(done, { read: ['lines'] })] }),
  },
  commands: { Recount: command({ program: 'recount', arguments: [from('sku'), optional('bin')], exits: { 3: { refusal: 'UNKNOWN_SKU' } } }) },
});
type Stock = CallsOf<typeof layout>;

export const calls: Calls<Stock> = { Reserve: once(), Look: read(), Recount: read() };
// @ts-expect-error Recount is not declared
export const missing: Calls<Stock> = { Reserve: once(), Look: read() };

export async function use(stock: SystemHandle<Stock>): Promise<void> {
  const answer = await stock.call('Reserve', { kind: 'express', sku: 'SKU-1' });
  if ('refused' in answer) {
    const code: 'TOO_FEW' = answer.refused;
    void code;
    return;
  }
  const read: { number: string; left: number | null; lines: { sku: string; count: number }[] } = answer;
  void read;
  // @ts-expect-error it is a number or null
  const left: string = answer.left;
  void left;
  const { lines } = await stock.call('Look', {});
  void lines[0]?.count;
  const counted = await stock.call('Recount', { sku: 'SKU-1', bin: null });
  if ('refused' in counted) void (counted.refused satisfies 'UNKNOWN_SKU');
  else void counted.output;
  // @ts-expect-error sku is missing
  await stock.call('Reserve', { kind: 'express' });
  // @ts-expect-error there is no such kind
  await stock.call('Reserve', { kind: 'slow', sku: 'SKU-1' });
  // @ts-expect-error count is a number
  await stock.call('Reserve', { kind: 'normal', sku: 'SKU-1', count: '2' });
  // @ts-expect-error there is no such argument
  await stock.call('Reserve', { kind: 'normal', sku: 'SKU-1', bogus: 2 });
}

// @ts-expect-error the map has no such input
on(menu, { fill: { bogus: '1' }, press: 'enter' });
// @ts-expect-error the input takes a number
on(form, { fill: { quantity: '1' }, press: 'enter' });
// @ts-expect-error what is hidden takes the password only
on(form, { fill: { pin: '1234' }, press: 'enter' });
// @ts-expect-error the password goes into hidden inputs only
on(form, { fill: { sku: setting('password') }, press: 'enter' });
// @ts-expect-error the map has no such output
on(done, { read: ['bogus'] });
// @ts-expect-error there is no such key
on(menu, { press: 'f25' });
