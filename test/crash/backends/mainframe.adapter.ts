import { calls as callsOfMainframe, layout as layoutOfMainframe } from '../../../adapters/mainframe/mainframe.layout.ts';
import { CustomerUpdateRefused, CustomerUpdateRequested, CustomerUpdateSaved } from '../../../adapters/mainframe/events.ts';
import { Adapter, type Calls, Operation, type SystemHandle, type Translation, isRefusal, once } from '../../../src/contract/index.ts';
import { OrderConfirmed, OrderRejected, OrderSent } from '../../../src/practice/line/depot.events.ts';
import { type CallsOf } from '../../../src/transports/terminal/terminal.ts';

/** The screens, dialogs and the probe of adapters/mainframe, and its update once more without any probe. */
const layout = { ...layoutOfMainframe, dialogs: { ...layoutOfMainframe.dialogs, UpdateBlindly: layoutOfMainframe.dialogs.UpdateCustomer } };

type Mainframe = CallsOf<typeof layout>;

const calls: Calls<Mainframe> = { ...callsOfMainframe, UpdateBlindly: once() };

/** Unlike that of the adapter it takes its reference from the event, so that the ledger can be read by somebody who knows only the events. */
@Operation({ accepts: CustomerUpdateRequested, replies: [CustomerUpdateSaved, CustomerUpdateRefused], key: 'customer', businessKey: 'requestId' })
class UpdateCustomer implements Translation<CustomerUpdateRequested, Mainframe, CustomerUpdateSaved | CustomerUpdateRefused> {
  async translate({ requestId, customer, name }: CustomerUpdateRequested, mainframe: SystemHandle<Mainframe>) {
    const answer = await mainframe.call('UpdateCustomer', { customer, ref: requestId, name: name ?? '' });
    if (isRefusal(answer)) return new CustomerUpdateRefused({ requestId, customer, code: answer.refused, reason: answer.reason });
    return new CustomerUpdateSaved({ requestId, customer, update: answer.update });
  }
}

@Operation({ accepts: OrderSent, replies: [OrderConfirmed, OrderRejected], businessKey: 'orderId' })
class OrderBlindly implements Translation<OrderSent, Mainframe, OrderConfirmed | OrderRejected> {
  async translate({ orderId, sku }: OrderSent, mainframe: SystemHandle<Mainframe>) {
    const answer = await mainframe.call('UpdateBlindly', { customer: sku, ref: orderId, name: `ORDER ${orderId}` });
    if (isRefusal(answer)) return new OrderRejected({ orderId, code: answer.refused, reason: answer.reason });
    return new OrderConfirmed({ orderId, order: answer.update });
  }
}

@Adapter({
  system: 'mainframe',
  about: 'The practice mainframe, on its screens.',
  layouts: [layout],
  calls,
  operations: [UpdateCustomer, OrderBlindly],
})
export class MainframeScreens {}
