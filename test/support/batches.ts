import { IsString } from 'class-validator';
import { Adapter } from '../../src/contract/adapter.ts';
import { type Calls, once } from '../../src/contract/calls.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../src/contract/operation.ts';
import { type CallsOf, constant, drop, file, fixedWidth, layoutCodec, reply, text, whole } from '../../src/transports/file/file.ts';

const head = fixedWidth('HEAD', { kind: constant('H'), number: whole(6), date: text(8) });
const parcel = fixedWidth('PARCEL', { kind: constant('P'), parcelId: text(20), depot: text(4), grams: whole(6) });
const tail = fixedWidth('TAIL', { kind: constant('T'), parcels: whole(6), grams: whole(9) });
const ack = fixedWidth('ACK', { kind: constant('A'), parcelId: text(20), state: text(8) });
const end = fixedWidth('END', { kind: constant('E'), acks: whole(6) });

export const manifests = layoutCodec({
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
  correlation: '{field:parcelId}',
  complete: 'renamed',
});

/** Bytes of one parcel in the file. */
export const parcelBytes = 32;
const controlOf = (date: string) => ({ header: { number: '{sequence:06}', date } });
const control = controlOf('{date:yyyyMMdd}');
const hourMs = 3_600_000;

const hourly = (date: string) =>
  drop({
    to: 'out',
    name: 'PARCELS_{date:yyyyMMdd}_{sequence:04}.TXT',
    codec: manifests,
    record: { parcel },
    control: controlOf(date),
    marker: '{stem}.ok',
    batch: { close: { events: 3, bytes: 4 * parcelBytes, afterMs: hourMs } },
  });

export const batchLayout = file({
  drops: {
    Hourly: hourly('{date:yyyyMMdd}'),
    Sized: drop({
      to: 'out',
      name: 'SIZED_{sequence:04}.TXT',
      codec: manifests,
      record: { parcel },
      control,
      batch: { close: { bytes: 2 * parcelBytes } },
    }),
    ByDepot: drop({
      to: 'out',
      name: 'DEPOT_{field:depot}_{sequence:04}.TXT',
      codec: manifests,
      record: { parcel },
      control,
      batch: { close: { events: 2 }, by: '{field:depot}' },
    }),
    Large: drop({ to: 'out', name: 'LARGE_{sequence:04}.TXT', codec: manifests, record: { parcel }, control, batch: { close: { events: 2_000 } } }),
    Confirmed: drop({
      to: 'out',
      name: 'CONFIRMED_{sequence:04}.TXT',
      codec: manifests,
      record: { parcel },
      control,
      batch: { close: { events: 2 } },
      reply: { from: confirmations, correlation: '{field:parcelId}', withinHours: 6 },
    }),
  },
  replies: { confirmations },
});
type Parcels = CallsOf<typeof batchLayout>;

const calls: Calls<Parcels> = { Hourly: once(), Sized: once(), ByDepot: once(), Large: once(), Confirmed: once() };

@EventType('test.parcel.v1')
export class ParcelPacked {
  @IsString()
  parcelId: string;

  @IsString()
  depot: string;

  @IsString()
  by: 'Hourly' | 'Sized' | 'ByDepot' | 'Large' | 'Confirmed';
}

@EventType('test.parcel.sent.v1')
export class ParcelSent {
  @IsString()
  parcelId: string;

  @IsString()
  where: string;

  constructor(parcelId?: string, where?: string) {
    if (parcelId !== undefined) this.parcelId = parcelId;
    if (where !== undefined) this.where = where;
  }
}

@Operation({ accepts: ParcelPacked, replies: [ParcelSent], businessKey: 'parcelId' })
export class SendParcel implements Translation<ParcelPacked, Parcels, ParcelSent> {
  async translate({ parcelId, depot, by }: ParcelPacked, parcels: SystemHandle<Parcels>) {
    const value = { kind: 'P', parcelId, depot, grams: 500 };
    if (by === 'Confirmed') return new ParcelSent(parcelId, (await parcels.call(by, value)).value.state);
    const { file: name, place } = await parcels.call(by, value);
    return new ParcelSent(parcelId, `${name} ${place}`);
  }
}

@EventType('test.parcel.ordered.v1')
export class ParcelOrdered extends ParcelPacked {}

/** The same with a key: one depot after the other. */
@Operation({ accepts: ParcelOrdered, replies: [ParcelSent], businessKey: 'parcelId', key: 'depot' })
export class SendInOrder extends SendParcel {}

@Adapter({ system: 'parcels', about: 'A carrier that takes one file an hour.', layouts: [batchLayout], calls, operations: [SendParcel, SendInOrder] })
export class ParcelsAdapter {}

/** The same with another header: a file that has left cannot be made again with it. */
@Adapter({
  system: 'parcels',
  about: 'A carrier that takes one file an hour.',
  layouts: [file({ drops: { ...batchLayout.drops, Hourly: hourly('{date:yyyyddMM}') }, replies: { confirmations } })],
  calls,
  operations: [SendParcel, SendInOrder],
})
export class ChangedParcelsAdapter {}

export const parcelLine = (parcelId: string, depot = 'D1'): string => `P${parcelId.padEnd(20)}${depot.padEnd(4)}000500`;
export const manifestText = (number: number, date: string, lines: readonly string[]): string =>
  [
    `H${String(number).padStart(6, '0')}${date}`,
    ...lines,
    `T${String(lines.length).padStart(6, '0')}${String(lines.length * 500).padStart(9, '0')}`,
    '',
  ].join('\n');
