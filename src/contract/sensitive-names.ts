import transformerStorage from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';
import { sensitiveFieldsOf } from './event.ts';
import { type Class } from './json.ts';

const found = new WeakMap<Class, ReadonlySet<string>>();

/** Names of the sensitive fields of a payload class and of all classes inside it. */
export function sensitiveNamesOf(payload: Class): ReadonlySet<string> {
  const known = found.get(payload);
  if (known !== undefined) return known;
  const types = new Set<Class>([payload]);
  // Grows while it is walked: a class may be inside another, or inside itself.
  for (const type of types) for (const inner of typesIn(type)) types.add(inner);
  const names = new Set([...types].flatMap((type) => [...sensitiveFieldsOf(type)]));
  found.set(payload, names);
  return names;
}

function typesIn(payload: Class): Class[] {
  const properties = getMetadataStorage().getTargetValidationMetadatas(payload as never, '', false, false);
  return [...new Set(properties.map(({ propertyName }) => propertyName))].flatMap((property) => {
    const type =
      transformerStorage.defaultMetadataStorage.findTypeMetadata(payload, property)?.typeFunction() ??
      (Reflect.getMetadata('design:type', payload.prototype as object, property) as Class | undefined);
    return type === undefined || !(type.prototype instanceof Object) || builtIn.has(type) ? [] : [type];
  });
}

const builtIn = new Set<unknown>([Object, Array, Date, Map, Set, RegExp, String, Number, Boolean]);
