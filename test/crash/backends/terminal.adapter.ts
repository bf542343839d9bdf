import {
  Adapter,
  type Calls,
  Operation,
  type SystemHandle,
  type Translation,
  cannotTell,
  didNot,
  happened,
  isRefusal,
  once,
  read,
} from '../../../src/contract/index.ts';
import { OrderConfirmed, OrderRejected, OrderSent, StockRefused, StockReserved, StockWanted } from '../../../src/practice/line/depot.events.ts';
import { type CallsOf } from '../../../src/transports/terminal/terminal.ts';
import { reserve, stockroomLayout } from '../../support/stockroom.layout.ts';

/** Reservations on the screens of a stockroom: with a probe that finds them by their reference, and the same without any. */
const layout = { ...stockroomLayout, dialogs: { ...stockroomLayout.dialogs, ReserveBlindly: reserve } };

type Stockroom = CallsOf<typeof layout>;

const calls: Calls<Stockroom> = {
  Item: read(),
  Items: read(),
  FindReservations: read(),
  Reserve: once({
    probe: async ({ ref }, stockroom) => {
      const { reservations } = await stockroom.call('FindReservations', { ref });
      const [found, ...more] = reservations;
      if (found === undefined) return didNot;
      return more.length === 0
        ? happened({ number: found.number, quantity: found.quantity })
        : cannotTell(`${reservations.length} have this reference`);
    },
  }),
  ReserveBlindly: once(),
};

@Operation({ accepts: StockWanted, replies: [StockReserved, StockRefused], key: 'customerId', businessKey: 'requestId' })
class ReserveStock implements Translation<StockWanted, Stockroom, StockReserved | StockRefused> {
  async translate({ requestId, sku, quantity }: StockWanted, stockroom: SystemHandle<Stockroom>) {
    const answer = await stockroom.call('Reserve', { ref: requestId, sku, quantity });
    if (isRefusal(answer)) return new StockRefused({ requestId, code: answer.refused, reason: answer.reason });
    return new StockReserved({ requestId, reservation: answer.number });
  }
}

@Operation({ accepts: OrderSent, replies: [OrderConfirmed, OrderRejected], businessKey: 'orderId' })
class OrderBlindly implements Translation<OrderSent, Stockroom, OrderConfirmed | OrderRejected> {
  async translate({ orderId, sku }: OrderSent, stockroom: SystemHandle<Stockroom>) {
    const answer = await stockroom.call('ReserveBlindly', { ref: orderId, sku, quantity: 1 });
    if (isRefusal(answer)) return new OrderRejected({ orderId, code: answer.refused, reason: answer.reason });
    return new OrderConfirmed({ orderId, order: answer.number });
  }
}

@Adapter({
  system: 'stockroom',
  about: 'The practice stockroom, on its screens.',
  layouts: [layout],
  calls,
  operations: [ReserveStock, OrderBlindly],
})
export class StockroomScreens {}
