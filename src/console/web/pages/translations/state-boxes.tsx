import { type Signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type Count } from '../../../../contract/journal-reader.ts';
import { type CountsView } from '../../../search.view.ts';
import { query } from '../../kit/route.ts';
import { type ShownState, State } from '../../kit/state.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { search } from './search-bar.tsx';
import { apiQuery, searchOf } from './search.ts';

const states = ['received', 'running', 'waiting', 'parked', 'in doubt', 'answered', 'published', 'discarded'] as const;
const countAgainMs = 2_000;

const countWords = ({ count, more }: Count): string => `${count.toLocaleString('en')}${more ? '+' : ''}`;

/** Which states are shown, and how many there are of each in what is searched. */
export function StateBoxes({ changes }: { readonly changes: Signal<number> }): JSX.Element {
  const { value: counts } = useLoaded<CountsView>(`/api/translations/counts?${countQuery()}`, useSeldom(changes));
  const chosen = (query.value.get('state') ?? '').split(',').filter(Boolean);
  const doubtful = query.value.get('inDoubt') === '1';
  const press = (state: ShownState): void => {
    if (state === 'in doubt') search({ inDoubt: doubtful ? '' : '1' });
    else search({ state: (chosen.includes(state) ? chosen.filter((each) => each !== state) : [...chosen, state]).join(',') });
  };
  return (
    <div class="boxes" role="group" aria-label="States">
      {states.map((state) => {
        const count = state === 'in doubt' ? counts?.inDoubt : counts?.[state];
        return (
          <button
            key={state}
            type="button"
            class={`box${count?.count === 0 ? ' box-none' : ''}`}
            aria-pressed={state === 'in doubt' ? doubtful : chosen.includes(state)}
            onClick={() => press(state)}
          >
            <State of={state} /> <span class="box-count">{count === undefined ? '' : countWords(count)}</span>
          </button>
        );
      })}
    </div>
  );
}

/** The search without its states: it changes only when somebody searches for something else, and not with the time. */
function countQuery(): string {
  const all = new URLSearchParams(searchOf(query.value));
  all.delete('state');
  all.delete('inDoubt');
  return apiQuery(all, Math.floor(Date.now() / 60_000) * 60_000).toString();
}

/** Follows a number, but no more often than counting is worth. */
function useSeldom(often: Signal<number>): Signal<number> {
  const seldom = useSignal(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = often.subscribe((value) => {
      if (value !== seldom.peek()) timer ??= setTimeout(() => ((timer = undefined), (seldom.value = often.peek())), countAgainMs);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [often]);
  return seldom;
}
