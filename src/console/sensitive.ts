import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { sensitiveNamesOf } from '../contract/sensitive-names.ts';
import { type Sight, type Sights, sightName } from './sight.ts';

/** Whether a key path of an operation ends in a sensitive field: searching by it needs the right to reveal it. */
export function isSensitive(operation: CataloguedOperation, path: string | null): boolean {
  const fields = sensitiveNamesOf(operation.accepts);
  return path !== null && path.split('.').some((name) => fields.has(name));
}

const sightOf = (operation: CataloguedOperation): Sight => ({
  acceptsType: operation.acceptsType,
  accepts: sensitiveNamesOf(operation.accepts),
  replies: new Map([...operation.replies].map(([type, payload]) => [type, sensitiveNamesOf(payload)])),
  key: isSensitive(operation, operation.key),
  businessKey: isSensitive(operation, operation.businessKey),
});

/** Undefined when the system has no such operation any more: nobody knows what is sensitive in it. */
export function sightIn(
  catalogue: Catalogue,
  { system, operation: name }: { readonly system: string; readonly operation: string },
): Sight | undefined {
  const operation = catalogue.operation(system, name);
  return operation === undefined ? undefined : sightOf(operation);
}

export const sightsOf = (catalogue: Catalogue): Sights =>
  new Map(catalogue.operations().map((operation) => [sightName(operation.system, operation.name), sightOf(operation)]));
