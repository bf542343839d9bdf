import { type CaseEntry } from '../contract/case-book.ts';
import { type CataloguedOperation, type CataloguedSystem } from '../contract/catalogue.ts';
import { eventTypeOf } from '../contract/event.ts';
import { type Class, type Json } from '../contract/json.ts';
import { payloadSchema } from '../documents/asyncapi.ts';
import { exampleOf } from '../documents/example.ts';
import { type AdapterSummary, type AdapterView, type CallView, type EventView, type OperationView } from './adapters.view.ts';

export const summaryOf = ({ system, about, layouts, catalogued, sources = [] }: CataloguedSystem): AdapterSummary => ({
  system,
  about,
  transports: layouts.map(({ transport }) => transport),
  operations: catalogued.map(({ name }) => name),
  sources: sources.map(({ name }) => name),
});

/** An adapter as its code declares it. Examples are those of its cases where there are any. */
export function viewOf(of: CataloguedSystem, cases: readonly CaseEntry[] | null): AdapterView {
  const { system, about, layouts, sources = [] } = of;
  const examples = examplesOf(cases ?? [], new Set(of.catalogued.flatMap(({ replies }) => [...replies.keys()].slice(0, 1))));
  const event = (type: string, payload: Class<object>): EventView => eventView(type, payload, examples.get(type));
  return {
    system,
    about,
    transports: layouts.map(({ transport }) => transport),
    operations: of.catalogued.map((operation) => operationView(operation, event)),
    calls: callsOf(of),
    sources: sources.map(({ name, transport, produces, businessKey, snapshot }) => ({
      name,
      transport,
      produces: produces.map((payload) => event(eventTypeOf(payload), payload)),
      businessKey,
      snapshot: snapshot !== null,
    })),
    cases,
  };
}

const operationView = (
  { name, accepts, acceptsType, replies, key, businessKey, passWhenParked }: CataloguedOperation,
  event: (type: string, payload: Class<object>) => EventView,
): OperationView => ({
  name,
  accepts: event(acceptsType, accepts),
  replies: [...replies].map(([type, payload]) => event(type, payload)),
  key,
  businessKey,
  whenParked: passWhenParked ? 'pass' : 'hold',
});

const callsOf = ({ calls, layouts }: CataloguedSystem): CallView[] =>
  Object.entries(calls).map(([name, { effect, over, timeoutMs, probe }]) => ({
    name,
    effect,
    transport: over ?? layouts[0]?.transport ?? '',
    timeoutMs: timeoutMs ?? null,
    probe: probe !== undefined,
  }));

interface Found {
  readonly data: Json;
  readonly of: string;
}

/** The first of each type, those before that come to the reply that is declared first; one in which something is parked shows how it is not done. */
function examplesOf(cases: readonly CaseEntry[], best: ReadonlySet<string>): ReadonlyMap<string, Found> {
  const rank = ({ becomes, parked }: CaseEntry): number => parked.length * 2 + (best.has(becomes[0]?.type ?? '') ? 0 : 1);
  const found = new Map<string, Found>();
  for (const { name, event, becomes, parked } of cases.toSorted((a, b) => rank(a) - rank(b))) {
    const accepted = event === null || parked.length > 0 ? [] : [event];
    for (const { type, data } of [...accepted, ...becomes]) if (!found.has(type)) found.set(type, { data, of: name });
  }
  return found;
}

function eventView(type: string, payload: Class<object>, found: Found | undefined): EventView {
  const schema = payloadSchema(payload);
  return { type, schema, example: found?.data ?? exampleOf(schema), exampleOf: found?.of ?? null };
}
