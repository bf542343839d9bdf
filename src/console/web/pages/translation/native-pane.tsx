import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type Json } from '../../../../contract/json.ts';
import { type CallAnswer, type PartAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { Empty } from '../../kit/empty.tsx';
import { Time, durationOf } from '../../kit/time.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Body } from './body.tsx';
import { JsonTree } from './json-tree.tsx';
import { Protocol } from './protocol.tsx';

interface NativePaneProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer | null;
  readonly revealed: boolean;
  readonly onCall: (seq: number) => void;
  readonly onWhole: () => void;
}

/** One native exchange: what was asked, how it went, and what went over the line, as its protocol shows it. */
export function NativePane({ story, call, revealed, onCall, onWhole }: NativePaneProps): JSX.Element {
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
      <Exchange key={call.seq} story={story} call={call} revealed={revealed} onWhole={onWhole} />
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
  readonly onWhole: () => void;
}

function Exchange({ story, call, revealed, onWhole }: ExchangeProps): JSX.Element {
  const shown = useSignal<'protocol' | 'parts' | 'mapping'>('protocol');
  const choices = [
    ['protocol', 'Exchange'],
    ['parts', `Parts (${call.parts.length})`],
    ['mapping', 'Arguments and answer'],
  ] as const;
  return (
    <>
      <p class="choices" role="group" aria-label="How the exchange is shown">
        {choices.map(([name, label]) => (
          <button key={name} type="button" class="act act-plain" aria-pressed={shown.value === name} onClick={() => (shown.value = name)}>
            {label}
          </button>
        ))}
      </p>
      {shown.value === 'mapping' ? (
        <>
          <h3>Arguments</h3>
          <Value value={call.args} label="arguments" />
          <h3>Answer</h3>
          {call.answer === null ? <p class="hint">There is none.</p> : <Value value={call.answer} label="answer" />}
        </>
      ) : shown.value === 'parts' ? (
        <Parts call={call} onWhole={onWhole} />
      ) : (
        <Protocol story={story} call={call} revealed={revealed} otherwise={<Parts call={call} onWhole={onWhole} />} />
      )}
    </>
  );
}

function Value({ value, label }: { readonly value: Json; readonly label: string }): JSX.Element {
  return <JsonTree text={JSON.stringify(value)} label={label} />;
}

const directions: Readonly<Record<PartAnswer['kind'], string>> = { sent: '→ sent', received: '← received', note: '· note' };

function Parts({ call, onWhole }: { readonly call: CallAnswer; readonly onWhole: () => void }): JSX.Element {
  if (call.parts.length === 0) return <p class="hint">Nothing went over the line, or it is no longer kept.</p>;
  return (
    <>
      {call.parts.map((part, n) => (
        <section key={n} class={`part part-${part.kind}`}>
          <h3>
            {directions[part.kind]} <Time ms={part.atMs} />
          </h3>
          <Body body={part.body} media={part.media} what={`part ${n + 1}`} onWhole={onWhole} />
        </section>
      ))}
    </>
  );
}
