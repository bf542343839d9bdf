import { type Calls, type Probe, cannotTell, didNot, happened, isRefusal, once, read } from '../../src/contract/index.ts';
import { type CallsOf, dialog, from, on, optional, rule, setting, terminal } from '../../src/transports/terminal/terminal.ts';
import { alreadyOn, checked, choose, customer, enquiry, find, found, maps, menu, messageLine, saved, signOn, update } from './mainframe.maps.ts';

export const layout = terminal({
  maps,
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
    EnquireCustomer: dialog({
      steps: [
        on(menu, { fill: { option: 1 }, press: 'enter' }),
        on(enquiry, { fill: { number: from('customer') }, press: 'enter' }),
        on(customer, { shows: { number: from('customer') }, read: ['name', 'street', 'city', 'phone', 'limit'] }),
      ],
      refusals: [rule({ on: enquiry, at: messageLine, begins: 'CU021E', means: { refusal: 'NO_SUCH_CUSTOMER' } })],
    }),
    UpdateCustomer: dialog({
      steps: [
        on(menu, { fill: { option: 2 }, press: 'enter' }),
        on(choose, { fill: { number: from('customer') }, press: 'enter' }),
        on(update, {
          shows: { number: from('customer') },
          fill: {
            name: optional('name'),
            street: optional('street'),
            city: optional('city'),
            phone: optional('phone'),
            limit: optional('limit'),
            ref: from('ref'),
          },
          press: 'enter',
        }),
        on(checked, { shows: { number: from('customer'), ref: from('ref') }, press: 'f5', commit: true }),
        on(saved, { shows: { number: from('customer') }, read: ['update'] }),
      ],
      refusals: [
        rule({ on: choose, at: messageLine, begins: 'CU021E', means: { refusal: 'NO_SUCH_CUSTOMER' } }),
        rule({ on: update, at: messageLine, begins: 'CU034E', means: { refusal: 'NOTHING_CHANGED' } }),
        rule({ on: update, at: messageLine, begins: 'CU036E', means: { refusal: 'NAME_MISSING' } }),
        rule({ on: update, at: messageLine, begins: 'CU037E', means: { refusal: 'LIMIT_INVALID' } }),
        // Held by somebody else: nothing was saved.
        rule({ on: update, at: messageLine, begins: 'CU035E', means: 'not executed' }),
      ],
    }),
    FindUpdates: dialog({
      steps: [
        on(menu, { fill: { option: 4 }, press: 'enter' }),
        on(find, { fill: { ref: from('ref') }, press: 'enter' }),
        on(found, { shows: { asked: from('ref') }, read: ['updates'] }),
      ],
    }),
  },
});

export type Mainframe = CallsOf<typeof layout>;
type Update = Mainframe['UpdateCustomer']['arguments'];
type Customer = Exclude<Mainframe['EnquireCustomer']['answer'], { refused: string }>;

/**
 * An update is found by its reference, which no other has. Without one the customer is read back: the host refuses an update that changes
 * nothing, so a customer that shows all of it was changed by somebody.
 */
const probeUpdate: Probe<Update, { update: string }, Mainframe> = async (request, mainframe) => {
  const { customer: number, ref } = request;
  const { updates } = await mainframe.call('FindUpdates', { ref });
  const [only, ...more] = updates;
  if (only !== undefined && more.length === 0 && only.ref === ref && only.customer === number) return happened({ update: only.update });
  if (only !== undefined) return cannotTell(`${updates.length} update(s) stand under the reference of this one, and not one alone of its customer`);
  const answer = await mainframe.call('EnquireCustomer', { customer: number });
  if (isRefusal(answer) || !shows(answer, request)) return didNot;
  return cannotTell('the customer shows what was to be saved, and no update has the reference');
};

function shows(found: Customer, { name, street, city, phone, limit }: Update): boolean {
  const wanted = { name, street, city, phone, limit };
  return Object.entries(wanted).every(([field, value]) => {
    const shown = found[field as keyof Customer] ?? '';
    return value === undefined || value === null || shown === (typeof value === 'string' ? value.trim() : value);
  });
}

export const calls: Calls<Mainframe> = {
  EnquireCustomer: read(),
  FindUpdates: read(),
  UpdateCustomer: once({ probe: probeUpdate }),
};
