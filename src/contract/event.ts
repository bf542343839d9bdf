import 'reflect-metadata';
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

/** Those of the classes it extends among them. */
export function sensitiveFieldsOf(payload: Class): ReadonlySet<string> {
  const parent = Object.getPrototypeOf(payload) as Class | null;
  const inherited = parent === null || parent === Function.prototype ? [] : sensitiveFieldsOf(parent);
  return new Set([...inherited, ...(sensitiveFields.get(payload) ?? [])]);
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
