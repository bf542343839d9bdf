import { useLayoutEffect } from 'preact/hooks';
import { signal } from '@preact/signals';

export interface Shortcut {
  /** As `KeyboardEvent.key` names it: `j`, `Enter`, `/`. */
  readonly key: string;
  readonly does: string;
  readonly run: (event: KeyboardEvent) => void;
}

const active = signal<readonly (readonly Shortcut[])[]>([]);

/** Every shortcut that works now: what the help shows. */
export const shortcuts = (): readonly Shortcut[] => active.value.flat();

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));

/** On a control, Enter and the space bar are its own. */
const pressing = (target: EventTarget | null, key: string): boolean =>
  (key === 'Enter' || key === ' ') && target instanceof Element && target.closest('button, a, summary') !== null;

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if ((typing(event.target) && event.key !== 'Escape') || pressing(event.target, event.key)) return;
  // An open dialog has the keyboard, its escape too.
  if (document.querySelector('dialog[open]') !== null) return;
  const found = shortcuts().findLast(({ key }) => key === event.key);
  if (found === undefined) return;
  event.preventDefault();
  found.run(event);
});

/** Shortcuts of what is on the page, from its first moment; the innermost wins. Not while somebody types. */
export function useShortcuts(of: readonly Shortcut[]): void {
  useLayoutEffect(() => {
    active.value = [...active.peek(), of];
    return () => {
      active.value = active.peek().filter((each) => each !== of);
    };
  }, [of]);
}
