import { dialog, from, on, oneOf, optional, rule, screenMap, setting, terminal } from '../../src/transports/terminal/terminal.ts';

const code = (text: string) => ({ text, at: { row: 1, column: 2 } }) as const;
/** Painted last: with it a screen is whole. */
const keys = (text: string) => ({ text, at: { row: 24, column: 2 } }) as const;
const messageLine = { row: 23, column: 2, width: 78 } as const;
const message = (text: string) => ({ text, at: { row: 23, column: 2 } }) as const;
const field = (row: number, width: number) => ({ at: { row, column: 27 }, width, emptyBy: ['ctrl-u'] }) as const;
const shown = (row: number, width = 30) => ({ at: { row, column: 27, width } }) as const;

export const signOn = screenMap({
  name: 'sign-on',
  kind: 'login',
  anchors: [code('SR01')],
  inputs: { user: { at: { row: 9, column: 27 }, width: 10, case: 'upper' }, password: { at: { row: 11, column: 27 }, width: 32, hidden: true } },
});
export const alreadyOn = screenMap({ name: 'already-on', anchors: [code('SR02')], inputs: { choice: field(13, 1) }, back: 'f3' });
export const moment = screenMap({ name: 'moment', kind: 'interstitial', anchors: [code('SR03')] });
export const news = screenMap({ name: 'news', kind: 'interstitial', anchors: [code('SR05')], back: 'enter' });
export const broadcast = screenMap({
  name: 'broadcast',
  kind: 'interstitial',
  anchors: [{ text: 'MESSAGE FROM OPERATIONS', within: { row: 11, column: 1 } }],
  // Paints all anew when nothing lies over the screen any more.
  back: 'ctrl-l',
});
export const menu = screenMap({
  name: 'menu',
  kind: 'home',
  anchors: [code('SR10'), keys('Enter=Go on  F3=Log off')],
  inputs: { choice: field(15, 1) },
});
export const enquiry = screenMap({
  name: 'enquiry',
  anchors: [code('SR20')],
  absent: [{ text: 'Description', at: { row: 8, column: 5 } }],
  inputs: { sku: { ...field(5, 10), case: 'upper' } },
  back: 'f3',
});
export const item = screenMap({
  name: 'item',
  anchors: [code('SR20'), { text: 'Description', at: { row: 8, column: 5 } }],
  outputs: {
    description: shown(8),
    onHand: { ...shown(9), type: 'whole' },
    reserved: { ...shown(10), type: 'whole' },
    available: { ...shown(11), type: 'whole' },
    bin: shown(12),
  },
  back: 'f3',
});
export const form = screenMap({
  name: 'reserve',
  anchors: [code('SR30'), keys('Enter=Check  F3=Menu')],
  inputs: { ref: field(5, 20), sku: { ...field(7, 10), case: 'upper' }, quantity: { ...field(9, 4), type: 'whole' }, customer: field(11, 30) },
  back: 'f3',
});
export const confirm = screenMap({
  name: 'confirm',
  anchors: [code('SR31'), keys('F6=Confirm  F3=Cancel')],
  outputs: { ref: shown(6), sku: shown(8), quantity: { ...shown(10), type: 'whole' } },
  back: 'f3',
});
export const reserved = screenMap({
  name: 'reserved',
  anchors: [code('SR32'), keys('Enter=Menu')],
  // Where a clock may go in the place of the user's name.
  volatile: [{ row: 1, column: 68, width: 13 }],
  outputs: { number: shown(5, 10), ref: shown(7), quantity: { ...shown(9), type: 'whole' } },
  back: 'enter',
});
export const list = screenMap({
  name: 'list',
  anchors: [code('SR40')],
  tables: {
    items: {
      row: 5,
      rows: 15,
      columns: {
        sku: { column: 3, width: 10 },
        description: { column: 13, width: 22 },
        onHand: { column: 35, width: 9, type: 'whole' },
        available: { column: 44, width: 11, type: 'whole' },
        bin: { column: 55, width: 8 },
      },
      pages: { next: 'f8', last: { text: 'Bottom', at: { row: 21, column: 3 } }, most: 10 },
    },
  },
  back: 'f3',
});
/** The same screen, its end told by that nothing new comes. */
export const listAgain = { ...list.tables.items, pages: { next: 'f8', last: 'same page', most: 10 } } as const;

export const find = screenMap({ name: 'find', anchors: [code('SR50')], absent: [message('SR-05')], inputs: { ref: field(5, 20) }, back: 'f3' });
export const found = screenMap({
  name: 'found',
  anchors: [code('SR50'), message('SR-05')],
  absent: [message('SR-050')],
  tables: {
    reservations: {
      row: 8,
      rows: 12,
      columns: {
        number: { column: 3, width: 10 },
        ref: { column: 13, width: 22 },
        quantity: { column: 35, width: 9, type: 'whole' },
        sku: { column: 44, width: 11 },
      },
    },
  },
  back: 'f3',
});

export const maps = [signOn, alreadyOn, moment, news, broadcast, menu, enquiry, item, form, confirm, reserved, list, find, found] as const;

const reservation = [
  rule({ on: form, at: messageLine, begins: 'SR-031', means: { refusal: 'UNKNOWN_SKU' } }),
  rule({ on: form, at: messageLine, begins: 'SR-033', means: { refusal: 'TOO_FEW' } }),
  rule({ on: form, at: messageLine, begins: 'SR-032', means: { refusal: 'BAD_QUANTITY' } }),
  rule({ on: menu, at: messageLine, begins: 'SR-033', means: { refusal: 'TOO_FEW' } }),
  rule({ on: confirm, at: messageLine, begins: 'SR-035', means: 'not executed' }),
] as const;

export const reserve = dialog({
  steps: [
    on(menu, { fill: { choice: '2' }, press: 'enter' }),
    on(form, { fill: { ref: from('ref'), sku: from('sku'), quantity: from('quantity'), customer: optional('customer') }, press: 'enter' }),
    on(confirm, { shows: { ref: from('ref') }, press: 'f6', commit: true }),
    on(reserved, { read: ['number', 'quantity'] }),
  ],
  refusals: reservation,
});

export const stockroomLayout = terminal({
  maps,
  logIn: {
    steps: [on(signOn, { fill: { user: setting('user'), password: setting('password') }, press: 'enter' })],
    takeOver: on(alreadyOn, { fill: { choice: '2' }, press: 'enter' }),
    refusals: [
      rule({ on: signOn, at: messageLine, begins: 'SR-013', means: 'no session' }),
      rule({ on: signOn, at: messageLine, begins: 'SR-014', means: 'no session' }),
      rule({ on: signOn, at: messageLine, means: 'credentials' }),
    ],
  },
  logOff: on(menu, { press: 'f3' }),
  dialogs: {
    Reserve: reserve,
    FindReservations: dialog({
      steps: [
        on(menu, { fill: { choice: '4' }, press: 'enter' }),
        on(find, { fill: { ref: from('ref') }, press: 'enter' }),
        on(found, { read: ['reservations'] }),
      ],
    }),
    Item: dialog({
      steps: [
        on(menu, { fill: { choice: oneOf('by', { enquiry: '1' }) }, press: 'enter' }),
        on(enquiry, { fill: { sku: from('sku') }, press: 'enter' }),
        on(item, { read: ['description', 'onHand', 'available'] }),
      ],
      refusals: [rule({ on: enquiry, at: messageLine, begins: 'SR-021', means: { refusal: 'UNKNOWN_SKU' } })],
    }),
    Items: dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(list, { read: ['items'] })] }),
  },
});
