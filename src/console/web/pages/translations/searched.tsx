import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { searchedWords } from '../../../searched-words.ts';
import { type SearchedView } from '../../../search.view.ts';
import { query } from '../../kit/route.ts';
import { localTime } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';

const againMs = 5_000;

/** While a text is searched: whether it is looked for in bodies, and how far that is. */
export function Searched(): JSX.Element | null {
  const isText = (query.value.get('text') ?? '') !== '';
  const again = useSignal(0);
  const { value } = useLoaded<SearchedView>(isText ? '/api/translations/searched' : null, again);
  useEffect(() => {
    if (!isText) return undefined;
    const timer = setInterval(() => (again.value += 1), againMs);
    return () => clearInterval(timer);
  }, [isText]);
  return isText && value !== null ? <p class="hint searched">{searchedWords(value, Date.now(), localTime)}</p> : null;
}
