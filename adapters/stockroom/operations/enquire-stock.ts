import { isRefusal, Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { StockEnquired, StockLevel, StockUnknown } from '../events.ts';
import { type Stockroom } from '../stockroom.layout.ts';

/** What the screen says of an item is what the reply says. */
@Operation({ accepts: StockEnquired, replies: [StockLevel, StockUnknown], businessKey: 'sku' })
export class EnquireStock implements Translation<StockEnquired, Stockroom, StockLevel | StockUnknown> {
  async translate({ sku }: StockEnquired, stockroom: SystemHandle<Stockroom>) {
    const answer = await stockroom.call('EnquireItem', { sku });
    return isRefusal(answer) ? new StockUnknown({ sku, reason: answer.reason }) : new StockLevel({ sku, ...answer });
  }
}
