import { Operation, type SystemHandle, type Translation, isRefusal } from '../../../src/contract/index.ts';
import { CustomerEnquired, CustomerFound, CustomerNotFound } from '../events.ts';
import { type Mainframe } from '../mainframe.layout.ts';

/** Says what the customer file has of a customer. */
@Operation({ accepts: CustomerEnquired, replies: [CustomerFound, CustomerNotFound], businessKey: 'requestId' })
export class EnquireCustomer implements Translation<CustomerEnquired, Mainframe, CustomerFound | CustomerNotFound> {
  async translate({ requestId, customer }: CustomerEnquired, mainframe: SystemHandle<Mainframe>) {
    const answer = await mainframe.call('EnquireCustomer', { customer });
    if (isRefusal(answer)) return new CustomerNotFound({ requestId, customer });
    const { name, street, city, phone, limit: creditLimit } = answer;
    return new CustomerFound({
      requestId,
      customer,
      name,
      ...(street === null ? {} : { street }),
      ...(city === null ? {} : { city }),
      ...(phone === null ? {} : { phone }),
      creditLimit,
    });
  }
}
