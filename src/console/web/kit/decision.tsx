import { useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { wordsOf } from './api.ts';

/** The key is that of the dialog: a gateway that had done it says what it came to, and one that had not does it. */
const unknownOutcome = 'The gateway did not answer, so whether it was done is not known. Press again when it is back: it is done once.';

interface DecisionProps {
  /** What will be done, as a sentence. */
  readonly title: string;
  /** The word on the button that does it. */
  readonly verb: string;
  readonly grave?: boolean;
  readonly children?: ComponentChildren;
  /** Does it; what it throws is shown and the decision stays open. `key` is the same for each press of this dialog. */
  readonly decide: (why: string, key: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks why, and does it: every decision is recorded with its reason. */
export function Decision({ title, verb, grave = false, children, decide, onClose }: DecisionProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const why = useSignal('');
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const key = useRef(crypto.randomUUID());
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    if (why.value.trim() === '') {
      failure.value = 'Say why: the reason is recorded with the decision.';
      return;
    }
    busy.value = true;
    failure.value = null;
    try {
      await decide(why.value.trim(), key.current);
      onClose();
    } catch (error) {
      failure.value = error instanceof TypeError ? unknownOutcome : wordsOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <dialog ref={dialog} class="decision" aria-label={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        {children}
        <label>
          Why
          <input
            name="why"
            autoFocus
            autoComplete="off"
            maxLength={2_000}
            value={why.value}
            onInput={(event) => (why.value = event.currentTarget.value)}
          />
        </label>
        {failure.value === null ? null : (
          <p class="failure" role="alert">
            {failure.value}
          </p>
        )}
        <p class="buttons">
          <button type="button" class="act act-plain" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class={`act act-${grave ? 'grave' : 'main'}`} aria-disabled={busy.value}>
            {busy.value ? 'At work…' : verb}
          </button>
        </p>
      </form>
    </dialog>
  );
}
