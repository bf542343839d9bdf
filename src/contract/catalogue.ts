import { adapterOf, type AdapterDescription } from './adapter.ts';
import { eventTypeOf } from './event.ts';
import { type Class } from './json.ts';
import { operationNameOf, operationOptionsOf } from './operation.ts';
import { type SourceDeclaration, checkSource } from './source.ts';

export interface CataloguedOperation {
  readonly system: string;
  readonly name: string;
  /** Payload class of the event it takes, and its CloudEvents type. */
  readonly accepts: Class<object>;
  readonly acceptsType: string;
  /** Payload classes of its replies by CloudEvents type. */
  readonly replies: ReadonlyMap<string, Class<object>>;
  readonly key: string | null;
  readonly businessKey: string | null;
  readonly passWhenParked: boolean;
  readonly operation: Class<object>;
}

export interface CataloguedSystem extends AdapterDescription {
  readonly catalogued: readonly CataloguedOperation[];
}

/** Every adapter with its operations, as the decorators declare them. Made once at start; checks what types cannot. */
export class Catalogue {
  readonly systems: ReadonlyMap<string, CataloguedSystem>;
  readonly #byType = new Map<string, CataloguedOperation[]>();

  /** @throws TypeError when two adapters claim a system, two operations or sources share a name, or a call names a transport that has no layout */
  constructor(adapters: readonly Class[]) {
    const systems = new Map<string, CataloguedSystem>();
    for (const adapter of adapters) {
      const description = adapterOf(adapter);
      if (systems.has(description.system)) throw new TypeError(`two adapters claim the system '${description.system}'`);
      checkCalls(description);
      systems.set(description.system, {
        ...description,
        catalogued: description.operations.map((operation) => catalogued(description.system, operation)),
      });
    }
    this.systems = systems;
    for (const operation of this.operations()) this.#byType.set(operation.acceptsType, [...this.accepting(operation.acceptsType), operation]);
  }

  operations(): readonly CataloguedOperation[] {
    return [...this.systems.values()].flatMap((system) => system.catalogued);
  }

  /** What brings events in, by system. */
  sources(): readonly { readonly system: string; readonly declaration: SourceDeclaration }[] {
    return [...this.systems.values()].flatMap(({ system, sources = [] }) => sources.map((declaration) => ({ system, declaration })));
  }

  accepting(type: string): readonly CataloguedOperation[] {
    return this.#byType.get(type) ?? [];
  }

  operation(system: string, name: string): CataloguedOperation | undefined {
    return this.systems.get(system)?.catalogued.find((operation) => operation.name === name);
  }
}

function catalogued(system: string, operation: Class): CataloguedOperation {
  const options = operationOptionsOf(operation);
  return {
    system,
    name: operationNameOf(operation),
    accepts: options.accepts,
    acceptsType: eventTypeOf(options.accepts),
    replies: new Map(options.replies.map((reply) => [eventTypeOf(reply), reply])),
    key: options.key ?? null,
    businessKey: options.businessKey ?? null,
    passWhenParked: options.whenParked === 'pass',
    operation: operation as Class<object>,
  };
}

function checkCalls({ system, layouts, calls, operations, sources = [] }: AdapterDescription): void {
  const transports = layouts.map((layout) => layout.transport);
  for (const [name, call] of Object.entries(calls)) {
    if (call.over === undefined && transports.length > 1)
      throw new TypeError(`${system}: the call ${name} must say over which of ${transports.join(', ')} it goes`);
    if (call.over !== undefined && !transports.includes(call.over))
      throw new TypeError(`${system}: the call ${name} goes over ${call.over}, which has no layout`);
    if (transports.length === 0) throw new TypeError(`${system}: the call ${name} needs a layout`);
  }
  for (const source of sources) checkSource(system, source);
  const names = [...operations.map(operationNameOf), ...sources.map(({ name }) => name)];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`${system}: two operations or sources are named ${twice}`);
}
