import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type ChoicesView, type ReplyField } from '../../../choices.view.ts';
import { type DecideProps, Decide } from './decide.tsx';
import { type Written, dataOf, prefilled } from './reply-form.ts';

/** Gives it up, silently or with one of the replies that the operation declares. */
export function Discard(props: DecideProps & { readonly choices: ChoicesView | null }): JSX.Element {
  const { story, choices } = props;
  const type = useSignal('');
  const written = useSignal<Written>({});
  const reply = choices?.replies.find((each) => each.type === type.value);
  return (
    <Decide
      {...props}
      title="Discard"
      verb="Discard"
      grave
      act={() => (reply === undefined ? { kind: 'discard' } : { kind: 'discard', reply: { type: reply.type, data: dataOf(reply, written.value) } })}
    >
      <p>It is given up for good. Nothing more is sent to {story.translation.system}, and what was sent is not undone.</p>
      <label>
        Whoever waits for the outcome
        <select
          value={type.value}
          onChange={(event) => {
            type.value = event.currentTarget.value;
            const chosen = choices?.replies.find((each) => each.type === type.value);
            written.value = chosen === undefined ? {} : prefilled(chosen, story.event.data.masked === true ? undefined : story.event.data.text);
          }}
        >
          <option value="">is told nothing</option>
          {choices?.replies.map((each) => (
            <option key={each.type} value={each.type}>
              is told {each.type}
            </option>
          ))}
        </select>
      </label>
      {reply?.fields.map((field) => (
        <Field
          key={`${reply.type} ${field.name}`}
          field={field}
          text={written.value[field.name] ?? ''}
          onText={(text) => (written.value = { ...written.value, [field.name]: text })}
        />
      ))}
    </Decide>
  );
}

interface FieldProps {
  readonly field: ReplyField;
  readonly text: string;
  readonly onText: (text: string) => void;
}

function Field({ field, text, onText }: FieldProps): JSX.Element {
  const options = field.kind === 'yes or no' ? ['true', 'false'] : field.oneOf.map(String);
  return (
    <label>
      {field.name}
      {field.required ? '' : ' (may be empty)'}
      {field.kind === 'json' ? (
        <textarea class="mono" rows={4} spellcheck={false} value={text} onInput={(event) => onText(event.currentTarget.value)} />
      ) : options.length > 0 ? (
        <select value={text} onChange={(event) => onText(event.currentTarget.value)}>
          {['', ...options].map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : (
        <input
          value={text}
          inputMode={field.kind === 'number' ? 'decimal' : 'text'}
          autocomplete="off"
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </label>
  );
}
