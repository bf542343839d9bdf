import { GatehouseError } from '../../../contract/errors.ts';
import { type Class, type Json, type PathOf } from '../../../contract/json.ts';
import { type PieceOrigin, type SnapshotStep, type SourceDeclaration } from '../../../contract/source.ts';
import { type RecordCodec, type RecordValue } from '../codecs/record-codec.ts';

/*
 * Files that a legacy system leaves become events. An adapter says what the records are and what they become; where the files are, and when
 * one is complete, is configuration (`systems.<system>.pickup`). How a file goes from its directory to the bus: pickup.source.ts finds and
 * claims it, picked-file.ts reads it twice, the gateway journals its records chunk by chunk, put-away.ts moves it to the archive.
 */

/** A record as its codec has read it. */
export interface PickedRecord {
  /** The name of the record layout. */
  readonly type: string;
  readonly value: RecordValue;
}

/** What the transport has to know of a declaration. */
export interface PickupLayout {
  readonly codec: RecordCodec;
  readonly unit: 'record' | 'file';
  readonly key: ((record: PickedRecord) => string | null) | null;
}

export const pickupTransport = 'pickup';

type Produced<C extends readonly Class<object>[]> = InstanceType<C[number]>;

interface Common<C extends readonly Class<object>[]> {
  /** Lower case, digits, hyphens; the same as in the configuration. */
  readonly name: string;
  readonly codec: RecordCodec;
  /** Payload classes of the events. */
  readonly produces: C;
  /** Path into the payload of what people search for: the `subject` of the event. */
  readonly businessKey?: PathOf<Produced<C>>;
}

/**
 * Every record of a file becomes one event, or none where `map` returns null (headers, trailers).
 * @example pickup({ name: 'orders', codec, produces: [OrderFound], map: ({ type, value }) => (type === 'ORDER' ? new OrderFound(value) : null) })
 */
export function pickup<const C extends readonly Class<object>[]>(
  options: Common<C> & { readonly map: (record: PickedRecord, origin: PieceOrigin) => Produced<C> | null },
): SourceDeclaration {
  return declaration(options, { codec: options.codec, unit: 'record', key: null }, options.map as never);
}

/** A whole file becomes one event; it must fit into `maxEventBytes`, and one bad record holds it. */
export function pickupWhole<const C extends readonly Class<object>[]>(
  options: Common<C> & { readonly map: (records: readonly PickedRecord[], origin: PieceOrigin) => Produced<C> | null },
): SourceDeclaration {
  return declaration(options, { codec: options.codec, unit: 'file', key: null }, options.map as never);
}

/**
 * A full extract, compared by key with the one before: what is new, changed or gone becomes an event. What is gone comes with its key alone.
 * `key` is null for what is no row (headers, trailers).
 */
export function snapshot<const C extends readonly Class<object>[]>(
  options: Common<C> & {
    readonly key: (record: PickedRecord) => string | null;
    readonly map: (step: SnapshotStep<PickedRecord>, origin: PieceOrigin) => Produced<C> | null;
    /** What the first extract is: all of it created, or only what the next one is compared with. Default `events`. */
    readonly first?: 'events' | 'baseline';
    /** More of the keys gone than this hold the file for a person; percent. Default 20. */
    readonly maxGonePercent?: number;
  },
): SourceDeclaration {
  const { first = 'events', maxGonePercent = 20 } = options;
  return {
    ...declaration(options, { codec: options.codec, unit: 'record', key: options.key }, options.map as never),
    snapshot: { first, maxGonePercent },
  };
}

function declaration<C extends readonly Class<object>[]>(
  { name, produces, businessKey }: Common<C>,
  layout: PickupLayout,
  map: (piece: Json, origin: PieceOrigin) => object | null,
): SourceDeclaration {
  return { name, transport: pickupTransport, produces, businessKey: businessKey ?? null, snapshot: null, map, layout };
}

/** @throws GatehouseError CONFIG_INVALID when the declaration was not made here */
export function pickupLayoutOf(system: string, { name, layout }: SourceDeclaration): PickupLayout {
  if (typeof layout === 'object' && layout !== null && 'codec' in layout && 'unit' in layout) return layout as PickupLayout;
  throw new GatehouseError('CONFIG_INVALID', `${system}: the source ${name} was not declared with pickup, pickupWhole or snapshot`);
}
