import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { signIn, unknownToken } from './api.ts';

/** Asks for a token. */
export function Lock(): JSX.Element {
  const text = useSignal('');
  return (
    <main class="lock">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.value.trim() !== '') signIn(text.value.trim());
        }}
      >
        <h1>Gatehouse</h1>
        <label>
          Token
          <input
            type="password"
            name="token"
            autoFocus
            autoComplete="off"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        {unknownToken.value ? (
          <p class="failure" role="alert">
            The gateway does not know this token.
          </p>
        ) : null}
        <p class="hint">It is kept for this tab only. Whoever runs the gateway gives tokens out: see http.tokens in its configuration.</p>
        <button type="submit" class="act act-main">
          Come in
        </button>
      </form>
    </main>
  );
}
