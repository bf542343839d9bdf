import { type JSX } from 'preact';
import { type Json } from '../../../../contract/json.ts';
import { Copy } from '../../kit/copy.tsx';
import { Empty } from '../../kit/empty.tsx';
import { href } from '../../kit/route.ts';
import { useLoaded } from '../../kit/use-loaded.ts';

/** Of the catalogue of adapters, what is needed for one event. */
type Adapters = readonly { readonly system: string; readonly operations: readonly string[] }[];
interface Adapter {
  readonly operations: readonly { readonly accepts: { readonly type: string; readonly example: Json } }[];
}

/** In single quotes, as a shell takes it. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The journal is empty: how the first event is sent, with an event that the first adapter accepts. */
export function FirstEvent(): JSX.Element {
  const { value: adapters, failure } = useLoaded<Adapters>('/api/adapters');
  const first = adapters?.find(({ operations }) => operations.length > 0)?.system;
  const { value: adapter } = useLoaded<Adapter>(first === undefined ? null : `/api/adapters/${encodeURIComponent(first)}`);
  const accepts = adapter?.operations[0]?.accepts;
  if (accepts === undefined && adapters === null && failure === null) return <div class="loading" aria-busy="true" />;
  const event = { specversion: '1.0', id: 'first-1', source: '/try', type: accepts?.type ?? 'TYPE', data: accepts?.example ?? {} };
  const curl = `curl -X POST ${location.origin}/events -H 'content-type: application/cloudevents+json' -d ${quoted(JSON.stringify(event))}`;
  return (
    <Empty title="No event has come yet">
      <p>{accepts === undefined ? 'Send one: put a type that an adapter accepts in the place of TYPE, and its fields into data.' : 'Send one:'}</p>
      <p class="first-event">
        <code>{curl}</code> <Copy text={curl} what="command" />
      </p>
      <p>
        <a href={href('adapters')}>Adapters</a> lists every type and composes an event that fits; <code>gatehouse emit --help</code> sends one from
        the command line.
      </p>
    </Empty>
  );
}
