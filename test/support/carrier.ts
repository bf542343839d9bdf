import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IsOptional, IsString } from 'class-validator';
import { Adapter } from '../../src/contract/adapter.ts';
import { type Calls, once, repeatable } from '../../src/contract/calls.ts';
import { type LinkSurroundings } from '../../src/contract/transport.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../src/contract/operation.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { type CallsOf, constant, decimal, drop, file, fixedWidth, layoutCodec, reply, text, whole } from '../../src/transports/file/file.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FleetingMemory } from './fleeting-memory.ts';

const order = fixedWidth('ORDER', { kind: constant('O'), orderId: text(20), amount: decimal(9, 2), number: text(6) });
const head = fixedWidth('HEAD', { kind: constant('H'), number: whole(6), date: text(8), manifest: text(30) });
const parcel = fixedWidth('PARCEL', { kind: constant('P'), parcelId: text(20), grams: whole(6) });
const tail = fixedWidth('TAIL', { kind: constant('T'), parcels: whole(6), grams: whole(9) });
const ack = fixedWidth('ACK', { kind: constant('A'), orderId: text(20), state: text(8) });
const end = fixedWidth('END', { kind: constant('E'), acks: whole(6) });

const orders = layoutCodec({ name: 'orders', codePage: 'ascii', format: { kind: 'line', ends: 'lf' }, records: { order } });
const manifests = layoutCodec({
  name: 'manifests',
  codePage: 'ascii',
  format: { kind: 'line', ends: 'lf' },
  records: { head: { layout: head, when: { at: 0, text: 'H' } }, tail: { layout: tail, when: { at: 0, text: 'T' } }, parcel },
  control: {
    header: 'head',
    trailer: 'tail',
    counts: [{ field: 'parcels', of: 'parcel' }],
    totals: [{ field: 'grams', of: 'parcel', sum: 'grams' }],
  },
});
const acks = layoutCodec({
  name: 'acks',
  codePage: 'ascii',
  format: { kind: 'line', ends: 'lf' },
  records: { end: { layout: end, when: { at: 0, text: 'E' } }, ack: { layout: ack, when: { at: 0, text: 'A' } } },
  control: { trailer: 'end', counts: [{ field: 'acks', of: 'ack' }] },
});

const confirmations = reply({
  from: 'in',
  name: 'CONF_*.TXT',
  codec: acks,
  records: { ack },
  by: 'record',
  correlation: '{field:orderId}',
  complete: { marker: '{name}.done' },
});
const receipts = reply({ from: 'in', name: 'RECEIPT_{correlation}.TXT', codec: acks, records: { ack, end }, by: 'name', complete: 'renamed' });
/** One bad record keeps no other from answering. */
const lenient = reply({
  from: 'in',
  name: 'LENIENT_*.TXT',
  codec: acks,
  records: { ack },
  by: 'record',
  correlation: '{field:orderId}',
  complete: { unchangedMs: 1_000 },
  onBad: 'record',
  afterwards: 'delete',
});

const orderName = 'ORDER_{date:yyyyMMdd}_{field:orderId}.TXT';
export const carrierLayout = file({
  drops: {
    Order: drop({
      to: 'out',
      name: orderName,
      codec: orders,
      record: { order },
      marker: '{name}.done',
      reply: { from: confirmations, correlation: '{field:orderId}', withinHours: 6 },
    }),
    Lenient: drop({
      to: 'out',
      name: orderName,
      codec: orders,
      record: { order },
      reply: { from: lenient, correlation: '{field:orderId}', withinHours: 6 },
    }),
    Manifest: drop({
      to: 'out',
      name: 'MANIFEST_{date:yyyyMMdd}_{sequence:06}.TXT',
      codec: manifests,
      records: { parcel },
      control: { header: { number: '{sequence:06}', date: '{date:yyyyMMdd}', manifest: '{stem}' } },
      marker: '{stem}.ok',
      sequence: 'manifests',
      reply: { from: receipts, correlation: '{stem}', withinHours: 6 },
    }),
    Note: drop({ to: 'out', name: 'NOTE_{field:orderId}.TXT', codec: orders, record: { order }, marker: '{name}.done' }),
    Numbered: drop({ to: 'out', name: 'NUMBERED_{field:orderId}.TXT', codec: orders, record: { order }, ifExists: 'number' }),
    Replacing: drop({ to: 'out', name: 'REPLACING_{field:orderId}.TXT', codec: orders, record: { order }, ifExists: 'replace' }),
    Counted: drop({
      to: 'out',
      name: 'COUNTED_{date:yyyyMMdd}_{sequence:03}.TXT',
      codec: orders,
      record: { order },
      whenGone: 'happened',
      marker: '{name}.done',
    }),
  },
  replies: { confirmations, receipts, lenient },
});
export type Carrier = CallsOf<typeof carrierLayout>;

