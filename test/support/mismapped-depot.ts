import { Adapter, Operation, type SystemHandle, type Translation } from '../../src/contract/index.ts';
import { type Depot, NudgeShelf, ReservePair, SendOrder, depotCalls, depotLayout } from '../../src/practice/line/depot.adapter.ts';
import { StockRefused, StockReserved, StockWanted } from '../../src/practice/line/depot.events.ts';

/** As an author gets it wrong: the customer where the article belongs, and none at all in the call that counts, which is never sent. */
@Operation({ accepts: StockWanted, replies: [StockReserved, StockRefused], key: 'customerId', businessKey: 'requestId' })
class ReserveStock implements Translation<StockWanted, Depot, StockReserved | StockRefused> {
  async translate({ requestId, customerId, quantity }: StockWanted, depot: SystemHandle<Depot>) {
    await depot.call('Stock', { sku: customerId });
    const answer = await depot.call('Reserve', { ref: requestId, qty: quantity } as never);
    if ('refused' in answer) return new StockRefused({ requestId, code: answer.refused, reason: answer.reason });
    return new StockReserved({ requestId, reservation: answer.reservation });
  }
}

/** The depot before its mapping was mended: every reservation of stock is parked. */
@Adapter({
  system: 'depot',
  about: 'A small depot, mapped wrongly.',
  layouts: [depotLayout],
  calls: depotCalls,
  operations: [ReserveStock, ReservePair, SendOrder, NudgeShelf],
})
export class MismappedDepot {}
