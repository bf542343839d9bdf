import 'reflect-metadata';
import transformerStorage from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { type Class } from './json.ts';

const typeNames = new WeakMap<object, string>();
const sensitiveFields = new WeakMap<object, Set<string>>();

/**
 * Names the CloudEvents type of a payload class, with its version: `@EventType('com.acme.order.placed.v1')`.
 * The class carries class-validator rules; properties without a rule are refused on arrival.
 */
export function EventType(type: string): (target: Class) => void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/.test(type)) throw new TypeError(`'${type}' is no CloudEvents type name`);
  return (target) => void typeNames.set(target, type);
}

/** The CloudEvents type of a payload class. @throws TypeError when the class has no `@EventType`. */
export function eventTypeOf(payload: Class): string {
  const type = typeNames.get(payload);
  if (type === undefined) throw new TypeError(`${payload.name} has no @EventType`);
  return type;
}

/** Marks a payload property that people see masked unless they may reveal it. It is stored whole: replay needs it. */
export function Sensitive(): (target: object, property: string) => void {
  return (target, property) => {
    const fields = sensitiveFields.get(target.constructor) ?? new Set<string>();
    sensitiveFields.set(target.constructor, fields.add(property));
  };
}

/** Names of the sensitive properties of a payload class, of those it extends and of those within it: they are masked at any depth. */
export function sensitiveFieldsOf(payload: Class): ReadonlySet<string> {
  const known = allSensitive.get(payload);
  if (known !== undefined) return known;
  const found = new Set<string>();
  gatherSensitive(payload, found, new Set());
  allSensitive.set(payload, found);
  return found;
}

const allSensitive = new WeakMap<object, ReadonlySet<string>>();

function gatherSensitive(payload: Class, found: Set<string>, seen: Set<Class>): void {
  if (seen.has(payload)) return;
  seen.add(payload);
  for (let each: object | null = payload; typeof each === 'function'; each = Object.getPrototypeOf(each) as object | null)
    for (const field of sensitiveFields.get(each) ?? []) found.add(field);
  const nested = getMetadataStorage()
    .getTargetValidationMetadatas(payload, '', false, false)
    .filter(({ type }) => type === 'nestedValidation');
  for (const { propertyName } of nested) {
    const declared = transformerStorage.defaultMetadataStorage.findTypeMetadata(payload, propertyName)?.typeFunction();
    const within = declared ?? (Reflect.getMetadata('design:type', payload.prototype as object, propertyName) as Class | undefined);
    if (typeof within === 'function') gatherSensitive(within, found, seen);
  }
}

/**
 * The context attributes of a CloudEvents 1.0 event, extensions included, all as text.
 * @see CloudEvents 1.0.2, section 3 (context attributes)
 */
export interface EventAttributes {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  readonly [extension: string]: string | undefined;
}

/** An event as the gateway keeps it: attributes, and the data bytes exactly as they arrived. */
export interface CloudEvent {
  readonly attributes: EventAttributes;
  readonly data: Uint8Array;
}