const carrierCalls: Calls<Carrier> = {
  Order: once(),
  Lenient: once(),
  Manifest: once(),
  Note: once(),
  Numbered: repeatable(),
  Replacing: once(),
  Counted: once(),
};

@EventType('test.order.v1')
export class OrderPlaced {
  @IsString()
  orderId: string;

  @IsString()
  amount: string;

  @IsOptional()
  @IsString()
  by?: 'Order' | 'Lenient' | 'Manifest' | 'Counted' | 'Numbered';
}

@EventType('test.order.done.v1')
export class OrderDone {
  @IsString()
  orderId: string;

  @IsString()
  state: string;

  constructor(orderId?: string, state?: string) {
    if (orderId !== undefined) this.orderId = orderId;
    if (state !== undefined) this.state = state;
  }
}

@Operation({ accepts: OrderPlaced, replies: [OrderDone], businessKey: 'orderId' })
export class SendOrder implements Translation<OrderPlaced, Carrier, OrderDone> {
  async translate({ orderId, amount, by = 'Order' }: OrderPlaced, carrier: SystemHandle<Carrier>) {
    const order = { kind: 'O', orderId, amount, number: '' };
    if (by === 'Counted' || by === 'Numbered') return new OrderDone(orderId, (await carrier.call(by, order)).file);
    if (by === 'Manifest') {
      const receipt = await carrier.call('Manifest', { records: [{ type: 'parcel', value: { kind: 'P', parcelId: orderId, grams: 500 } }] });
      return new OrderDone(orderId, receipt.records.map((each) => (each.record === 'ack' ? each.value.state : `of ${each.value.acks}`)).join(' '));
    }
    const { value } = await carrier.call(by, order);
    return new OrderDone(orderId, value.state);
  }
}

@Adapter({
  system: 'carrier',
  about: 'A carrier that takes files.',
  layouts: [carrierLayout],
  calls: carrierCalls,
  operations: [SendOrder],
})
export class CarrierAdapter {}

/** The carrier's side of a directory on this machine: it judges by what lies there under a name, as the real one would. */
export class CarrierPartner {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    for (const name of ['out', 'in']) mkdirSync(join(folder, name), { recursive: true });
  }

  in(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Everything under a final name. */
  names(directory = 'out'): string[] {
    if (!existsSync(this.in(directory))) return [];
    return readdirSync(this.in(directory))
      .filter((name) => !name.startsWith('.'))
      .sort();
  }

  hidden(): string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith('.'));
  }

  text(name: string, directory = 'out'): string {
    return readFileSync(this.in(directory, name), 'latin1');
  }

  take(name: string): string {
    const content = this.text(name);
    rmSync(this.in('out', name));
    return content;
  }

  /** A reply file, under its name at once, and its marker. */
  reply(name: string, lines: readonly string[], marker = `${name}.done`): void {
    writeFileSync(this.in('.partner'), `${lines.join('\n')}\n`, 'latin1');
    renameSync(this.in('.partner'), this.in('in', name));
    if (marker !== '') writeFileSync(this.in('in', marker), '');
  }
}

export const ackLine = (orderId: string, state: string): string => `A${orderId.padEnd(20)}${state.padEnd(8)}`;
export const endLine = (acks: number): string => `E${String(acks).padStart(6, '0')}`;

/** What a gateway would give the link of a carrier. */
export function carrierSurroundings(settings: Partial<FileSettings>, more: Partial<LinkSurroundings> = {}): LinkSurroundings {
  return {
    system: 'carrier',
    gateway: 'gate-1',
    settings: Object.assign(new FileSettings(), settings),
    layout: carrierLayout,
    calls: [],
    clock: new SystemClock(),
    log: () => undefined,
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied: async () => 'candidate',
    ...more,
  };
}
