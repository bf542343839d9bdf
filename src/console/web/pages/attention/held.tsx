import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type SystemStatus } from '../../../../contract/control.ts';
import { type GroupValues } from '../../../../contract/groups.ts';
import { Act } from '../../kit/act.tsx';
import { post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useEvery } from '../../kit/use-every.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { type Hold, holdsIn } from './holds.ts';

const lookMs = 5_000;

/** What takes no calls until a person says so: of all systems, or of those that a group is of. Nothing where nothing is held. */
export function Held({ of }: { readonly of: GroupValues | null }): JSX.Element | null {
  const every = useEvery(lookMs);
  const resumed = useSignal(0);
  const again = useComputed(() => every.value + resumed.value);
  const { value } = useLoaded<readonly SystemStatus[]>('/api/systems', again);
  const asked = useSignal<Hold | null>(null);
  const holds = holdsIn(value ?? [], of);
  if (holds.length === 0) return null;
  return (
    <section class="held" aria-label="Held">
      <ul>
        {holds.map((hold) => (
          <li key={`${hold.system} ${hold.operation}`}>
            <p>
              <strong class="state-parked">
                <span aria-hidden="true">▮</span> held
              </strong>{' '}
              <a href={href('systems', hold.system)}>{nameOf(hold)}</a> <span class="hint">since</span>{' '}
              {hold.sinceMs === null ? 'its start' : <Time ms={hold.sinceMs} />}: {shownText(hold.why.slice(0, 500))}
            </p>
            <p class="row">
              <Act onAct={() => (asked.value = hold)}>Resume {nameOf(hold)}…</Act>
              {of === null && hold.isOperation ? <a href={parkedHref(hold)}>See what of it is parked</a> : null}
            </p>
          </li>
        ))}
      </ul>
      {asked.value === null ? null : <Resume hold={asked.value} onResumed={() => (resumed.value += 1)} onClose={() => (asked.value = null)} />}
    </section>
  );
}

const nameOf = ({ system, operation }: Hold): string => (operation === '' ? system : `${system} ${operation}`);

const parkedHref = ({ system, operation }: Hold): string =>
  `${href('attention')}?${new URLSearchParams({ group: JSON.stringify({ system, operation }) }).toString()}`;

interface ResumeProps {
  readonly hold: Hold;
  readonly onResumed: () => void;
  readonly onClose: () => void;
}

function Resume({ hold, onResumed, onClose }: ResumeProps): JSX.Element {
  const { system, operation, byItself } = hold;
  return (
    <Decision
      title={`Resume ${nameOf(hold)}`}
      verb="Resume"
      decide={async (why, key) => {
        await post(`/api/systems/${encodeURIComponent(system)}/resume`, { operation, why, seen: hold.sinceMs }, key);
        onResumed();
      }}
      onClose={onClose}
    >
      <p class="hint">
        Calls leave again, and what has waited goes on. What is parked stays parked: retry it from its group.
        {byItself ? ' If it was not mended, twenty more are parked and it is held again.' : ''}
      </p>
    </Decision>
  );
}
