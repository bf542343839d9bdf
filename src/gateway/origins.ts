import { type ConsignmentTrace, type SourceKey } from '../contract/consignment.ts';
import { type EventAttributes } from '../contract/event.ts';
import { type EventOrigin } from '../contract/event-origin.ts';
import { type JournalReader, type Story } from '../contract/journal-reader.ts';
import { derivedUuid } from './identity.ts';
import { type Sources } from './sources.ts';
import { parkedPieceType, parkedWholeType, sourceOf } from './source-event.ts';

const sourcePattern = /^\/gatehouse\/([a-z][a-z0-9-]{0,62})\/([a-z][a-z0-9-]{0,62})$/;

export interface OriginsSurroundings {
  readonly journal: { readonly reader: Pick<JournalReader, 'consignments'> };
  readonly sources: Sources;
}

/**
 * Where an event came from, when a source brought it in. Its attributes may be anybody's: what they say is taken for the journal's only where
 * the event is correlated with the content of that consignment, as those of sources are.
 */
export async function originOf({ journal, sources }: OriginsSurroundings, { event }: Story): Promise<EventOrigin | null> {
  const { attributes } = event;
  const [, system, source] = sourcePattern.exec(attributes.source) ?? [];
  const name = attributes['consignment'];
  if (system === undefined || source === undefined || name === undefined) return null;
  const key = { system, source };
  const consignment = consignmentOf(key, attributes, await journal.reader.consignments(key, name));
  const told = consignment === null ? null : sources.whereabouts(key, consignment);
  return {
    ...key,
    name,
    piece: attributes.type === parkedWholeType ? null : numberIn(attributes, 'piece'),
    offset: numberIn(attributes, 'offset'),
    size: numberIn(attributes, 'size'),
    consignment,
    sha256: told?.sha256 ?? null,
    where: told?.where ?? null,
    bytes: attributes.type === parkedPieceType ? event.data : null,
  };
}

function consignmentOf(key: SourceKey, attributes: EventAttributes, found: readonly ConsignmentTrace[]): ConsignmentTrace | null {
  const source = sourceOf({ system: key.system, declaration: { name: key.source } });
  const same = found.find(({ identity }) => identity !== null && derivedUuid(source, identity) === attributes['correlationid']);
  if (same !== undefined || attributes.type !== parkedWholeType) return same ?? null;
  // One that was set aside before it was known by its content.
  return found.find(({ identity, state }) => identity === null && state === attributes['how']) ?? null;
}

function numberIn(attributes: EventAttributes, name: string): number | null {
  const text = attributes[name];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
