import { IsArray, IsIn, IsString } from 'class-validator';
import { Adapter } from '../../src/contract/adapter.ts';
import { type Calls, once } from '../../src/contract/calls.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../src/contract/operation.ts';
import {
  type CallsOf,
  type RecordValue,
  X12Acknowledger,
  drop,
  file,
  readX12Acknowledgement,
  reply,
  values,
  x12,
} from '../../src/transports/file/file.ts';
import { pickupWhole } from '../../src/transports/file/pickup/pickup.ts';

type TransactionSet = { readonly segments: (string | string[])[][]; readonly header: string[] };

/** An envelope to the partner, its control numbers from the journal. */
const envelope = (functional: string) => ({
  interchange: {
    header: 'ISA 00 . 00 . ZZ US ZZ THEM {date:yyMMdd} {date:HHmm} ^ 00501 {sequence:09} 0 P :'
      .split(' ')
      .map((element) => (element === '.' ? '' : element)),
  },
  group: `GS ${functional} US THEM {date:yyyyMMdd} {date:HHmm} {sequence} X 005010`.split(' '),
});

const acknowledgements = reply({
  from: 'in',
  name: '*.997',
  codec: x12(),
  records: { '997': values<TransactionSet>() },
  by: 'record',
  // AK102 is the number of the group that it is about.
  correlation: '{field:segments.0.2}',
  complete: 'renamed',
  afterwards: 'delete',
});

export const ediLayout = file({
  drops: {
    Order: drop({
      to: 'out',
      name: 'ORDER_{sequence:06}.850',
      codec: x12(),
      record: { '850': values<TransactionSet>() },
      control: envelope('PO'),
      reply: { from: acknowledgements, correlation: '{sequence}', withinHours: 24 },
    }),
    Acknowledge: drop({
      to: 'out',
      name: 'ACK_{sequence:06}.997',
      codec: x12(),
      records: { '997': values<TransactionSet>() },
      control: envelope('FA'),
    }),
  },
  replies: { acknowledgements },
});
type Edi = CallsOf<typeof ediLayout>;
const calls: Calls<Edi> = { Order: once(), Acknowledge: once() };

@EventType('test.edi.order.v1')
class OrderWanted {
  @IsString()
  order: string;
}

@EventType('test.edi.order.acknowledged.v1')
class OrderAcknowledged {
  @IsString()
  order: string;

  @IsIn(['accepted', 'partly accepted', 'rejected'])
  status: string;

  constructor(values?: OrderAcknowledged) {
    Object.assign(this, values);
  }
}

/** Invoices came in, and what there is to say of them. */
@EventType('test.edi.invoices.received.v1')
export class InvoicesReceived {
  @IsArray()
  invoices: string[];

  @IsArray()
  acknowledgements: RecordValue[];
}

@Operation({ accepts: OrderWanted, replies: [OrderAcknowledged], businessKey: 'order' })
class SendOrder implements Translation<OrderWanted, Edi, OrderAcknowledged> {
  async translate({ order }: OrderWanted, edi: SystemHandle<Edi>) {
    const { value } = await edi.call('Order', { header: ['ST', '850'], segments: [['BEG', '00', 'SA', order, '', '20261120']] });
    return new OrderAcknowledged({ order, status: readX12Acknowledgement(value).status });
  }
}

@Operation({ accepts: InvoicesReceived, replies: [] })
class AcknowledgeInvoices implements Translation<InvoicesReceived, Edi, void> {
  async translate({ acknowledgements: all }: InvoicesReceived, edi: SystemHandle<Edi>) {
    await edi.call('Acknowledge', { records: all.map((value) => ({ type: '997' as const, value: value as unknown as TransactionSet })) });
  }
}

/** An invoice needs a number; the acknowledgement says which has none. */
const invoices = pickupWhole({
  name: 'invoices',
  codec: x12(),
  produces: [InvoicesReceived],
  map: (records) => {
    const acknowledger = new X12Acknowledger();
    const numbers = records.map((record) => {
      const [big] = record.value['segments'] as string[][];
      const number = big?.[2] ?? '';
      acknowledger.add(record, number === '' ? [{ tag: 'BIG', position: 2, elements: [{ position: 2, code: '1' }] }] : []);
      return number;
    });
    return Object.assign(new InvoicesReceived(), { invoices: numbers, acknowledgements: acknowledger.values() });
  },
});

@Adapter({
  system: 'edi',
  about: 'A partner that speaks X12 in files, both ways, and acknowledges.',
  layouts: [ediLayout],
  calls,
  operations: [SendOrder, AcknowledgeInvoices],
  sources: [invoices],
})
export class EdiAdapter {}
