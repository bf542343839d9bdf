import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type RefusalsView } from '../../../attention.view.ts';
import { useLoaded } from '../../kit/use-loaded.ts';

export interface RefusalChoice {
  readonly reply: { readonly type: string; readonly data: unknown } | null;
  /** What is wrong with what was typed, in words. */
  readonly wrong: string | null;
}

interface RefusalProps {
  /** Null: not of one operation. */
  readonly of: { readonly system: string; readonly operation: string } | null;
  readonly onChoice: (choice: RefusalChoice) => void;
}

/** Whoever waits for an answer may be told: one of the operation's declared replies goes out when it is given up. */
export function Refusal({ of, onChoice }: RefusalProps): JSX.Element | null {
  const { value } = useLoaded<RefusalsView>(
    of === null ? null : `/api/operations/${encodeURIComponent(of.system)}/${encodeURIComponent(of.operation)}/refusals`,
  );
  const type = useSignal('');
  const text = useSignal('');
  if (of === null) return <p class="hint">They are of several operations: nothing is published. Group by operation to publish a refusal.</p>;
  if (value === null || value.refusals.length === 0) return null;
  const tell = (): void => {
    if (type.value === '') return onChoice({ reply: null, wrong: null });
    try {
      onChoice({ reply: { type: type.value, data: JSON.parse(text.value) as unknown }, wrong: null });
    } catch {
      onChoice({ reply: null, wrong: 'The data of the reply is no JSON.' });
    }
  };
  return (
    <>
      <label>
        Publish
        <select
          name="reply"
          value={type.value}
          onChange={(event) => {
            type.value = event.currentTarget.value;
            const draft = value.refusals.find((each) => each.type === type.value);
            text.value = draft === undefined ? '' : JSON.stringify(draft.data, null, 2);
            tell();
          }}
        >
          <option value="">nothing</option>
          {value.refusals.map((each) => (
            <option key={each.type}>{each.type}</option>
          ))}
        </select>
      </label>
      {type.value === '' ? null : (
        <label>
          {'Its data; {{event.name}}, {{businessKey}}, {{code}} and {{reason}} (what you say below) stand for what each translation has'}
          <textarea
            name="data"
            class="mono"
            rows={6}
            spellcheck={false}
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              tell();
            }}
          />
        </label>
      )}
    </>
  );
}
