import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type Json } from '../../../../contract/json.ts';
import { type AdapterView, type CallView, type OperationView, type SourceView } from '../../../adapters.view.ts';
import { Act } from '../../kit/act.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, go, href, query } from '../../kit/route.ts';
import { durationOf } from '../../kit/time.tsx';
import { Cases } from './cases.tsx';
import { EventCard } from './event.tsx';
import { TryIt } from './try-it.tsx';

/** What an adapter takes, publishes and calls, as its code says; and a form to try it. */
export function Adapter({ of }: { readonly of: AdapterView }): JSX.Element {
  const { system, operations } = of;
  const wanted = query.value.get('operation');
  const chosen = operations.find(({ name }) => name === wanted) ?? operations[0];
  const from = useSignal<{ readonly case: string; readonly data: Json } | null>(null);
  const choose = (name: string): void => {
    from.value = null;
    ask({ operation: name }, { replace: true });
  };
  useShortcuts(
    useMemo(() => {
      const step = (by: number) => (): void => {
        const at = operations.findIndex(({ name }) => name === query.peek().get('operation'));
        const next = operations[Math.min(operations.length - 1, Math.max(0, Math.max(at, 0) + by))];
        if (next !== undefined) choose(next.name);
      };
      return [
        { key: 'j', does: 'next operation', run: step(1) },
        { key: 'k', does: 'operation before', run: step(-1) },
        { key: 'Escape', does: 'back to all adapters', run: () => go(href('adapters')) },
      ];
    }, [of]),
  );
  return (
    <article class="adapter">
      <p class="trail">
        <a href={href('adapters')}>Adapters</a> ›
      </p>
      <header class="adapter-head">
        <h1>{system}</h1>
        <a href={href('systems', system)}>Its system</a>
      </header>
      <p class="about">
        {of.about} <span class="hint">{of.transports.length === 0 ? 'A router: it calls nobody.' : `Over ${of.transports.join(', ')}.`}</span>
      </p>
      {chosen === undefined ? null : (
        <section>
          <h2>Operations</h2>
          <nav class="choices" aria-label="Operations">
            {operations.map(({ name }) => (
              <button key={name} type="button" class="act" aria-pressed={name === chosen.name} onClick={() => choose(name)}>
                {name}
              </button>
            ))}
          </nav>
          <Operation key={`${chosen.name} ${from.value?.case ?? ''}`} system={system} of={chosen} data={from.value?.data ?? chosen.accepts.example} />
        </section>
      )}
      <Calls of={of.calls} />
      <Sources of={of.sources} />
      <Cases
        system={system}
        cases={of.cases}
        onTry={(operation, name) => {
          const found = of.cases?.find((each) => each.name === name);
          ask({ operation }, { replace: true });
          from.value = found?.event == null ? null : { case: name, data: found.event.data };
          document.querySelector('.choices')?.scrollIntoView();
        }}
      />
    </article>
  );
}

function Operation({ system, of, data }: { readonly system: string; readonly of: OperationView; readonly data: Json }): JSX.Element {
  return (
    <div class="operation">
      <div class="events">
        <EventCard word="takes" event={of.accepts} />
        {of.replies.map((reply) => (
          <EventCard key={reply.type} word="publishes" event={reply} />
        ))}
        <p class="hint">
          {of.key === null ? 'Events run side by side.' : `Events with the same ${of.key} run one after the other.`}{' '}
          {of.whenParked === 'hold' && of.key !== null ? 'One that is parked holds those behind it. ' : ''}
          {of.businessKey === null ? '' : `People search for ${of.businessKey}.`}
        </p>
      </div>
      <TryIt system={system} operation={of} data={data} />
    </div>
  );
}

const effects: Readonly<Record<CallView['effect'], string>> = {
  read: 'changes nothing',
  repeatable: 'may happen twice',
  once: 'must happen once',
};

function Calls({ of }: { readonly of: readonly CallView[] }): JSX.Element | null {
  if (of.length === 0) return null;
  return (
    <section>
      <h2>Calls</h2>
      <div class="scrolls calls">
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">Call</th>
              <th scope="col">Effect</th>
              <th scope="col">Over</th>
              <th scope="col">Longest time</th>
              <th scope="col">After an interruption</th>
            </tr>
          </thead>
          <tbody>
            {of.map(({ name, effect, transport, timeoutMs, probe }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  {effect} <span class="hint">{effects[effect]}</span>
                </td>
                <td>{transport}</td>
                <td>{timeoutMs === null ? <span class="hint">that of the system</span> : durationOf(timeoutMs)}</td>
                <td>
                  {effect !== 'once' ? (
                    'it is made again'
                  ) : probe ? (
                    'its probe tells'
                  ) : (
                    <span class="hint">its transport looks, or a person decides</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Sources({ of }: { readonly of: readonly SourceView[] }): JSX.Element | null {
  if (of.length === 0) return null;
  return (
    <section>
      <h2>Sources</h2>
      {of.map(({ name, transport, produces, businessKey, snapshot }) => (
        <div key={name}>
          <h3>
            {name}{' '}
            <span class="hint">
              over {transport}
              {snapshot ? ', compares whole extracts' : ''}
              {businessKey === null ? '' : `, searched by ${businessKey}`}
            </span>
          </h3>
          {produces.map((event) => (
            <EventCard key={event.type} word="brings in" event={event} />
          ))}
        </div>
      ))}
    </section>
  );
}

/** A button that needs no right beyond looking. */
export const Plain = ({ onAct, children }: { readonly onAct: () => void; readonly children: string }): JSX.Element => (
  <Act needs="viewer" onAct={onAct}>
    {children}
  </Act>
);
