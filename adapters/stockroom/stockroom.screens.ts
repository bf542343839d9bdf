import { type Region, screenMap } from '../../src/transports/terminal/terminal.ts';

/*
 * The host paints from top to bottom, and goes to the first field last: a screen is there when its code, its line of keys and the cursor are.
 */
const code = (text: string) => ({ text, at: { row: 1, column: 2 } }) as const;
const keys = (text: string) => ({ text, at: { row: 24, column: 2 } }) as const;
const message = (text: string) => ({ text, at: { row: 23, column: 2 } }) as const;
const field = (row: number, width: number) => ({ at: { row, column: 27 }, width, emptyBy: ['ctrl-u'] }) as const;
const shown = (row: number, width: number) => ({ at: { row, column: 27, width } }) as const;

/** Where the stockroom says what it objects to. */
export const messageLine: Region = { row: 23, column: 2, width: 78 };
/** Where the cursor rests on a screen without fields. */
const resting = { row: 24, column: 1 } as const;
/** The user's name, or a clock in its place. */
const volatile: readonly Region[] = [{ row: 1, column: 68, width: 13 }];

export const signOn = screenMap({
  name: 'sign-on',
  kind: 'login',
  anchors: [code('SR01'), keys('Enter=Sign on')],
  cursor: { row: 9, column: 27, width: 33, height: 3 },
  volatile,
  inputs: { user: { at: { row: 9, column: 27 }, width: 10, case: 'upper' }, password: { at: { row: 11, column: 27 }, width: 32, hidden: true } },
});

export const alreadyOn = screenMap({
  name: 'already-on',
  anchors: [code('SR02'), keys('Enter=Go on')],
  cursor: { row: 13, column: 27, width: 2 },
  volatile,
  inputs: { choice: field(13, 1) },
  back: 'f3',
});

const oneMoment = screenMap({ name: 'one-moment', kind: 'interstitial', anchors: [code('SR03')], volatile });
export const news = screenMap({
  name: 'news',
  kind: 'interstitial',
  anchors: [code('SR05'), keys('Press any key to continue')],
  cursor: resting,
  volatile,
  back: 'enter',
});

export const broadcast = screenMap({
  name: 'broadcast',
  kind: 'interstitial',
  anchors: [{ text: 'MESSAGE FROM OPERATIONS', within: { row: 11, column: 1 } }],
  cursor: { row: 14, column: 1, width: 80 },
  volatile,
  // Any key takes the message away; this one does nothing but paint anew should the message have gone by itself.
  back: 'ctrl-l',
});

export const menu = screenMap({
  name: 'menu',
  kind: 'home',
  anchors: [code('SR10'), keys('Enter=Go on  F3=Log off')],
  cursor: { row: 15, column: 27, width: 2 },
  volatile,
  inputs: { choice: field(15, 1) },
});

export const enquiry = screenMap({
  name: 'enquiry',
  anchors: [code('SR20'), keys('Enter=Look up  F3=Menu')],
  absent: [{ text: 'Description', at: { row: 8, column: 5 } }],
  cursor: { row: 5, column: 27, width: 11 },
  volatile,
  inputs: { sku: { ...field(5, 10), case: 'upper' } },
  back: 'f3',
});

/** The same screen with its answer below. */
export const item = screenMap({
  name: 'item',
  anchors: [code('SR20'), keys('Enter=Look up  F3=Menu'), { text: 'Description', at: { row: 8, column: 5 } }],
  cursor: { row: 5, column: 27, width: 11 },
  volatile,
  outputs: {
    description: shown(8, 30),
    onHand: { ...shown(9, 8), type: 'whole' },
    reserved: { ...shown(10, 8), type: 'whole' },
    available: { ...shown(11, 8), type: 'whole' },
    bin: shown(12, 8),
  },
  back: 'f3',
});

export const form = screenMap({
  name: 'reservation',
  anchors: [code('SR30'), keys('Enter=Check  F3=Menu')],
  cursor: { row: 5, column: 27, width: 31, height: 7 },
  volatile,
  inputs: {
    reference: field(5, 20),
    sku: { ...field(7, 10), case: 'upper' },
    quantity: { ...field(9, 4), type: 'whole' },
    customer: field(11, 30),
  },
  back: 'f3',
});

export const confirm = screenMap({
  name: 'confirm',
  anchors: [code('SR31'), keys('F6=Confirm  F3=Cancel')],
  cursor: resting,
  volatile,
  outputs: { reference: shown(6, 20), sku: shown(8, 10), quantity: { ...shown(10, 4), type: 'whole' }, customer: shown(12, 30) },
  back: 'f3',
});

export const reserved = screenMap({
  name: 'reserved',
  anchors: [code('SR32'), keys('Enter=Menu')],
  cursor: resting,
  volatile,
  outputs: { number: shown(5, 10) },
  back: 'enter',
});

export const list = screenMap({
  name: 'stock-list',
  anchors: [code('SR40'), keys('N,F8=Next  P,F7=Previous  F3=Menu')],
  cursor: resting,
  volatile,
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
      pages: { next: 'f8', last: { text: 'Bottom', at: { row: 21, column: 3 } }, most: 100 },
    },
  },
  back: 'f3',
});

export const find = screenMap({
  name: 'find',
  anchors: [code('SR50'), keys('Enter=Find  F3=Menu')],
  absent: [message('SR-05')],
  cursor: { row: 5, column: 27, width: 21 },
  volatile,
  inputs: { reference: field(5, 20) },
  back: 'f3',
});

/** The same screen after a look: it says on the message line how many there are. */
export const found = screenMap({
  name: 'found',
  anchors: [code('SR50'), keys('Enter=Find  F3=Menu'), message('SR-05')],
  absent: [message('SR-050')],
  cursor: { row: 5, column: 27, width: 21 },
  volatile,
  tables: {
    reservations: {
      row: 8,
      rows: 12,
      columns: {
        number: { column: 3, width: 10 },
        reference: { column: 13, width: 22 },
        quantity: { column: 35, width: 9, type: 'whole' },
        sku: { column: 44, width: 11 },
      },
    },
  },
  back: 'f3',
});

export const screens = [signOn, alreadyOn, oneMoment, news, broadcast, menu, enquiry, item, form, confirm, reserved, list, find, found] as const;
