import { createHash } from 'node:crypto';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type CloudEvent, eventTypeOf } from '../contract/event.ts';
import { type Json, canonical } from '../contract/json.ts';
import { type Arrival, type Failure } from '../contract/journal.ts';
import { type BadPiece, type GoodPiece, type Piece, type SnapshotStep, type SourceDeclaration } from '../contract/source.ts';
import { translationId } from '../contract/translation-id.ts';
import { derivedUuid } from './identity.ts';
import { assertValid, valueAt } from './payload.ts';

/** The type of what is parked of a consignment, which is no event of anybody's: a piece of it, or all of it. */
export const parkedPieceType = 'gatehouse.source.piece';
export const parkedWholeType = 'gatehouse.source.consignment';

/** What every event and every parked piece of one consignment has in common. */
export interface ConsignmentOrigin {
  readonly system: string;
  readonly declaration: SourceDeclaration;
  /** Of the content: with the number of a piece it makes the id of its event. */
  readonly identity: string;
  readonly name: string;
  readonly maxEventBytes: number;
  readonly keepBodies: boolean;
  wallMs(): number;
}

export const isBadPiece = (piece: Piece): piece is BadPiece => 'error' in piece;

export const sourceOf = ({ system, declaration }: { readonly system: string; readonly declaration: Pick<SourceDeclaration, 'name'> }): string =>
  `/gatehouse/${system}/${declaration.name}`;

/** The id of the event of a piece: the same whenever the same content is read, by whatever gateway. */
function pieceEventId(origin: ConsignmentOrigin, number: number, gone?: string): string {
  return derivedUuid(sourceOf(origin), origin.identity, gone === undefined ? String(number) : `gone ${gone}`);
}

/**
 * The event of a piece, null when the adapter has no use for it.
 * @throws GatehouseError EVENT_INVALID, EVENT_TOO_LARGE, DEFECT when the adapter's mapping throws
 */
export async function eventOfPiece(origin: ConsignmentOrigin, { value, number, offset, bytes }: GoodPiece): Promise<CloudEvent | null> {
  // A consignment that is one piece has no place in itself.
  return eventOfValue(origin, value, { number, ...(bytes.byteLength === 0 ? {} : { offset }) });
}

/** The event of what became of a key. @throws GatehouseError as `eventOfPiece` */
export async function eventOfStep(origin: ConsignmentOrigin, step: SnapshotStep<Json>, place: StepPlace): Promise<CloudEvent | null> {
  return eventOfValue(origin, step as unknown as Json, place, step.change === 'deleted' ? step.key : undefined);
}

/** Where a step was found; one of a key that is gone has no offset. */
interface StepPlace {
  readonly number: number;
  readonly offset?: number;
}

/** The event, null, or why there is none. Never rejects. */
export function orError(event: Promise<CloudEvent | null>): Promise<CloudEvent | GatehouseError | null> {
  return event.catch((error: unknown) => asGatehouseError(error));
}

async function eventOfValue(origin: ConsignmentOrigin, value: Json, { number, offset }: StepPlace, gone?: string): Promise<CloudEvent | null> {
  const { system, declaration, name, identity, maxEventBytes } = origin;
  const payload = mapped(declaration, value, { name, number });
  if (payload === null) return null;
  const type = declaration.produces.find((each) => payload.constructor === each);
  if (type === undefined)
    throw new GatehouseError(
      'EVENT_INVALID',
      `${system}: the source ${declaration.name} made ${payload.constructor.name} of piece ${number}; it declares ${declaration.produces.map((each) => each.name).join(', ')}`,
    );
  await assertValid(type, payload, 'EVENT_INVALID');
  const text = JSON.stringify(payload);
  const data = Buffer.from(text);
  if (data.byteLength > maxEventBytes)
    throw new GatehouseError(
      'EVENT_TOO_LARGE',
      `${system}: the event of piece ${number} would have ${data.byteLength} bytes; ${maxEventBytes} are allowed`,
    );
  const subject = declaration.businessKey === null ? null : valueAt(payload as Json, declaration.businessKey);
  return {
    attributes: {
      specversion: '1.0',
      id: pieceEventId(origin, number, gone),
      source: sourceOf(origin),
      type: eventTypeOf(type),
      ...(subject === null ? {} : { subject }),
      time: new Date(origin.wallMs()).toISOString(),
      datacontenttype: 'application/json',
      correlationid: derivedUuid(sourceOf(origin), identity),
      consignment: name,
      piece: String(number),
      ...(offset === undefined ? {} : { offset: String(offset) }),
    },
    data,
  };
}

function mapped(declaration: SourceDeclaration, value: Json, origin: { name: string; number: number }): object | null {
  try {
    return declaration.map(value, origin);
  } catch (error) {
    throw asGatehouseError(error);
  }
}

/** A piece that cannot become an event, with its bytes, as a translation for a person. */
export function parkedPiece(origin: ConsignmentOrigin, piece: Piece, failure: Failure): Arrival {
  const { name, declaration } = origin;
  const id = pieceEventId(origin, piece.number);
  const message = `${name}, piece ${piece.number} at byte ${piece.offset}, ${piece.bytes.byteLength} bytes: ${failure.message}`;
  return parked(
    origin,
    id,
    { ...failure, message },
    {
      attributes: {
        specversion: '1.0',
        id,
        source: sourceOf(origin),
        type: parkedPieceType,
        subject: `${name} ${piece.number}`,
        datacontenttype: 'application/octet-stream',
        correlationid: derivedUuid(sourceOf(origin), origin.identity),
        consignment: name,
        identity: origin.identity,
        piece: String(piece.number),
        offset: String(piece.offset),
        size: String(piece.bytes.byteLength),
        declaration: declaration.name,
      },
      data: piece.bytes,
    },
  );
}

/** A consignment that is held or refused as a whole. `token` tells one such moment from the next. */
export function parkedWhole(origin: ConsignmentOrigin, token: string, how: 'held' | 'refused', failure: Failure): Arrival {
  const id = derivedUuid(sourceOf(origin), token);
  return parked(
    origin,
    id,
    { ...failure, message: `${origin.name}: ${failure.message}` },
    {
      attributes: {
        specversion: '1.0',
        id,
        source: sourceOf(origin),
        type: parkedWholeType,
        subject: origin.name,
        correlationid: derivedUuid(sourceOf(origin), origin.identity),
        consignment: origin.name,
        how,
      },
      data: new Uint8Array(),
    },
  );
}

function parked(origin: ConsignmentOrigin, id: string, failure: Failure, event: CloudEvent): Arrival {
  const { system, declaration, keepBodies } = origin;
  return {
    event,
    size: event.data.byteLength,
    digest: event.attributes.type,
    correlation: event.attributes['correlationid'] ?? id,
    hops: 0,
    translations: [
      {
        id: translationId(system, declaration.name, event.attributes.source, id),
        system,
        operation: declaration.name,
        key: null,
        businessKey: event.attributes.subject ?? null,
        passWhenParked: true,
        keepBodies,
        begin: false,
        park: failure,
      },
    ],
  };
}

/** 16 bytes that change with the value. */
export function valueDigest(value: Json): Uint8Array {
  return createHash('sha256').update(canonical(value)).digest().subarray(0, 16);
}
