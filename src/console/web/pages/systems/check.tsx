import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { post, wordsOf } from '../../kit/api.ts';
import { forbidden } from '../../kit/caller.ts';
import { shownText } from '../../kit/shown-text.ts';

interface CheckLine {
  readonly system: string;
  readonly transport: string;
  readonly ok: boolean;
  readonly message: string;
}

/** Asks every link of a system something harmless, and says what it answers. */
export function CheckLines({ system }: { readonly system: string }): JSX.Element {
  const lines = useSignal<readonly CheckLine[] | null>(null);
  const failure = useSignal<string | null>(forbidden('operator'));
  useEffect(() => {
    if (failure.value !== null) return;
    post<readonly CheckLine[]>('/api/systems/check', { system }).then(
      (found) => (lines.value = found),
      (error: unknown) => (failure.value = wordsOf(error)),
    );
  }, []);
  return (
    <section class="check" role="status" aria-label="Connection check">
      <h2>Connection check</h2>
      {failure.value === null ? null : <p class="failure">{failure.value}</p>}
      {lines.value === null ? (
        failure.value === null ? (
          <p class="hint">It is asked…</p>
        ) : null
      ) : lines.value.length === 0 ? (
        <p class="hint">There is nothing to connect to: it is a router.</p>
      ) : (
        <ul class="plain">
          {lines.value.map(({ transport, ok, message }) => (
            <li key={transport} class={ok ? 'check-ok' : 'check-not'}>
              <span aria-hidden="true">{ok ? '✓' : '✗'}</span> <strong>{transport}</strong> {ok ? '' : 'fails: '}
              {shownText(message)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
