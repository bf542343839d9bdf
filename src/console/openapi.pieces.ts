import { translationStates } from '../contract/journal.ts';
import { type Shape, anything, list, object, oneOf, orNull, ref, text, whole } from './openapi.shapes.ts';

export const state = oneOf(...translationStates);
export const waitingFor = oneOf('time', 'system', 'batch', 'reply');
export const batchState = oneOf('open', 'calling', 'in doubt', 'answered', 'discarded');
export const effect = oneOf('read', 'repeatable', 'once');
export const partKind = oneOf('sent', 'received', 'note');
export const counts = list(whole());
export const typed = object({ type: text(), data: anything });
export const failure = orNull(ref('Failure'));
export const attributes: Shape = { type: 'object', description: 'Context attributes of a CloudEvents 1.0 event.', additionalProperties: text() };
