import { type ComponentChildren, type JSX } from 'preact';
import { shownText } from './shown-text.ts';

/** Where there is nothing: says so, and what to do next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p>
        <strong>{shownText(title)}</strong>
      </p>
      {children}
    </div>
  );
}
