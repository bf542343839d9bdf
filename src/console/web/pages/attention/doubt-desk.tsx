import { type Signal, useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type DoubtsView } from '../../../attention.view.ts';
import { type DeskAct } from '../../../../contract/control.ts';
import { type Doubt } from '../../../../contract/doubt.ts';
import { Act } from '../../kit/act.tsx';
import { Refused, post } from '../../kit/api.ts';
import { forbidden } from '../../kit/caller.ts';
import { Copy } from '../../kit/copy.tsx';
import { Decision } from '../../kit/decision.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, outcomeOf, shownState } from '../../kit/state.tsx';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { Evidence } from './evidence.tsx';
import { Happened } from './happened.tsx';
import { type ToldStory } from './told-story.ts';

type Answer = 'happened' | 'did not' | 'probe';

/** What somebody is about to say, and of what they saw: if that changes meanwhile, the gateway refuses it. */
interface Asked {
  readonly answer: Answer;
  readonly doubt: Doubt;
  readonly version: number;
}

interface DoubtDeskProps {
  readonly id: string;
  readonly changes: Signal<number>;
  readonly onSettled: () => void;
  /** Others are still in doubt. */
  readonly more: boolean;
}

/** One translation in doubt: what is known, and the three things that a person can say. */
export function DoubtDesk({ id, changes, onSettled, more }: DoubtDeskProps): JSX.Element {
  const address = `/api/translations/${encodeURIComponent(id)}`;
  const again = useSignal(0);
  const told = useComputed(() => changes.value + again.value);
  const { value: story, failure, slow } = useLoaded<ToldStory>(address, told);
  const doubts = useLoaded<DoubtsView>(`${address}/doubts`, told);
  const chosen = useSignal<number | null>(null);
  const asked = useSignal<Asked | null>(null);
  const doubt = doubts.value?.calls.find(({ seq }) => seq === chosen.value) ?? doubts.value?.calls[0];
  const reasons = doubt === undefined ? null : reasonsOf(doubt);
  const press = useRef((_answer: Answer): void => undefined);
  press.current = (answer) => {
    if (doubt !== undefined && story !== null && reasons?.[answer] === null && forbidden('operator') === null)
      asked.value = { answer, doubt, version: story.translation.version };
  };
  useShortcuts(
    useMemo(
      () => [
        { key: 'y', does: 'it happened', run: () => press.current('happened') },
        { key: 'n', does: 'it did not happen', run: () => press.current('did not') },
        { key: 'p', does: 'run the probe', run: () => press.current('probe') },
      ],
      [],
    ),
  );
  const wrong = failure ?? doubts.failure;
  if (story === null || doubts.value === null) return <p class={wrong === null ? 'hint' : 'failure'}>{wrong ?? (slow ? 'Loading…' : '')}</p>;
  const { translation } = story;
  const settle = async (act: DeskAct, why: string, key: string): Promise<void> => {
    try {
      await post(`${address}/actions`, { act, why, version: asked.value?.version, key }, key);
    } catch (error) {
      // Somebody else was first: what they did is shown.
      if (error instanceof Refused && error.status === 409) again.value += 1;
      throw error;
    }
    again.value += 1;
    onSettled();
  };
  return (
    <article class="doubt" aria-labelledby="doubt">
      <h3 id="doubt">
        <State of={shownState(translation)} /> {translation.system} {translation.operation}{' '}
        {translation.businessKey === null ? null : <span class="mono">{shownText(translation.businessKey.slice(0, 200))}</span>}
      </h3>
      <p>
        <a class="mono" href={href('translations', id)}>
          {id.slice(0, 8)}
        </a>
        <Copy text={id} what="id" /> <span class="hint">{shownText(translation.type)}, received</span> <Time ms={translation.receivedMs} />
      </p>
      {doubt === undefined || reasons === null ? (
        <Settled story={story} onNext={more ? onSettled : null} />
      ) : (
        <>
          <p class="doubt-outcome">{shownText(outcomeOf(translation).slice(0, 2_000))}</p>
          {doubts.value.calls.length > 1 ? (
            <p class="row" role="group" aria-label="Calls in doubt">
              {doubts.value.calls.map(({ seq, name }) => (
                <button key={seq} type="button" class="act act-plain" aria-pressed={seq === doubt.seq} onClick={() => (chosen.value = seq)}>
                  {name} ({seq})
                </button>
              ))}
            </p>
          ) : null}
          <p class="question">
            Did <strong class="mono">{doubt.name}</strong> happen in {translation.system}?
          </p>
          <p class="row answers">
            <Act kind="main" why={reasons.happened} onAct={() => press.current('happened')}>
              It happened… <kbd aria-hidden="true">y</kbd>
            </Act>
            <Act kind="grave" why={reasons['did not']} onAct={() => press.current('did not')}>
              It did not: call again <kbd aria-hidden="true">n</kbd>
            </Act>
            <Act why={reasons.probe} onAct={() => press.current('probe')}>
              Run the probe <kbd aria-hidden="true">p</kbd>
            </Act>
            {reasons.probe === null ? null : <span class="hint">{reasons.probe}</span>}
          </p>
          {story.calls
            .filter(({ seq }) => seq === doubt.seq)
            .map((call) => (
              <Evidence
                key={call.seq}
                translationId={id}
                call={call}
                probes={story.calls.filter(({ probeOf }) => probeOf === call.seq)}
                nowMs={Date.now()}
              />
            ))}
        </>
      )}
      {asked.value === null ? null : (
        <Saying
          system={translation.system}
          asked={asked.value}
          correlation={story.calls.find(({ seq }) => seq === asked.value?.doubt.seq)?.correlation ?? null}
          settledBy={doubt === undefined ? (story.actions.at(-1)?.who ?? 'the gateway') : null}
          settle={settle}
          onClose={() => (asked.value = null)}
        />
      )}
    </article>
  );
}

