import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type EventView } from '../../../adapters.view.ts';
import { Copy } from '../../kit/copy.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { fieldsOf } from './schema.ts';

/** An event: its fields, an example, its schema. */
export function EventCard({ event, word }: { readonly event: EventView; readonly word: string }): JSX.Element {
  const { type, schema, example, exampleOf } = event;
  const shown = useSignal<'fields' | 'example' | 'schema'>('fields');
  const texts = { example: JSON.stringify(example, null, 2), schema: JSON.stringify(schema, null, 2) };
  const views = { fields: 'Fields', example: 'Example', schema: 'JSON Schema' } as const;
  return (
    <section class="event" aria-label={`${word} ${type}`}>
      <header>
        <span class="hint">{word}</span> <code>{type}</code>
        <Copy text={type} what="the type" />
        <span class="tabs">
          {Object.entries(views).map(([view, words]) => (
            <button
              key={view}
              type="button"
              class="act"
              aria-pressed={shown.value === view}
              onClick={() => (shown.value = view as keyof typeof views)}
            >
              {words}
            </button>
          ))}
        </span>
      </header>
      {shown.value === 'fields' ? (
        <Fields event={event} />
      ) : (
        <>
          {shown.value === 'schema' ? null : <p class="hint">{exampleOf === null ? 'Made from the schema.' : `As in the case ${exampleOf}.`}</p>}
          <div class="code">
            <Copy text={texts[shown.value]} what={views[shown.value]} />
            <pre tabIndex={0}>{shownText(texts[shown.value])}</pre>
          </div>
        </>
      )}
    </section>
  );
}

function Fields({ event: { schema } }: { readonly event: EventView }): JSX.Element {
  return (
    <div class="scrolls">
      <table class="grid fields-of-event">
        <tbody>
          {fieldsOf(schema).map(({ path, required, sensitive, words }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td class="short">{required ? 'must' : <span class="hint">may</span>}</td>
              <td>{shownText(words)}</td>
              <td class="short">{sensitive ? <span title="Masked for those who may not reveal it">sensitive</span> : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
