import { type Signal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { type Json } from '../../../../contract/json.ts';

/** Why a text cannot be sent as JSON, in words; null when it can. */
function wrongWith(text: string): string | null {
  try {
    const large: string[] = [];
    JSON.parse(text, (_name, value: unknown) => {
      if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) large.push(String(value));
      return value;
    });
    return large.length === 0 ? null : `A whole number beyond 9007199254740991 would lose digits: write it as text, or send the event anew.`;
  } catch (error) {
    return text.trim() === '' ? 'JSON is needed.' : `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** @throws Error in words for a person */
export function jsonOf(text: string): Json {
  const wrong = wrongWith(text);
  if (wrong !== null) throw new Error(wrong);
  return JSON.parse(text) as Json;
}

interface EditorProps {
  readonly label: string;
  readonly text: Signal<string>;
  readonly rows?: number;
  readonly children?: ComponentChildren;
}

/** JSON to be written by a person; what is wrong with it is said while they write. */
export function JsonEditor({ label, text, rows = 10, children }: EditorProps): JSX.Element {
  const wrong = wrongWith(text.value);
  // What nobody has written yet is not wrong.
  const empty = text.value.trim() === '';
  return (
    <>
      <label>
        {label}
        <textarea
          class="mono"
          rows={rows}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={wrong !== null && !empty}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      {children}
      <p class={wrong === null || empty ? 'hint' : 'failure'} role="status">
        {wrong ?? 'This is JSON; the gateway checks it against the contract.'}
      </p>
    </>
  );
}