interface SayingProps {
  readonly system: string;
  readonly asked: Asked;
  readonly correlation: string | null;
  /** Somebody was quicker. */
  readonly settledBy: string | null;
  readonly settle: (act: DeskAct, why: string, key: string) => Promise<void>;
  readonly onClose: () => void;
}

/** One of the three answers, with its reason. */
function Saying({ system, asked: { answer, doubt }, correlation, settledBy, settle, onClose }: SayingProps): JSX.Element {
  const { seq: callSeq, name } = doubt;
  const told =
    settledBy === null ? null : (
      <p class="failure" role="alert">
        {shownText(settledBy)} has settled it meanwhile. Close this to see how.
      </p>
    );
  if (answer === 'happened')
    return (
      <Happened
        system={system}
        doubt={doubt}
        correlation={correlation}
        settle={(told, why, key) => settle({ kind: 'happened', answer: told, callSeq }, why, key)}
        onClose={onClose}
      >
        {told}
      </Happened>
    );
  return (
    <Decision
      title={answer === 'probe' ? `Run the probe of ${name} in ${system}` : `${name} did not happen in ${system}`}
      verb={answer === 'probe' ? 'Run the probe' : 'Call again'}
      grave={answer === 'did not'}
      decide={(why, key) => settle({ kind: answer, callSeq }, why, key)}
      onClose={onClose}
    >
      <p class="hint">
        {answer === 'probe'
          ? 'The gateway looks in the system. What it finds settles the call; if it cannot tell, this comes back.'
          : 'The call is made again. If it did happen after all, it happens twice.'}
      </p>
      {told}
    </Decision>
  );
}

/** Why each cannot be said; null where it can. */
const reasonsOf = ({ noAnswer, noProbe }: Doubt): Readonly<Record<Answer, string | null>> => ({
  happened: noAnswer,
  'did not': null,
  probe: noProbe,
});

/** Nothing of it is in doubt any more: who settled it, and how it stands. */
function Settled({ story: { translation, actions }, onNext }: { readonly story: ToldStory; readonly onNext: (() => void) | null }): JSX.Element {
  const last = actions.at(-1);
  return (
    <div role="status">
      {last === undefined ? (
        <p>It is not in doubt any more.</p>
      ) : (
        <p>
          Settled by <strong>{shownText(last.who)}</strong> <Time ms={last.atMs} />: <strong>{last.kind}</strong>, because: {shownText(last.why)}
        </p>
      )}
      <p class="hint">{shownText(outcomeOf(translation).slice(0, 500))}</p>
      {onNext === null ? (
        <p>
          Nothing is left in doubt. <a href={href('attention')}>See what else is parked</a>
        </p>
      ) : (
        <Act needs="viewer" onAct={onNext}>
          The next one
        </Act>
      )}
    </div>
  );
}
