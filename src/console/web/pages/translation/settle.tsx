import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type Page } from '../../../../contract/journal-reader.ts';
import { type Json } from '../../../../contract/json.ts';
import { type ChoicesView } from '../../../choices.view.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Act } from '../../kit/act.tsx';
import { get } from '../../kit/api.ts';
import { RevealAnswers, useCandidates } from '../../kit/candidates.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { type DecideProps, Decide } from './decide.tsx';
import { JsonEditor, jsonOf } from './json-editor.tsx';

interface SettleProps extends DecideProps {
  readonly choices: ChoicesView;
  readonly how: 'happened' | 'did not' | 'probe';
}

const texts = {
  happened: { title: 'It happened', verb: 'It happened' },
  'did not': { title: 'It did not happen', verb: 'Call again' },
  probe: { title: 'Run the probe', verb: 'Run the probe' },
} as const;

/** Settles a call in doubt. */
export function Settle(props: SettleProps): JSX.Element {
  const { how, story } = props;
  // As they were when the dialog was opened: what happens meanwhile is said, and does not change what is being decided.
  const choices = useRef(props.choices).current;
  const calls = how === 'probe' ? choices.inDoubt.filter(({ probe }) => probe) : choices.inDoubt;
  const seq = useSignal(calls[0]?.seq ?? 0);
  const answer = useSignal('');
  const call = calls.find((each) => each.seq === seq.value);
  const { system } = story.translation;
  return (
    <Decide
      {...props}
      {...texts[how]}
      grave={how === 'did not'}
      act={() => (how === 'happened' ? { kind: 'happened', callSeq: seq.value, answer: jsonOf(answer.value) } : { kind: how, callSeq: seq.value })}
    >
      {calls.length < 2 ? null : (
        <label>
          Call
          <select value={seq.value} onChange={(event) => (seq.value = Number(event.currentTarget.value))}>
            {calls.map((each) => (
              <option key={each.seq} value={each.seq}>
                {each.name} ({each.seq})
              </option>
            ))}
          </select>
        </label>
      )}
      {how === 'happened' ? (
        <>
          <p>
            You have seen in {system} that {call?.name} was carried out. The answer below is used as if {system} had given it.
          </p>
          <JsonEditor label={`The answer of ${call?.name ?? ''}`} text={answer} rows={6} />
          <Offers story={story} call={call?.name ?? ''} onTake={(value) => (answer.value = JSON.stringify(value, null, 2))} />
        </>
      ) : how === 'did not' ? (
        <p>
          You have seen in {system} that {call?.name} was <strong>not</strong> carried out. It is called again: if you are wrong, it happens twice.
        </p>
      ) : (
        <p>
          {system} is asked what became of {call?.name}. Nothing is changed there.
        </p>
      )}
    </Decide>
  );
}

interface OffersProps {
  readonly story: StoryAnswer;
  readonly call: string;
  readonly onTake: (answer: Json) => void;
}

/** Answers that are at hand: replies that came for nobody, and what this call was answered an earlier time. */
function Offers({ story, call, onTake }: OffersProps): JSX.Element {
  const { system } = story.translation;
  const candidates = useCandidates(system);
  const example = useSignal<string | null>(null);
  const lookUp = async (): Promise<void> => {
    const found = await earlierAnswer(story, call);
    if (found === null) example.value = `No earlier answer of ${call} was found.`;
    else {
      example.value = 'This is the answer to another call: put in what you have seen.';
      onTake(found);
    }
  };
  return (
    <>
      <p>
        <button type="button" class="act act-plain" onClick={() => void lookUp().catch(() => (example.value = 'The gateway did not answer.'))}>
          Begin with an earlier answer
        </button>{' '}
        <span role="status" class="hint">
          {example.value ?? ''}
        </span>
      </p>
      {candidates.rows.length === 0 ? null : (
        <details>
          <summary>{candidates.rows.length} replies of this system that fitted no call</summary>
          <RevealAnswers of={candidates} />
          <ul class="offers">
            {candidates.rows.map((each) => (
              <li key={`${each.correlation} ${each.atMs}`}>
                <Time ms={each.atMs} /> <code>{shownText(each.correlation)}</code>{' '}
                <Act why={each.masked ? 'Reveal their answers first' : null} onAct={() => onTake(each.answer)}>
                  Use its answer
                </Act>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Newest first, and not many: it is an example. */
async function earlierAnswer({ translation }: StoryAnswer, call: string): Promise<Json | null> {
  const { system, operation } = translation;
  const words = new URLSearchParams({ system, operation, state: 'published', limit: '5' });
  const { rows } = await get<Page>(`/api/translations?${words}`);
  for (const { id } of rows) {
    const { calls } = await get<StoryAnswer>(`/api/translations/${id}?upTo=0`);
    const answered = calls.find((each) => each.name === call && each.state === 'answered' && each.probeOf === null);
    if (answered !== undefined) return answered.answer;
  }
  return null;
}
