/** Files: what an adapter says of the files it drops at a system, and of those that the system replies with. */
import { type Layout } from '../../contract/adapter.ts';
import { type CallsOfDrops, type Drop } from './drops/drop.ts';
import { type ReplyFile } from './replies/reply.ts';

export { type CopybookOptions, parseCopybook } from './copybook/copybook.ts';
export { type Copybook, copybook } from './copybook/copybook-file.ts';
export { layoutCodec } from './codecs/layout.codec.ts';
export { type RecordCodec, type RecordValue } from './codecs/record-codec.ts';
export { type Batched, type Drop, type Dropped, type RecordsOf, drop } from './drops/drop.ts';
export { delimited } from './interchange/delimited/delimited.codec.ts';
export {
  EdifactAcknowledger,
  type EdifactElementError,
  type EdifactReport,
  type EdifactSegmentError,
  readEdifactAcknowledgement,
} from './interchange/edifact/edifact.acknowledgement.ts';
export { edifact } from './interchange/edifact/edifact.codec.ts';
export {
  type Hl7Acknowledgement,
  type Hl7AcknowledgementCode,
  type Hl7Answer,
  hl7Acknowledgement,
  readHl7Acknowledgement,
} from './interchange/hl7/hl7.acknowledgement.ts';
export { hl7 } from './interchange/hl7/hl7.codec.ts';
export { jsonLines } from './interchange/json-lines/json-lines.codec.ts';
export {
  X12Acknowledger,
  type X12ElementError,
  type X12GroupReport,
  type X12SegmentError,
  readX12Acknowledgement,
} from './interchange/x12/x12.acknowledgement.ts';
export { x12 } from './interchange/x12/x12.codec.ts';
export { xmlRecords } from './interchange/xml/xml.codec.ts';
export { type RecordOf, constant, decimal, edited, filler, fixedWidth, group, list, text, whole } from './layouts/fixed-width.ts';
export { type RecordKinds, values } from './record-kinds.ts';
export { type EachAnswer, type ReplyFile, type WholeAnswer, reply } from './replies/reply.ts';

export interface FileOptions<D> {
  /** By call: the files that are dropped. */
  readonly drops: D;
  /** The files that replies come in; every drop's `reply.from` is one of them. The name is part of each correlation. */
  readonly replies?: Readonly<Record<string, ReplyFile<unknown>>>;
}

export interface FileLayout<D = Readonly<Record<string, Drop<unknown, unknown>>>> extends Layout {
  readonly transport: 'file';
  readonly drops: D;
  readonly replies: Readonly<Record<string, ReplyFile<unknown>>>;
}

/** The native contract of a layout: `type Carrier = CallsOf<typeof layout>`. */
export type CallsOf<L> = L extends FileLayout<infer D> ? CallsOfDrops<D> : never;

/**
 * The layout of a system that takes files.
 * @example
 * const confirmations = reply({ from: 'in', name: 'CONF_*.TXT', codec, records: { ack }, by: 'record', correlation: '{field:orderId}', complete: 'renamed' });
 * const layout = file({
 *   drops: { Order: drop({ to: 'out', name: 'ORDER_{sequence:06}.TXT', codec, record: { order }, reply: { from: confirmations, correlation: '{field:orderId}', withinHours: 6 } }) },
 *   replies: { confirmations },
 * });
 */
export const file = <D extends Readonly<Record<string, Drop<unknown, unknown>>>>({ drops, replies = {} }: FileOptions<D>): FileLayout<D> => ({
  transport: 'file',
  drops,
  replies,
});
