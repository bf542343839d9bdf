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

interface DoubtDeskProps {
  readonly id: string;
  readonly changes: Signal<number>;
  readonly onSettled: () => void;
}

/** One translation in doubt: what is known, and the three things that a person can say. */
export function DoubtDesk({ id, changes, onSettled }: DoubtDeskProps): JSX.Element {
  const address = `/api/translations/${encodeURIComponent(id)}`;
  const again = useSignal(0);
  const told = useComputed(() => changes.value + again.value);
  const { value: story, failure, slow } = useLoaded<ToldStory>(address, told);
  const doubts = useLoaded<DoubtsView>(`${address}/doubts`, told);
  const chosen = useSignal<number | null>(null);
  const asked = useSignal<Answer | null>(null);
  const doubt = doubts.value?.calls.find(({ seq }) => seq === chosen.value) ?? doubts.value?.calls[0];
  const reasons = doubt === undefined ? null : reasonsOf(doubt);
  const press = useRef((_answer: Answer): void => undefined);
  press.current = (answer) => {
    if (reasons !== null && reasons[answer] === null && forbidden('operator') === null) asked.value = answer;
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
      await post(`${address}/actions`, { act, why, version: translation.version, key }, key);
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
        <Settled story={story} onNext={onSettled} />
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
            <Act kind="main" why={reasons.happened} onAct={() => (asked.value = 'happened')}>
              It happened… <kbd aria-hidden="true">y</kbd>
            </Act>
            <Act kind="grave" why={reasons['did not']} onAct={() => (asked.value = 'did not')}>
              It did not: call again <kbd aria-hidden="true">n</kbd>
            </Act>
            <Act why={reasons.probe} onAct={() => (asked.value = 'probe')}>
              Run the probe <kbd aria-hidden="true">p</kbd>
            </Act>
            {reasons.probe === null ? null : <span class="hint">{reasons.probe}</span>}
          </p>
          {story.calls
            .filter(({ seq }) => seq === doubt.seq)
            .map((call) => (
              <Evidence key={call.seq} call={call} probes={story.calls.filter(({ probeOf }) => probeOf === call.seq)} nowMs={Date.now()} />
            ))}
        </>
      )}
      {doubt === undefined || asked.value === null ? null : asked.value === 'happened' ? (
        <Happened
          system={translation.system}
          doubt={doubt}
          correlation={story.calls.find(({ seq }) => seq === doubt.seq)?.correlation ?? null}
          settle={(answer, why, key) => settle({ kind: 'happened', answer, callSeq: doubt.seq }, why, key)}
          onClose={() => (asked.value = null)}
        />
      ) : (
        <Decision
          title={
            asked.value === 'probe' ? `Look in ${translation.system} for ${doubt.name}` : `${doubt.name} did not happen in ${translation.system}`
          }
          verb={asked.value === 'probe' ? 'Run the probe' : 'Call again'}
          grave={asked.value === 'did not'}
          decide={settleWithout(asked.value, doubt.seq, settle)}
          onClose={() => (asked.value = null)}
        >
          <p class="hint">
            {asked.value === 'probe'
              ? 'The gateway asks the system. What it finds settles the call; if it cannot tell, this comes back.'
              : 'The call is made again. If it did happen after all, it happens twice.'}
          </p>
        </Decision>
      )}
    </article>
  );
}

const settleWithout =
  (kind: 'did not' | 'probe', callSeq: number, settle: (act: DeskAct, why: string, key: string) => Promise<void>) =>
  (why: string, key: string): Promise<void> =>
    settle({ kind, callSeq }, why, key);

/** Why each cannot be said; null where it can. */
const reasonsOf = ({ noAnswer, noProbe }: Doubt): Readonly<Record<Answer, string | null>> => ({
  happened: noAnswer,
  'did not': null,
  probe: noProbe,
});

/** Nothing of it is in doubt any more: who settled it, and how it stands. */
function Settled({ story: { translation, actions }, onNext }: { readonly story: ToldStory; readonly onNext: () => void }): JSX.Element {
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
      <Act needs="viewer" onAct={onNext}>
        The next one
      </Act>
    </div>
  );
}
