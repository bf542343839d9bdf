import { ValidationTypes, getMetadataStorage } from 'class-validator';
import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type Class, type Json } from '../contract/json.ts';
import { type RefusalDraft } from './attention.view.ts';

/**
 * What a person may publish when they give a translation up: the replies that its operation declares, refusals first, each with a draft of its
 * data. Texts in braces stand for values of each translation, so that one draft does for many.
 */
export function refusalDrafts(operation: CataloguedOperation): readonly RefusalDraft[] {
  const taken = new Set(rulesOf(operation.accepts).keys());
  return [...operation.replies]
    .map(([type, payload]) => ({
      type,
      data: Object.fromEntries(
        [...rulesOf(payload)].filter(([, { optional }]) => !optional).map(([name, rule]) => [name, valueOf(name, rule, taken)]),
      ),
    }))
    .sort((a, b) => Number(isRefusal(b.type)) - Number(isRefusal(a.type)));
}

const isRefusal = (type: string): boolean => /refus|reject|fail|declin|denied|error/i.test(type);

interface Rule {
  readonly names: Set<string>;
  readonly oneOf: readonly Json[] | null;
  optional: boolean;
}

function rulesOf(payload: Class): ReadonlyMap<string, Rule> {
  const rules = new Map<string, Rule & { oneOf: readonly Json[] | null }>();
  for (const { propertyName, type, name, constraints } of getMetadataStorage().getTargetValidationMetadatas(payload, '', false, false)) {
    const rule = rules.get(propertyName) ?? { names: new Set<string>(), oneOf: null, optional: false };
    rules.set(propertyName, rule);
    if (type === ValidationTypes.CONDITIONAL_VALIDATION) rule.optional = true;
    rule.names.add(name ?? type);
    const allowed: unknown = (constraints as readonly unknown[] | undefined)?.[0];
    if (name === 'isIn' && Array.isArray(allowed)) rule.oneOf = allowed as Json[];
  }
  return rules;
}

function valueOf(name: string, { names, oneOf }: Rule, taken: ReadonlySet<string>): Json {
  if (taken.has(name)) return `{{event.${name}}}`;
  if (oneOf !== null) return oneOf[0] ?? null;
  if (names.has('isArray')) return [];
  if (names.has(ValidationTypes.NESTED_VALIDATION) || names.has('isObject')) return {};
  if (['isInt', 'isNumber', 'min', 'max', 'isPositive'].some((each) => names.has(each))) return 0;
  if (names.has('isBoolean')) return false;
  if (/reason|message|text|remark|why/i.test(name)) return '{{reason}}';
  return /code/i.test(name) ? '{{code}}' : '';
}
