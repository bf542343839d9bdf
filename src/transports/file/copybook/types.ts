import { type FieldLayout, isJsonNumber, type RecordLayout } from '../layouts/record-layout.ts';

export interface CopybookTypesOptions {
  /** Numbers may be null: the file is read with blankNumbers: null. */
  readonly nullNumbers?: boolean;
}

const pascalCase = (name: string): string => {
  const joined = name
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  return /^[A-Z]/.test(joined) ? joined : `Record${joined}`;
};
const keyText = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key));
/** Nothing in a comment can end it. */
const comment = (text: string): string => text.replaceAll('*/', '*\\/').replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?');

/** TypeScript types of the values of these records. Offsets in comments count from 0. */
export function copybookTypes(records: readonly RecordLayout[], { nullNumbers = false }: CopybookTypesOptions = {}): string {
  const taken = new Set<string>();
  const blocks = records.map((record) => {
    let name = pascalCase(record.name);
    while (taken.has(name)) name += '_';
    taken.add(name);
    const size = record.minLength === record.length ? `${record.length} bytes` : `${record.minLength} to ${record.length} bytes`;
    return [
      `/** Record ${comment(record.name)}, ${size}. */`,
      `export interface ${name} {`,
      ...fieldLines(record.fields, '  ', nullNumbers),
      '  /** Bytes that the values alone would not bring back; they may be left out. */',
      '  readonly $raw?: Readonly<Record<string, string>>;',
      '}',
    ].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function fieldLines(fields: readonly FieldLayout[], indent: string, nullNumbers: boolean): string[] {
  const redefined = new Set(fields.map(({ redefines }) => redefines).filter((key) => key !== null));
  return fields
    .filter(({ type }) => type.kind !== 'filler')
    .flatMap((field) => {
      const alternative = field.redefines !== null || redefined.has(field.key);
      return [
        `${indent}/** ${comment(describe(field))} */`,
        `${indent}readonly ${keyText(field.key)}${alternative ? '?' : ''}: ${typeText(field, indent, nullNumbers)};`,
      ];
    });
}

function describe({ name, picture, offset, length, occurs, redefines, conditions }: FieldLayout): string {
  const values = conditions.map((condition) => {
    const all = condition.values.map((value) => (typeof value === 'string' ? `'${value}'` : `'${value[0]}' to '${value[1]}'`));
    return `${condition.name}: ${all.join(', ')}`;
  });
  const counted = occurs === null ? '' : `, ${occurs.min === occurs.max ? occurs.max : `${occurs.min} to ${occurs.max}`} times`;
  return [
    `${name}${picture === '' ? '' : ` ${picture}`}, ${length} bytes at ${offset}${counted}${redefines === null ? '' : `, instead of ${redefines}`}`,
    ...values,
  ].join('; ');
}

function typeText(field: FieldLayout, indent: string, nullNumbers: boolean): string {
  const one = valueText(field, indent, nullNumbers);
  if (field.occurs === null) return one;
  return one.includes('|') && !one.startsWith('{') ? `readonly (${one})[]` : `readonly ${one}[]`;
}

function valueText(field: FieldLayout, indent: string, nullNumbers: boolean): string {
  const { type, conditions } = field;
  if (type.kind === 'group') return ['{', ...fieldLines(field.fields, `${indent}  `, nullNumbers), `${indent}}`].join('\n');
  if (type.kind === 'text' || type.kind === 'national') {
    const known = conditions.flatMap(({ values }) => values.filter((value) => typeof value === 'string'));
    // The names of 88 levels are offered; other values can stand in a file all the same.
    return known.length === 0
      ? 'string'
      : `${[...new Set(known)].map((value) => JSON.stringify(value === 'space' ? '' : value)).join(' | ')} | (string & {})`;
  }
  return `${isJsonNumber(type) ? 'number' : 'string'}${nullNumbers && type.kind !== 'binary' && type.kind !== 'float' ? ' | null' : ''}`;
}
