import { type Calls, cannotTell, didNot, happened, once, read } from '../../src/contract/index.ts';
import { type CallsOf, dialog, from, on, optional, rule, setting, terminal } from '../../src/transports/terminal/terminal.ts';
import { alreadyOn, confirm, enquiry, find, form, found, item, list, menu, messageLine, reserved, screens, signOn } from './stockroom.screens.ts';

export const layout = terminal({
  maps: screens,
  logIn: {
    steps: [on(signOn, { fill: { user: setting('user'), password: setting('password') }, press: 'enter' })],
    // 2: that session is ended and a new one begun. What it had typed is gone, what it had confirmed stands.
    takeOver: on(alreadyOn, { fill: { choice: '2' }, press: 'enter' }),
    refusals: [
      rule({ on: signOn, at: messageLine, begins: 'SR-013', means: 'no session' }),
      rule({ on: signOn, at: messageLine, begins: 'SR-014', means: 'no session' }),
      rule({ on: signOn, at: messageLine, means: 'credentials' }),
    ],
  },
  logOff: on(menu, { press: 'f3' }),
  dialogs: {
    EnquireItem: dialog({
      steps: [
        on(menu, { fill: { choice: '1' }, press: 'enter' }),
        on(enquiry, { fill: { sku: from('sku') }, press: 'enter' }),
        on(item, { read: ['description', 'onHand', 'reserved', 'available', 'bin'] }),
      ],
      refusals: [rule({ on: enquiry, at: messageLine, begins: 'SR-021', means: { refusal: 'ITEM_UNKNOWN' } })],
    }),
    FindReservations: dialog({
      steps: [
        on(menu, { fill: { choice: '4' }, press: 'enter' }),
        on(find, { fill: { reference: from('reference') }, press: 'enter' }),
        on(found, { read: ['reservations'] }),
      ],
    }),
    Reserve: dialog({
      steps: [
        on(menu, { fill: { choice: '2' }, press: 'enter' }),
        on(form, {
          fill: { reference: from('reference'), sku: from('sku'), quantity: from('quantity'), customer: optional('customer') },
          press: 'enter',
        }),
        on(confirm, {
          shows: { reference: from('reference'), sku: from('sku'), quantity: from('quantity'), customer: optional('customer') },
          press: 'f6',
          commit: true,
        }),
        on(reserved, { read: ['number'] }),
      ],
      refusals: [
        rule({ on: form, at: messageLine, begins: 'SR-031', means: { refusal: 'ITEM_UNKNOWN' } }),
        rule({ on: form, at: messageLine, begins: 'SR-033', means: { refusal: 'NOT_ENOUGH_STOCK' } }),
        // Somebody else was quicker while the confirmation stood there.
        rule({ on: menu, at: messageLine, begins: 'SR-033', means: { refusal: 'NOT_ENOUGH_STOCK' } }),
        rule({ on: confirm, at: messageLine, begins: 'SR-035', means: 'not executed' }),
      ],
    }),
    ListItems: dialog({ steps: [on(menu, { fill: { choice: '3' }, press: 'enter' }), on(list, { read: ['items'] })] }),
  },
});

/** The native contract of the stockroom: its dialogs. */
export type Stockroom = CallsOf<typeof layout>;

export const calls: Calls<Stockroom> = {
  EnquireItem: read(),
  FindReservations: read(),
  ListItems: read(),
  Reserve: once({
    // The operation has seen that nobody had the reference before this call.
    probe: async ({ reference, sku, quantity }, stockroom) => {
      const { reservations } = await stockroom.call('FindReservations', { reference });
      const [first, ...more] = reservations;
      if (first === undefined) return didNot;
      if (more.length === 0 && first.sku === sku && first.quantity === quantity) return happened({ number: first.number });
      return cannotTell(`${reservations.length} reservation(s) have its reference, and not exactly one has its item and quantity alone`);
    },
  }),
};
