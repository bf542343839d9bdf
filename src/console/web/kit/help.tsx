import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shortcuts } from './keys.ts';

/** The keys that work on this page. */
export function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="decision" aria-label="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl class="keys">
        {shortcuts().map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="buttons">
        <button type="button" class="act act-plain" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </p>
    </dialog>
  );
}
