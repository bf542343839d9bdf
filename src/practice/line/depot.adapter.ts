import {
  Adapter,
  type Call,
  type Calls,
  Operation,
  type Refusal,
  type SystemHandle,
  type Translation,
  didNot,
  happened,
  once,
  read,
  repeatable,
} from '../../contract/index.ts';
import {
  OrderConfirmed,
  OrderRejected,
  OrderSent,
  PairReserved,
  PairWanted,
  ShelfNudged,
  StockRefused,
  StockReserved,
  StockWanted,
} from './depot.events.ts';
import { line } from './line.transport.ts';

/** The native contract of the practice depot. */
export interface Depot {
  Stock: Call<{ sku: string }, { onHand: number }>;
  Reserve: Call<{ ref: string; sku: string; qty: number }, { reservation: string } | Refusal>;
  Find: Call<{ ref: string }, { found: boolean; reservation: string }>;
  Order: Call<{ ref: string; sku: string }, { order: string } | Refusal>;
  Nudge: Call<{ ref: string; sku: string }, object>;
}

export const depotLayout = line({
  Stock: { verb: 'STOCK', takes: ['sku'], answers: { onHand: 'number' } },
  Reserve: { verb: 'RESERVE', takes: ['ref', 'sku', 'qty'], answers: { reservation: 'text' }, twoPhase: true },
  Find: { verb: 'FIND', takes: ['ref'], answers: { found: 'flag', reservation: 'text' } },
  Order: { verb: 'ORDER', takes: ['ref', 'sku'], answers: { order: 'text' }, later: { correlation: 'ref', withinMs: 5_000 } },
  Nudge: { verb: 'NUDGE', takes: ['ref', 'sku'], answers: {} },
});

export const depotCalls: Calls<Depot> = {
  Stock: read(),
  Reserve: once({
    probe: async (request, depot) => {
      const { found, reservation } = await depot.call('Find', { ref: request.ref });
      return found ? happened({ reservation }) : didNot;
    },
  }),
  Find: read(),
  Order: once(),
  Nudge: repeatable(),
};

@Operation({ accepts: StockWanted, replies: [StockReserved, StockRefused], key: 'customerId', businessKey: 'requestId' })
export class ReserveStock implements Translation<StockWanted, Depot, StockReserved | StockRefused> {
  async translate({ requestId, sku, quantity }: StockWanted, depot: SystemHandle<Depot>) {
    const { onHand } = await depot.call('Stock', { sku });
    if (onHand < quantity) return new StockRefused({ requestId, code: 'NO_STOCK', reason: `${onHand} on hand` });
    const answer = await depot.call('Reserve', { ref: requestId, sku, qty: quantity });
    if ('refused' in answer) return new StockRefused({ requestId, code: answer.refused, reason: answer.reason });
    return new StockReserved({ requestId, reservation: answer.reservation });
  }
}

@Operation({ accepts: PairWanted, replies: [PairReserved, StockRefused], businessKey: 'requestId' })
export class ReservePair implements Translation<PairWanted, Depot, PairReserved | StockRefused> {
  async translate({ requestId, left, right }: PairWanted, depot: SystemHandle<Depot>) {
    const first = await depot.call('Reserve', { ref: `${requestId}-left`, sku: left, qty: 1 });
    if ('refused' in first) return new StockRefused({ requestId, code: first.refused, reason: first.reason });
    const second = await depot.call('Reserve', { ref: `${requestId}-right`, sku: right, qty: 1 });
    if ('refused' in second) return new StockRefused({ requestId, code: second.refused, reason: second.reason });
    return new PairReserved({ requestId, left: first.reservation, right: second.reservation });
  }
}

@Operation({ accepts: OrderSent, replies: [OrderConfirmed, OrderRejected], businessKey: 'orderId' })
export class SendOrder implements Translation<OrderSent, Depot, OrderConfirmed | OrderRejected> {
  async translate({ orderId, sku }: OrderSent, depot: SystemHandle<Depot>) {
    const answer = await depot.call('Order', { ref: orderId, sku });
    return 'refused' in answer
      ? new OrderRejected({ orderId, code: answer.refused, reason: answer.reason })
      : new OrderConfirmed({ orderId, order: answer.order });
  }
}

@Operation({ accepts: ShelfNudged, replies: [], businessKey: 'ref' })
export class NudgeShelf implements Translation<ShelfNudged, Depot, void> {
  async translate({ ref, sku }: ShelfNudged, depot: SystemHandle<Depot>) {
    await depot.call('Nudge', { ref, sku });
  }
}

@Adapter({
  system: 'depot',
  about: 'A small depot to practise on: stock, reservations, orders whose result comes later.',
  layouts: [depotLayout],
  calls: depotCalls,
  operations: [ReserveStock, ReservePair, SendOrder, NudgeShelf],
})
export class DepotAdapter {}
