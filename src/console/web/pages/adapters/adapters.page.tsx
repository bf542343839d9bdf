import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type AdapterSummary, type AdapterView } from '../../../adapters.view.ts';
import { ask, wordsOf } from '../../kit/api.ts';
import { Empty } from '../../kit/empty.tsx';
import { href, path } from '../../kit/route.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { Adapter, Plain } from './adapter.tsx';
import './adapters.css';

export function AdaptersPage(): JSX.Element {
  const chosen = path.value[1];
  return chosen === undefined ? <Overview /> : <One key={chosen} system={chosen} />;
}

function One({ system }: { readonly system: string }): JSX.Element {
  const { value, failure, slow } = useLoaded<AdapterView>(`/api/adapters/${encodeURIComponent(system)}`);
  if (value !== null) return <Adapter of={value} />;
  if (failure === null) return <div class="loading" aria-busy={slow} />;
  return (
    <Empty title={failure}>
      <p>
        <a href={href('adapters')}>All adapters</a>
      </p>
    </Empty>
  );
}

function Overview(): JSX.Element {
  const { value, failure, slow } = useLoaded<readonly AdapterSummary[]>('/api/adapters');
  const refused = useSignal<string | null>(null);
  if (value === null) return failure === null ? <div class="loading" aria-busy={slow} /> : <Empty title={failure} />;
  return (
    <>
      <div class="adapter-head">
        <h1>
          Adapters <span class="hint">what each takes, publishes and calls, as its code says</span>
        </h1>
        <Plain onAct={() => void download().catch((error: unknown) => (refused.value = wordsOf(error)))}>Download AsyncAPI</Plain>
      </div>
      {refused.value === null ? null : <p class="failure">{refused.value}</p>}
      <ul class="adapters">
        {value.map(({ system, about, transports, operations, sources }) => (
          <li key={system}>
            <h2>
              <a href={href('adapters', system)}>{system}</a> <span class="hint">{transports.length === 0 ? 'router' : transports.join(', ')}</span>
            </h2>
            <p>{about}</p>
            <ul class="plain">
              {operations.map((operation) => (
                <li key={operation}>
                  <a href={`${href('adapters', system)}?operation=${encodeURIComponent(operation)}`}>{operation}</a>
                </li>
              ))}
              {sources.map((source) => (
                <li key={source}>
                  {source} <span class="hint">source</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}

/** With the token of the page, which a link would not carry. */
async function download(): Promise<void> {
  const url = URL.createObjectURL(await (await ask('/api/asyncapi.json')).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = 'asyncapi.json';
  link.click();
  URL.revokeObjectURL(url);
}
