import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { Copy } from '../../kit/copy.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Time, durationOf } from '../../kit/time.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { NativeExchange } from '../../views/native-exchange.tsx';
import { JsonTree } from './json-tree.tsx';

interface NativePaneProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer | null;
  readonly revealed: boolean;
  readonly onCall: (seq: number) => void;
}

/** One native exchange: what was asked, how it went, and what went over the line, as its protocol shows it. */
export function NativePane({ story, call, revealed, onCall }: NativePaneProps): JSX.Element {
  if (call === null) return <Empty title="No call was made">{story.attempts.length === 0 ? <p>It has not been tried yet.</p> : null}</Empty>;
  const place = story.calls.findIndex(({ seq }) => seq === call.seq);
  const turn = (by: number): void => {
    const other = story.calls[place + by];
    if (other !== undefined) onCall(other.seq);
  };
  return (
    <>
      <p class="call-chosen">
        <button type="button" class="act act-plain" aria-label="The call before" disabled={place === 0} onClick={() => turn(-1)}>
          ‹
        </button>
        <select aria-label="Call" value={call.seq} onChange={(event) => onCall(Number(event.currentTarget.value))}>
          {story.calls.map((each) => (
            <option key={each.seq} value={each.seq}>
              {`${each.probeOf === null ? '' : 'probe '}${each.name}, attempt ${each.run}, ${each.state}`}
            </option>
          ))}
        </select>
        <button type="button" class="act act-plain" aria-label="The call after" disabled={place === story.calls.length - 1} onClick={() => turn(1)}>
          ›
        </button>
      </p>
      <CallFacts call={call} />
      <Exchange key={call.seq} story={story} call={call} revealed={revealed} />
    </>
  );
}

function CallFacts({ call }: { readonly call: CallAnswer }): JSX.Element {
  const { failure, batch } = call;
  return (
    <>
      <p class="call-facts">
        <strong>{call.name}</strong> {call.effect}, {call.state}
        {call.state === 'answered' && call.answeredBy !== 'system'
          ? ` (the answer is from ${call.answeredBy === 'person' ? 'a person' : `the ${call.answeredBy}`})`
          : ''}
        {call.leftMs === null ? ' · has not left' : ' · left '}
        {call.leftMs === null ? null : <Time ms={call.leftMs} />}
        {call.leftMs === null || call.endedMs === null ? '' : ` · took ${durationOf(call.endedMs - call.leftMs)}`}
        {call.endedMs !== null || call.deadlineMs === null ? '' : ' · until '}
        {call.endedMs !== null || call.deadlineMs === null ? null : <Time ms={call.deadlineMs} />}
        {call.correlation === null ? '' : ` · awaited as ${shownText(call.correlation)}`}
        {batch === null ? '' : ` · batch ${batch.seq}${batch.place === null ? '' : `, place ${batch.place}`}, ${batch.state}`}
      </p>
      {failure === null ? null : (
        <p class="failure">
          {failure.code}: {shownText(failure.message)}
        </p>
      )}
    </>
  );
}

interface ExchangeProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer;
  readonly revealed: boolean;
}

function Exchange({ story, call, revealed }: ExchangeProps): JSX.Element {
  const mapping = useSignal(false);
  const { id, version } = story.translation;
  return (
    <>
      <p class="choices" role="group" aria-label="What is shown of the call">
        <button type="button" class="act act-plain" aria-pressed={!mapping.value} onClick={() => (mapping.value = false)}>
          Exchange
        </button>
        <button type="button" class="act act-plain" aria-pressed={mapping.value} onClick={() => (mapping.value = true)}>
          Arguments and answer
        </button>
      </p>
      {mapping.value ? <Mapping call={call} /> : <NativeExchange id={id} seq={call.seq} revealed={revealed} version={version} />}
    </>
  );
}

/** What the adapter asked for and what it was given: the ends of the mapping. */
const Mapping = ({ call }: { readonly call: CallAnswer }): JSX.Element => (
  <>
    <h3>
      Arguments <Copy text={JSON.stringify(call.args)} what="arguments" />
    </h3>
    <JsonTree text={JSON.stringify(call.args)} label="arguments" />
    <h3>Answer {call.answer === null ? null : <Copy text={JSON.stringify(call.answer)} what="answer" />}</h3>
    {call.answer === null ? <p class="hint">There is none.</p> : <JsonTree text={JSON.stringify(call.answer)} label="answer" />}
  </>
);
