import { type JSX } from 'preact';
import { type Tally } from '../../../contract/journal.ts';
import { useEvery } from './use-every.ts';
import { useLoaded } from './use-loaded.ts';

const lookMs = 5_000;

/** How many translations need a person, wherever one is; nothing while there are none. */
export function ParkedCount(): JSX.Element | null {
  const { value } = useLoaded<readonly Tally[]>('/api/tallies', useEvery(lookMs));
  const count = (value ?? []).filter(({ state }) => state === 'parked').reduce((sum, tally) => sum + tally.count, 0);
  return count === 0 ? null : (
    <span class="parked-count" title={`${count} parked`} aria-hidden="true">
      {count > 999 ? '999+' : count}
    </span>
  );
}
