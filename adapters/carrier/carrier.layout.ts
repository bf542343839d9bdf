import { type Calls, once } from '../../src/contract/index.ts';
import { type CallsOf, constant, decimal, drop, file, fixedWidth, layoutCodec, reply, text, whole } from '../../src/transports/file/file.ts';

/** Positions and meanings are in README.md; the carrier's own reader is in src/practice/carrier. */
const manifestHead = fixedWidth('MANIFEST-HEAD', {
  kind: constant('H'),
  sender: text(8),
  depot: text(3),
  number: whole(6),
  date: text(8),
  file: text(40),
});
const shipment = fixedWidth('SHIPMENT', {
  kind: constant('S'),
  /** Ours, echoed in the reply: unlike the shipment's own number it is never used twice. */
  reference: text(36),
  shipmentId: text(20),
  service: text(3),
  parcels: whole(3),
  name: text(35),
  street: text(35),
  postcode: text(10),
  city: text(30),
  country: text(2),
});
const parcel = fixedWidth('PARCEL', { kind: constant('P'), reference: text(36), number: whole(3), weightKg: decimal(8, 3), label: text(20) });
const manifestTail = fixedWidth('MANIFEST-TAIL', { kind: constant('T'), shipments: whole(6), parcels: whole(6), weightKg: decimal(12, 3) });

const manifests = layoutCodec({
  name: 'manifest',
  codePage: 'iso-8859-1',
  format: { kind: 'line', ends: 'crlf' },
  records: {
    head: { layout: manifestHead, when: { at: 0, text: 'H' } },
    shipment: { layout: shipment, when: { at: 0, text: 'S' } },
    parcel: { layout: parcel, when: { at: 0, text: 'P' } },
    tail: { layout: manifestTail, when: { at: 0, text: 'T' } },
  },
  control: {
    header: 'head',
    trailer: 'tail',
    counts: [
      { field: 'shipments', of: 'shipment' },
      { field: 'parcels', of: 'parcel' },
    ],
    totals: [{ field: 'weightKg', of: 'parcel', sum: 'weightKg' }],
  },
});

const replyHead = fixedWidth('REPLY-HEAD', { kind: constant('H'), carrier: text(8), number: whole(6), date: text(8) });
const accepted = fixedWidth('ACCEPTED', { kind: constant('A'), reference: text(36), shipmentId: text(20), trackingNumber: text(20) });
const rejected = fixedWidth('REJECTED', {
  kind: constant('R'),
  reference: text(36),
  shipmentId: text(20),
  code: text(4),
  field: text(12),
  reason: text(60),
});
const replyTail = fixedWidth('REPLY-TAIL', { kind: constant('T'), accepted: whole(6), rejected: whole(6) });

const replyFiles = layoutCodec({
  name: 'reply',
  codePage: 'iso-8859-1',
  format: { kind: 'line', ends: 'crlf' },
  records: {
    head: { layout: replyHead, when: { at: 0, text: 'H' } },
    accepted: { layout: accepted, when: { at: 0, text: 'A' } },
    rejected: { layout: rejected, when: { at: 0, text: 'R' } },
    tail: { layout: replyTail, when: { at: 0, text: 'T' } },
  },
  control: {
    header: 'head',
    trailer: 'tail',
    counts: [
      { field: 'accepted', of: 'accepted' },
      { field: 'rejected', of: 'rejected' },
    ],
  },
});

const replies = reply({
  from: 'replies',
  name: 'REPLY_*.TXT',
  codec: replyFiles,
  records: { accepted, rejected },
  by: 'record',
  correlation: '{field:reference}',
  complete: { marker: '{name}.done' },
});

export const layout = file({
  drops: {
    Manifest: drop({
      to: 'manifests',
      name: 'MANIFEST_{field:depot}_{date:yyyyMMdd}_{sequence:06}.TXT',
      zone: 'Europe/Berlin',
      codec: manifests,
      records: { shipment, parcel },
      control: {
        header: {
          sender: 'ACME',
          depot: '{field:depot}',
          number: '{sequence:06}',
          date: '{date:yyyyMMdd}',
          file: '{name}',
        },
      },
      marker: '{name}.done',
      sequence: 'manifests',
      batch: { close: { events: 500, bytes: 1_000_000, afterMs: 3_600_000 }, by: '{field:depot}' },
      // The carrier takes manifests away, and nobody else removes temporary files.
      whenGone: 'happened',
      reply: { from: replies, correlation: '{field:reference}', withinHours: 24 },
    }),
  },
  replies: { replies },
});

/** The native contract of the carrier. */
export type Carrier = CallsOf<typeof layout>;

export const calls: Calls<Carrier> = {
  // Found out by looking: the temporary file is there until the manifest has its name.
  Manifest: once(),
};
