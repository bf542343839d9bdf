import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { codePage } from '../code-pages/code-page.ts';
import { hasField } from '../layouts/find-field.ts';
import { compile, type PlanOptions, type RecordPlan } from '../layouts/plan.ts';
import { type RecordLayout } from '../layouts/record-layout.ts';

/** How a record of this type is told from others: by a field's value, or by text at a place. */
export type When =
  | { readonly field: string; readonly equals: Json | readonly Json[] }
  /** `at`: bytes from the start of the record. */
  | { readonly at: number; readonly text: string | readonly string[] };

/** One layout of a file with several. */
export interface RecordChoice {
  readonly layout: RecordLayout;
  /** Without it every record fits: for the last of the choices, or the only one. */
  readonly when?: When;
}

export interface RecordType {
  readonly name: string;
  readonly plan: RecordPlan;
  readonly fits: (bytes: Uint8Array) => boolean;
}

function rule(name: string, plan: RecordPlan, when: When, options: PlanOptions): (bytes: Uint8Array) => boolean {
  if ('field' in when) {
    const values = new Set<Json>(Array.isArray(when.equals) ? (when.equals as readonly Json[]) : [when.equals as Json]);
    const probe = plan.probe(when.field);
    return (bytes) => {
      const value = probe(bytes);
      return value !== undefined && values.has(value);
    };
  }
  const page = codePage(options.codePage);
  const texts = (typeof when.text === 'string' ? [when.text] : when.text).map((text) => {
    const bytes = Buffer.alloc(page.width(text));
    if (text === '' || page.write(text, bytes, 0) >= 0)
      throw new GatehouseError('LAYOUT_MISSING', `record ${name}: the text that tells it is empty or not in code page ${page.name}`);
    return bytes;
  });
  const { at } = when;
  return (bytes) =>
    texts.some((text) => {
      if (bytes.length < at + text.length) return false;
      for (let i = 0; i < text.length; i += 1) if (bytes[at + i] !== text[i]) return false;
      return true;
    });
}

/** @throws GatehouseError LAYOUT_MISSING when it would not be clear which layout a record has */
export function recordTypes(records: Readonly<Record<string, RecordLayout | RecordChoice>>, options: PlanOptions): RecordType[] {
  const choices = Object.entries(records).map(([name, choice]): [string, RecordChoice] => [name, 'layout' in choice ? choice : { layout: choice }]);
  if (choices.length === 0) throw new GatehouseError('LAYOUT_MISSING', 'a file needs at least one record layout');
  const open = choices.slice(0, -1).find(([, { when }]) => when === undefined);
  if (open !== undefined)
    throw new GatehouseError(
      'LAYOUT_MISSING',
      `record ${open[0]} needs a rule (when) that tells it from ${choices.at(-1)?.[0]} and what else comes after it`,
    );
  const rules = Object.entries(options.redefines ?? {});
  const idle = rules.find(([field]) => !choices.some(([, { layout }]) => hasField(layout, field)));
  if (idle !== undefined) throw new GatehouseError('LAYOUT_MISSING', `redefines names the field '${idle[0].slice(0, 80)}', which no record has`);
  return choices.map(([name, { layout, when }]) => {
    const redefines = Object.fromEntries(rules.filter(([field]) => hasField(layout, field)));
    const plan = compile(layout, { ...options, redefines });
    return { name, plan, fits: when === undefined ? () => true : rule(name, plan, when, options) };
  });
}
