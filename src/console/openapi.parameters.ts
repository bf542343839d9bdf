import { type Parameter } from './openapi.route.ts';
import { type Shape, list, object, oneOf, orNull, text, whole } from './openapi.shapes.ts';
import { type SearchCondition, searchConditions, searchNames } from './search-conditions.ts';

export const limit: Parameter = { name: 'limit', about: 'Rows of a page, at most 500.', shape: whole() };
export const before: Parameter = { name: 'before', about: '`next` of the page before.', shape: whole() };
export const after: Parameter = { name: 'after', about: 'Position to go on behind.', shape: whole() };
export const resume: Parameter = { name: 'last-event-id', about: 'As `after`, sent by a reader that reconnects.' };
export const reveal: Parameter = { name: 'reveal', about: '`1` shows masked fields; needs operator, and is recorded.', shape: oneOf('0', '1') };
export const native: Parameter = { name: 'native', about: '`1`: what would be sent also as its protocol shows it.', shape: oneOf('0', '1') };
export const keyHeader: Parameter = { name: 'idempotency-key', about: 'Of your own making: the same request with the same key does nothing more.' };
export const page = (rows: Shape): Shape => object({ rows: list(rows), next: orNull(whole()) });

const shapes: Partial<Readonly<Record<SearchCondition, Shape>>> = { inDoubt: oneOf('0', '1'), overMs: whole('In ms.') };

export const filter: readonly Parameter[] = searchNames.map((name) => {
  const { about } = searchConditions[name];
  const shape = shapes[name];
  return { name, about: `${about[0]?.toUpperCase() ?? ''}${about.slice(1)}.`, ...(shape === undefined ? {} : { shape }) };
});

export const decided = { why: text('Every decision is recorded with its reason.') };
export const idempotency = { key: text('As the header `idempotency-key`.') };
