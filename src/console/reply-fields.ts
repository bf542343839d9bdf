import { getMetadataStorage } from 'class-validator';
import { type Class } from '../contract/json.ts';
import { type ReplyField } from './choices.view.ts';

const kinds: Readonly<Record<string, ReplyField['kind']>> = {
  isBoolean: 'yes or no',
  isNumber: 'number',
  isInt: 'number',
  min: 'number',
  max: 'number',
  isPositive: 'number',
  isArray: 'json',
  isObject: 'json',
  arrayMinSize: 'json',
  arrayMaxSize: 'json',
  isIn: 'one of',
  isEnum: 'one of',
};

/** The fields of a payload class in the order of their declaration, by its class-validator rules. */
export function replyFields(payload: Class): readonly ReplyField[] {
  const fields = new Map<string, ReplyField>();
  for (const { propertyName, type, name, constraints } of getMetadataStorage().getTargetValidationMetadatas(payload, '', false, false)) {
    const field = fields.get(propertyName) ?? { name: propertyName, kind: 'text', required: true, oneOf: [] };
    const kind = type === 'nestedValidation' ? 'json' : kinds[name ?? ''];
    const values: unknown = kind === 'one of' ? constraints?.[0] : undefined;
    fields.set(propertyName, {
      ...field,
      // Each rule tells a part: one that says list or object outweighs the others.
      kind: field.kind === 'json' ? 'json' : (kind ?? field.kind),
      required: field.required && type !== 'conditionalValidation',
      oneOf: typeof values === 'object' && values !== null ? Object.values(values).filter(isScalar) : field.oneOf,
    });
  }
  return [...fields.values()];
}

const isScalar = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
