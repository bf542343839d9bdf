import { type ComponentChildren, type JSX } from 'preact';
import { type Role, forbidden } from './caller.ts';

interface ActProps {
  readonly needs?: Role;
  /** Why it cannot be done now; shown on the disabled button. */
  readonly why?: string | null | undefined;
  readonly onAct: () => void;
  readonly kind?: 'plain' | 'main' | 'grave';
  readonly children: ComponentChildren;
}

/** A button that acts. One that may not be pressed is shown, disabled, with the reason. */
export function Act({ needs = 'operator', why, onAct, kind = 'plain', children }: ActProps): JSX.Element {
  const reason = forbidden(needs) ?? why ?? null;
  return (
    <button
      type="button"
      class={`act act-${kind}`}
      aria-disabled={reason !== null}
      title={reason ?? undefined}
      onClick={() => {
        if (reason === null) onAct();
      }}
    >
      {children}
      {reason === null ? null : <span class="unseen"> ({reason})</span>}
    </button>
  );
}
