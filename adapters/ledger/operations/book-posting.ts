import { Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { dayNumber, dayText } from '../days.ts';
import { PostingBooked, PostingRejected, PostingRequested } from '../events.ts';
import { type Ledger } from '../ledger.layout.ts';

/** A posting goes into a file for the night's batch; its result, hours later, is the reply. */
@Operation({ accepts: PostingRequested, replies: [PostingBooked, PostingRejected], businessKey: 'postingId' })
export class BookPosting implements Translation<PostingRequested, Ledger, PostingBooked | PostingRejected> {
  async translate(request: PostingRequested, ledger: SystemHandle<Ledger>) {
    const { postingId, amount, text, reverses, reversalCode } = request;
    const { value } = await ledger.call('Posting', {
      postingId,
      kind: reverses === undefined ? 'B' : 'R',
      leg: [
        { side: 'D', account: request.debitAccount },
        { side: 'C', account: request.creditAccount },
      ],
      amount: reverses === undefined ? amount : `-${amount}`,
      currencyCode: request.currency,
      valueDate: dayNumber(request.valueDate),
      // One area of the record holds either: the layout refuses both.
      ...(reverses === undefined || text !== undefined ? { purpose: { purposeLine: fourLines(text ?? []) } } : {}),
      ...(reverses !== undefined || reversalCode !== undefined ? { reversed: { originalId: reverses ?? '', reversalCode: reversalCode ?? 1 } } : {}),
    });
    const { booking, rejection } = value;
    if (booking !== undefined) return new PostingBooked({ postingId, bookingNumber: booking.bookingNumber, bookedOn: dayText(booking.bookedOn) });
    return new PostingRejected({ postingId, code: rejection?.reasonCode ?? 0, reason: rejection?.reason ?? '' });
  }
}

const fourLines = (lines: readonly string[]): string[] => [0, 1, 2, 3].map((line) => lines[line] ?? '');
