import { isRefusal, Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { ReservationMade, ReservationRefused, ReservationRequested } from '../events.ts';
import { type Stockroom } from '../stockroom.layout.ts';

/**
 * A reservation is typed and confirmed. The stockroom would take the same reference twice, so that nobody could tell two reservations apart:
 * one that is there already is refused.
 */
@Operation({ accepts: ReservationRequested, replies: [ReservationMade, ReservationRefused], key: 'reference', businessKey: 'reference' })
export class ReserveStock implements Translation<ReservationRequested, Stockroom, ReservationMade | ReservationRefused> {
  async translate({ reference, sku, quantity, customer }: ReservationRequested, stockroom: SystemHandle<Stockroom>) {
    const { reservations } = await stockroom.call('FindReservations', { reference });
    const [first] = reservations;
    if (first !== undefined) {
      const reason = `The stockroom has this reference already: ${first.number}, ${first.quantity} of ${first.sku}.`;
      return new ReservationRefused({ reference, code: 'REFERENCE_IN_USE', reason });
    }
    const answer = await stockroom.call('Reserve', { reference, sku, quantity, ...(customer === undefined ? {} : { customer }) });
    if (isRefusal(answer)) return new ReservationRefused({ reference, code: answer.refused, reason: answer.reason });
    return new ReservationMade({ reference, number: answer.number });
  }
}
