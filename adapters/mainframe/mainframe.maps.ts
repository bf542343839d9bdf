import { screenMap } from '../../src/transports/terminal/terminal.ts';

/*
 * The screens of the customer file, rows and columns from 1. Every screen has its code in the upper left corner and says yes and no on its
 * message line, with a code of its own. One screen that stands for several states is a map for each.
 */

const code = (text: string) => ({ text, at: { row: 1, column: 2 } }) as const;
const message = (text: string) => ({ text, at: { row: 23, column: 2 } }) as const;
const value = (row: number, width: number) => ({ at: { row, column: 25, width } }) as const;
const field = (row: number, width: number) => ({ at: { row, column: 25 }, width }) as const;

/** Where the host says no. */
export const messageLine = { row: 23, column: 2, width: 78 } as const;

export const signOn = screenMap({
  name: 'sign-on',
  kind: 'login',
  anchors: [code('CU01')],
  inputs: { user: field(9, 10), password: { ...field(11, 32), hidden: true } },
});
export const alreadyOn = screenMap({ name: 'already-on', anchors: [code('CU02')], back: 'f3' });
export const moment = screenMap({ name: 'moment', kind: 'interstitial', anchors: [code('CU03')] });
export const broadcast = screenMap({ name: 'broadcast', kind: 'interstitial', anchors: [code('CU04')], back: 'enter' });
export const menu = screenMap({ name: 'menu', kind: 'home', anchors: [code('CU10')], inputs: { option: { ...field(15, 1), type: 'whole' } } });

const nameLabel = { text: 'NAME . . . . . . . .', at: { row: 7, column: 3 } } as const;
export const enquiry = screenMap({
  name: 'enquiry',
  anchors: [code('CU20')],
  absent: [nameLabel],
  inputs: { number: { ...field(5, 8), type: 'text' } },
  back: 'f3',
});
/** The same screen with a customer below the number that was asked for. */
export const customer = screenMap({
  name: 'customer',
  anchors: [code('CU20'), nameLabel],
  outputs: {
    number: value(5, 8),
    name: value(7, 30),
    street: { ...value(9, 30), required: false },
    city: { ...value(11, 20), required: false },
    phone: { ...value(13, 15), required: false },
    limit: { ...value(15, 7), type: 'whole' },
  },
  back: 'f3',
});

export const choose = screenMap({ name: 'choose', anchors: [code('CU30')], inputs: { number: field(5, 8) }, back: 'f3' });

const fields = {
  name: field(7, 30),
  street: field(9, 30),
  city: field(11, 20),
  phone: field(13, 15),
  limit: { ...field(15, 7), type: 'whole' },
  ref: field(17, 12),
} as const;
export const update = screenMap({
  name: 'update',
  anchors: [code('CU31')],
  absent: [message('CU030I'), message('CU031I')],
  inputs: fields,
  outputs: { number: value(5, 8) },
  back: 'f3',
});
/** Checked by the host and not yet saved: F5 saves. */
export const checked = screenMap({
  name: 'checked',
  anchors: [code('CU31'), message('CU030I')],
  outputs: { number: value(5, 8), ref: value(17, 12) },
  back: 'f3',
});
/** `CU031I CUSTOMER 00010003 SAVED AS UPDATE U000001` */
export const saved = screenMap({
  name: 'saved',
  anchors: [code('CU31'), message('CU031I')],
  outputs: { number: { at: { row: 23, column: 18, width: 8 } }, update: { at: { row: 23, column: 43, width: 7 } } },
  back: 'f3',
});

export const find = screenMap({
  name: 'find',
  anchors: [code('CU50')],
  absent: [message('CU05')],
  inputs: { ref: field(5, 12) },
  back: 'f3',
});
const updates = {
  row: 8,
  rows: 12,
  columns: { update: { column: 3, width: 10 }, ref: { column: 13, width: 26 }, customer: { column: 39, width: 16 } },
} as const;
export const found = screenMap({
  name: 'found',
  anchors: [code('CU50'), message('CU05')],
  absent: [message('CU050E')],
  outputs: { asked: value(5, 12) },
  tables: { updates },
  back: 'f3',
});

export const maps = [signOn, alreadyOn, moment, broadcast, menu, enquiry, customer, choose, update, checked, saved, find, found] as const;
