import { useSignal } from '@preact/signals';
import { type ComponentChildren, type JSX } from 'preact';
import { type Doubt } from '../../../../contract/doubt.ts';
import { type Json } from '../../../../contract/json.ts';
import { Act } from '../../kit/act.tsx';
import { RevealAnswers, useCandidates } from '../../kit/candidates.tsx';
import { Decision } from '../../kit/decision.tsx';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';

interface HappenedProps {
  readonly system: string;
  readonly doubt: Doubt;
  /** What a reply to the call would name. */
  readonly correlation: string | null;
  readonly settle: (answer: Json, why: string, key: string) => Promise<void>;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
}

const shownCandidates = 5;

/** It happened: the answer to go on with, in the shape that the call has. */
export function Happened({ system, doubt, correlation, settle, onClose, children }: HappenedProps): JSX.Element {
  const text = useSignal(JSON.stringify(doubt.skeleton, null, 2));
  const candidates = useCandidates(system);
  const decide = async (why: string, key: string): Promise<void> => {
    let answer: Json;
    try {
      answer = JSON.parse(text.value) as Json;
    } catch (error) {
      throw new Error(`The answer is no JSON: ${error instanceof Error ? error.message : ''}`, { cause: error });
    }
    await settle(answer, why, key);
  };
  const near = candidates.rows
    .toSorted((a, b) => Number(b.correlation === correlation) - Number(a.correlation === correlation))
    .slice(0, shownCandidates);
  return (
    <Decision title={`${doubt.name} happened in ${system}`} verb="It happened" decide={decide} onClose={onClose}>
      <p class="hint">
        The translation goes on with this answer, as if the system had given it.{' '}
        {doubt.skeletonOf === null ? (
          'No call of this name has been answered yet: there is no shape to begin with.'
        ) : (
          <>
            Its shape is that of <a href={href('translations', doubt.skeletonOf)}>{doubt.skeletonOf.slice(0, 8)}</a>, without the values.
          </>
        )}
      </p>
      {doubt.wants.length === 0 ? null : (
        <p class="hint">
          An answer of {doubt.name}: {shownText(doubt.wants.join('; '))}.
        </p>
      )}
      <label>
        The answer of {doubt.name}, as JSON
        <textarea
          name="answer"
          class="mono"
          autoFocus
          rows={Math.min(14, Math.max(4, text.value.split('\n').length + 1))}
          spellcheck={false}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      {near.length === 0 ? null : (
        <>
          <h3>Replies of {system} that nobody awaited</h3>
          <RevealAnswers of={candidates} />
          <ul class="candidates">
            {near.map(({ correlation: of, atMs, answer, masked }) => (
              <li key={`${of} ${atMs}`}>
                <Act why={masked ? 'Reveal their answers first' : null} onAct={() => (text.value = JSON.stringify(answer, null, 2))}>
                  Use
                </Act>{' '}
                <span class="mono">{shownText(of.slice(0, 100))}</span>
                {of === correlation ? <strong> (this call awaits it)</strong> : null} <Time ms={atMs} />{' '}
                <span class="mono hint">{masked ? 'its answer is masked' : shownText(JSON.stringify(answer).slice(0, 200))}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {children}
    </Decision>
  );
}
