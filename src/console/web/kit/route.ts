import { computed, signal } from '@preact/signals';

/** Where the pages are served. */
export const base = '/console/';

const here = signal(new URL(location.href));
addEventListener('popstate', () => {
  here.value = new URL(location.href);
});

/** The path below `base` in pieces: `['translations', '3fa…']`. */
export const path = computed(() => here.value.pathname.slice(base.length).split('/').filter(Boolean).map(decoded));

/** An address that somebody typed may be no good escape: it is taken as it stands. */
function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

/** The search of a page is in its address: it can be sent to somebody, and the back button undoes it. */
export const query = computed(() => here.value.searchParams);

/** The address of a page: `href('translations', id)`. */
export const href = (...pieces: readonly string[]): string => base + pieces.map(encodeURIComponent).join('/');

const within = 'within';

/** Goes to an address of the console; `replace` leaves no step to go back to. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(history.state, '', to);
  else history.pushState(within, '', to);
  here.value = new URL(location.href);
}

/** Back to where one came from within the console, as it was; to `otherwise` when one came from elsewhere. */
export function back(otherwise: string): void {
  if (history.state === within) history.back();
  else go(otherwise);
}

/** Changes the query of the page; an empty value takes a name out. */
export function ask(changes: Readonly<Record<string, string | null>>, options: { replace?: boolean } = {}): void {
  const next = new URL(here.peek());
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  go(next.pathname + next.search, options);
}

/** Links within the console change the page without loading it anew. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.origin !== location.origin || !link.pathname.startsWith(base) || link.hasAttribute('download') || link.target !== '')
    return;
  event.preventDefault();
  go(link.pathname + link.search);
}
