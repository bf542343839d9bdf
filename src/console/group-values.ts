import { GatehouseError } from '../contract/errors.ts';
import { type GroupValues, groupings } from '../contract/groups.ts';

const longestValue = 2_000;

/**
 * What a group has in common, as a request names it; always in one order.
 * @throws GatehouseError NOT_POSSIBLE
 */
export function groupValuesOf(name: string, by: unknown): GroupValues {
  const asked = typeof by === 'object' && by !== null && !Array.isArray(by) ? (by as Readonly<Record<string, unknown>>) : {};
  const names = Object.keys(asked);
  const values = groupings.flatMap((grouping) => (Object.hasOwn(asked, grouping) ? [[grouping, asked[grouping]] as const] : []));
  const { day } = asked;
  const fits =
    values.length > 0 &&
    values.length === names.length &&
    values.every(([, value]) => value === null || (typeof value === 'string' && value.length <= longestValue)) &&
    (day === undefined || (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))));
  if (!fits) throw new GatehouseError('NOT_POSSIBLE', `'${name}' has the values of a group, as GET /api/groups gives them: ${groupings.join(', ')}`);
  return Object.fromEntries(values) as GroupValues;
}
