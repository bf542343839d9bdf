import { translationStates } from '../contract/journal.ts';
import { type Parameter } from './openapi.route.ts';
import { type Shape, list, object, oneOf, orNull, text, whole } from './openapi.shapes.ts';

export const limit: Parameter = { name: 'limit', about: 'Rows of a page, at most 500.', shape: whole() };
export const before: Parameter = { name: 'before', about: '`next` of the page before.', shape: whole() };
export const after: Parameter = { name: 'after', about: 'Position to go on behind.', shape: whole() };
export const resume: Parameter = { name: 'last-event-id', about: 'As `after`, sent by a reader that reconnects.' };
export const reveal: Parameter = { name: 'reveal', about: '`1` shows masked fields; needs operator, and is recorded.', shape: oneOf('0', '1') };
export const native: Parameter = { name: 'native', about: '`1`: what would be sent also as its protocol shows it.', shape: oneOf('0', '1') };
export const keyHeader: Parameter = { name: 'idempotency-key', about: 'Of your own making: the same request with the same key does nothing more.' };
export const page = (rows: Shape): Shape => object({ rows: list(rows), next: orNull(whole()) });

export const filter: readonly Parameter[] = [
  { name: 'state', about: `One or more of ${translationStates.join(', ')}, with commas between them.` },
  { name: 'system', about: 'One or more, with commas between them.' },
  { name: 'operation', about: 'One or more, with commas between them.' },
  { name: 'type', about: 'Type of the event.' },
  { name: 'eventId', about: 'Id of the event.' },
  { name: 'correlation', about: 'Correlation id.' },
  { name: 'businessKey', about: 'Business key; where it is a masked field, searching by it needs operator.' },
  { name: 'key', about: 'Key of ordering; as `businessKey`.' },
  { name: 'code', about: 'Code of the failure.' },
  { name: 'from', about: 'Arrived at or after this time, ISO 8601.' },
  { name: 'to', about: 'Arrived before this time, ISO 8601.' },
  { name: 'text', about: 'Words that ids, keys, codes or types are or begin with; whole words of bodies, where these are searched.' },
  { name: 'inDoubt', about: '`1`: with a call that may or may not have happened.', shape: oneOf('0', '1') },
  { name: 'overMs', about: 'Took, or has taken, longer than this.', shape: whole() },
];

export const decided = { why: text('Every decision is recorded with its reason.') };
export const idempotency = { key: text('As the header `idempotency-key`.') };
