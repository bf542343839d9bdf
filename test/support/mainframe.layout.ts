import { dialog, from, on, optional, rule, screenMap, setting, terminal } from '../../src/transports/terminal/terminal.ts';

const code = (text: string) => ({ text, at: { row: 1, column: 2 } }) as const;
const messageLine = { row: 23, column: 2, width: 78 } as const;
const message = (text: string) => ({ text, at: { row: 23, column: 2 } }) as const;
const field = (row: number, width: number) => ({ at: { row, column: 25 }, width }) as const;

const signOn = screenMap({
  name: 'sign-on',
  kind: 'login',
  anchors: [code('CU01')],
  inputs: { user: field(9, 10), password: { ...field(11, 32), hidden: true } },
});
const alreadyOn = screenMap({ name: 'already-on', anchors: [code('CU02')], back: 'f3' });
const moment = screenMap({ name: 'moment', kind: 'interstitial', anchors: [code('CU03')] });
const broadcast = screenMap({ name: 'broadcast', kind: 'interstitial', anchors: [code('CU04')], back: 'enter' });
const menu = screenMap({ name: 'menu', kind: 'home', anchors: [code('CU10')], inputs: { option: { ...field(15, 1), type: 'whole' } } });
const choose = screenMap({ name: 'choose', anchors: [code('CU30')], inputs: { number: field(5, 8) }, back: 'f3' });
const fields = {
  name: field(7, 30),
  street: field(9, 30),
  city: field(11, 20),
  phone: field(13, 15),
  limit: { ...field(15, 7), type: 'whole' },
  ref: field(17, 12),
} as const;
const update = screenMap({
  name: 'update',
  anchors: [code('CU31')],
  absent: [message('CU030I'), message('CU031I')],
  inputs: fields,
  outputs: { customer: { at: { row: 5, column: 25, width: 8 } }, name: { at: { row: 7, column: 25, width: 30 } } },
  back: 'f3',
});
const checked = screenMap({ name: 'checked', anchors: [code('CU31'), message('CU030I')], inputs: fields, back: 'f3' });
const saved = screenMap({
  name: 'saved',
  anchors: [code('CU31'), message('CU031I')],
  outputs: { update: { at: { row: 23, column: 43, width: 7 } }, name: { at: { row: 7, column: 25, width: 30 } } },
  back: 'f3',
});
const list = screenMap({
  name: 'list',
  anchors: [code('CU40')],
  tables: {
    customers: {
      row: 5,
      rows: 16,
      columns: {
        number: { column: 3, width: 10 },
        name: { column: 13, width: 26 },
        city: { column: 39, width: 16 },
        limit: { column: 55, width: 10, type: 'whole' },
      },
      pages: { next: 'f8', last: { text: 'BOTTOM', at: { row: 21, column: 3 } }, most: 10 },
    },
  },
  back: 'f3',
});

export const mainframeLayout = terminal({
  maps: [signOn, alreadyOn, moment, broadcast, menu, choose, update, checked, saved, list],
  logIn: {
    steps: [on(signOn, { fill: { user: setting('user'), password: setting('password') }, press: 'enter' })],
    takeOver: on(alreadyOn, { press: 'f6' }),
    refusals: [
      rule({ on: signOn, at: messageLine, begins: 'CU013E', means: 'no session' }),
      rule({ on: signOn, at: messageLine, begins: 'CU014E', means: 'no session' }),
      rule({ on: signOn, at: messageLine, means: 'credentials' }),
    ],
  },
  logOff: on(menu, { press: 'f3' }),
  escape: ['reset'],
  dialogs: {
    UpdateCustomer: dialog({
      steps: [
        on(menu, { fill: { option: 2 }, press: 'enter' }),
        on(choose, { fill: { number: from('customer') }, press: 'enter' }),
        on(update, {
          shows: { customer: from('customer') },
          fill: { name: from('name'), limit: optional('limit'), ref: from('ref') },
          press: 'enter',
        }),
        on(checked, { press: 'f5', commit: true }),
        on(saved, { read: ['update'] }),
      ],
      refusals: [
        rule({ on: choose, at: messageLine, begins: 'CU021E', means: { refusal: 'NO_SUCH_CUSTOMER' } }),
        rule({ on: update, at: messageLine, begins: 'CU034E', means: { refusal: 'NOTHING_CHANGED' } }),
        rule({ on: update, at: messageLine, begins: 'CU035E', means: 'not executed' }),
        rule({ on: update, at: messageLine, matches: /^CU03[67]E/, means: { refusal: 'BAD_VALUE' } }),
      ],
    }),
    Customers: dialog({ steps: [on(menu, { fill: { option: 3 }, press: 'enter' }), on(list, { read: ['customers'] })] }),
  },
});
