import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type CandidateView } from '../../candidate.view.ts';
import { Act } from './act.tsx';
import { mayAct } from './caller.ts';
import { useLoaded } from './use-loaded.ts';

export interface Candidates {
  readonly rows: readonly CandidateView[];
  readonly failure: string | null;
  /** Some of their answers are masked, or were before they were revealed. */
  readonly guarded: boolean;
  readonly revealed: boolean;
  readonly onReveal: () => void;
}

/** Replies of a system that nobody awaited; their answers are masked until somebody asks to see them, which is recorded. */
export function useCandidates(system: string): Candidates {
  const revealed = useSignal(false);
  const { value, failure } = useLoaded<readonly CandidateView[]>(`/api/candidates/${encodeURIComponent(system)}${revealed.value ? '?reveal=1' : ''}`);
  const rows = value ?? [];
  const guarded = revealed.value || rows.some(({ masked }) => masked);
  return { rows, failure, guarded, revealed: revealed.value, onReveal: () => (revealed.value = true) };
}

/** Nothing where nothing is masked. */
export function RevealAnswers({ of: { guarded, revealed, onReveal } }: { readonly of: Candidates }): JSX.Element | null {
  if (!guarded) return null;
  return (
    <p>
      {revealed ? null : <Act onAct={onReveal}>Reveal their answers</Act>}{' '}
      <span class="hint">{revealed ? 'That you see them is recorded.' : mayAct.value ? 'It is recorded who looks.' : ''}</span>
    </p>
  );
}
