import { GatehouseError } from '../../../contract/errors.ts';
import { type FieldLayout, type RecordLayout, walk } from './record-layout.ts';

export interface FoundField {
  readonly field: FieldLayout;
  /** Keys from the record to it. */
  readonly path: string;
  /** No table is around or before it, or only such that never move it. */
  readonly fixed: boolean;
}

/**
 * A field by its dotted path of keys, by its key or by its name in the layout, case aside.
 * @throws GatehouseError LAYOUT_MISSING when there is none, or several
 */
export function findField(layout: RecordLayout, name: string): FoundField {
  const { all, found } = matching(layout, name);
  const [only] = found;
  if (only === undefined) throw new GatehouseError('LAYOUT_MISSING', `record ${layout.name} has no field '${name.slice(0, 80)}'`);
  if (found.length > 1)
    throw new GatehouseError(
      'LAYOUT_MISSING',
      `record ${layout.name} has ${found.length} fields '${name}': say ${found.map(({ path }) => path).join(' or ')}`,
    );
  const around = all.filter(({ path }) => only.path.startsWith(`${path}.`));
  const moved = all.some(
    ({ field }) => field.offset < only.field.offset && field.occurs !== null && field.occurs.moves && field.occurs.dependingOn !== null,
  );
  return { ...only, fixed: !moved && [only, ...around].every(({ field }) => field.occurs === null) };
}

/** Whether a field is called so, once or several times. */
export const hasField = (layout: RecordLayout, name: string): boolean => matching(layout, name).found.length > 0;

function matching(layout: RecordLayout, name: string) {
  const all = [...walk(layout.fields)].filter(({ field }) => field.type.kind !== 'filler');
  const exact = all.filter(({ path }) => path === name);
  const found = exact.length > 0 ? exact : all.filter(({ field }) => field.key === name || field.name.toUpperCase() === name.toUpperCase());
  return { all, found };
}
