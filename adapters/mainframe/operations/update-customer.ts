import { Operation, type SystemHandle, type Translation, isRefusal } from '../../../src/contract/index.ts';
import { CustomerUpdateRefused, CustomerUpdateRequested, CustomerUpdateSaved } from '../events.ts';
import { type Mainframe } from '../mainframe.layout.ts';
import { update } from '../mainframe.maps.ts';

const texts = ['name', 'street', 'city', 'phone'] as const;

/** Changes a customer, once: the update bears a reference of its own, which an interrupted one is found by. */
@Operation({ accepts: CustomerUpdateRequested, replies: [CustomerUpdateSaved, CustomerUpdateRefused], key: 'customer', businessKey: 'requestId' })
export class UpdateCustomer implements Translation<CustomerUpdateRequested, Mainframe, CustomerUpdateSaved | CustomerUpdateRefused> {
  async translate(request: CustomerUpdateRequested, mainframe: SystemHandle<Mainframe>) {
    const { requestId, customer, name, street, city, phone, creditLimit: limit } = request;
    const refused = (code: string, reason: string) => new CustomerUpdateRefused({ requestId, customer, code, reason });
    const long = texts.find((field) => (request[field] ?? '').length > update.inputs[field].width);
    if (long !== undefined) return refused('TOO_LONG', `${long} has ${update.inputs[long].width} places on the screen, and more is given.`);

    const wanted = Object.entries({ name, street, city, phone, limit }).filter(([, value]) => value !== undefined);
    if (wanted.length === 0) return refused('NOTHING_TO_UPDATE', 'The request names nothing to change.');
    const ref = referenceOf(mainframe.id('update'));
    const answer = await mainframe.call('UpdateCustomer', { customer, ref, ...Object.fromEntries(wanted) });
    if (isRefusal(answer)) return refused(answer.refused, answer.reason);
    return new CustomerUpdateSaved({ requestId, customer, update: answer.update });
  }
}

/** As many digits of the id as the host's reference has places: the same for every try of one event, and for no other event. */
const referenceOf = (id: string): string => id.replaceAll('-', '').slice(0, update.inputs.ref.width).toUpperCase();
