import { useEffect } from 'preact/hooks';
import { shownText } from './shown-text.ts';

const longest = 80;

/** What the tab, the history and bookmarks call the page; null leaves it to somebody inside. */
export function useTitle(words: string | null): void {
  useEffect(() => {
    if (words !== null) document.title = `${shownText(words.slice(0, longest))} · Gatehouse`;
  }, [words]);
}
