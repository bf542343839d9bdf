import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type BulkSelectionView, type BulkView } from '../../../bulk.view.ts';
import { type BulkAct } from '../../../../contract/bulk.ts';
import { type GroupValues } from '../../../../contract/groups.ts';
import { type Json } from '../../../../contract/json.ts';
import { post, wordsOf } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { go, href } from '../../kit/route.ts';
import { type BulkKind, actWords } from './acts.ts';
import { Refusal, type RefusalChoice } from './refusal.tsx';

interface BulkDecisionProps {
  readonly kind: BulkKind;
  readonly by: GroupValues;
  /** Ids; all of the group when empty. */
  readonly chosen: readonly string[];
  readonly onStarted: () => void;
  readonly onClose: () => void;
}

/** Says how many it is before anybody agrees, and starts it. */
export function BulkDecision({ kind, by, chosen, onStarted, onClose }: BulkDecisionProps): JSX.Element {
  const selection = useRef(chosen.length > 0 ? { ids: chosen } : { group: by });
  const look = useSignal<BulkSelectionView | null>(null);
  const failure = useSignal<string | null>(null);
  const perSecond = useSignal('50');
  const refusal = useSignal<RefusalChoice>({ reply: null, wrong: null });
  useEffect(() => {
    let closed = false;
    post<BulkSelectionView>('/api/bulks/selection', selection.current).then(
      (found) => (look.value = found),
      (error: unknown) => {
        if (!closed) failure.value = wordsOf(error);
      },
    );
    return () => void (closed = true);
  }, []);
  const { does, verb, means, grave } = actWords[kind];
  const count = look.value?.count ?? null;
  const what = count === null ? '…' : `${count.toLocaleString('en')} ${count === 1 ? 'translation' : 'translations'}`;
  const start = async (why: string, key: string): Promise<void> => {
    if (count === null) throw new Error(failure.value ?? 'They are still being counted.');
    const rate = Number(perSecond.value);
    if (perSecond.value.trim() === '' || Number.isNaN(rate)) throw new Error('Say how many a second; 0 is no limit.');
    if (refusal.value.wrong !== null) throw new Error(refusal.value.wrong);
    const act: BulkAct =
      kind === 'discard' && refusal.value.reply !== null ? { kind, reply: refusal.value.reply as { type: string; data: Json } } : { kind };
    const { seq } = await post<BulkView>('/api/bulks', { act, why, rate, expected: count, key, ...selection.current }, key);
    onStarted();
    go(href('attention', 'bulks', String(seq)));
  };
  return (
    <Decision
      title={`${does} ${what}`}
      verb={count === null ? verb : `${verb} ${count.toLocaleString('en')}`}
      grave={grave}
      decide={start}
      onClose={onClose}
    >
      <p class="hint">{means} The selection is frozen when it starts; what changes meanwhile is skipped and said.</p>
      {failure.value === null ? null : (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      {look.value === null || look.value.groups.length < 2 ? null : (
        <ul class="hint">
          {look.value.groups.slice(0, 8).map(({ system, operation, count: each }) => (
            <li key={`${system} ${operation}`}>
              {each.toLocaleString('en')} of {system} {operation}
            </li>
          ))}
          {look.value.groups.length > 8 ? <li>and {look.value.groups.length - 8} other operations</li> : null}
        </ul>
      )}
      {kind === 'discard' ? <Refusal of={operationIn(look.value)} onChoice={(choice) => (refusal.value = choice)} /> : null}
      <label>
        At most so many a second (0: no limit; it can be changed while it runs)
        <input name="rate" inputMode="decimal" value={perSecond.value} onInput={(event) => (perSecond.value = event.currentTarget.value)} />
      </label>
    </Decision>
  );
}

/** Replies are declared by an operation: only one has them in common. */
function operationIn(look: BulkSelectionView | null): { readonly system: string; readonly operation: string } | null {
  const [first, second] = look?.groups ?? [];
  return first === undefined || second !== undefined ? null : first;
}
