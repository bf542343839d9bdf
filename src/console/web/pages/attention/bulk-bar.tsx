import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type GroupValues } from '../../../../contract/groups.ts';
import { Act } from '../../kit/act.tsx';
import { type BulkKind, actWords, bulkKinds } from './acts.ts';
import { BulkDecision } from './bulk-decision.tsx';

interface BulkBarProps {
  readonly by: GroupValues;
  readonly count: number | null;
  readonly inDoubt: number;
  readonly chosen: ReadonlySet<string>;
  readonly onStarted: () => void;
}

/** What can be done to the chosen, or to all of the group where none is chosen. */
export function BulkBar({ by, count, inDoubt, chosen, onStarted }: BulkBarProps): JSX.Element {
  const asked = useSignal<BulkKind | null>(null);
  const whom = chosen.size > 0 ? `the ${chosen.size} chosen` : `all ${count === null ? '' : count.toLocaleString('en')}`;
  return (
    <div class="bulk-bar" role="group" aria-label={`Do to ${whom}`}>
      <span>
        <strong>{chosen.size > 0 ? `${chosen.size} chosen` : `All ${count === null ? '…' : count.toLocaleString('en')}`}</strong>
      </span>
      {bulkKinds
        .filter((kind) => inDoubt > 0 || !actWords[kind].ofDoubt)
        .map((kind) => (
          <Act
            key={kind}
            kind={kind === 'retry' ? 'main' : 'plain'}
            why={count === 0 ? 'There is nothing left in this group' : null}
            onAct={() => (asked.value = kind)}
          >
            {actWords[kind].verb}
          </Act>
        ))}
      {asked.value === null ? null : (
        <BulkDecision kind={asked.value} by={by} chosen={[...chosen]} onStarted={onStarted} onClose={() => (asked.value = null)} />
      )}
    </div>
  );
}
