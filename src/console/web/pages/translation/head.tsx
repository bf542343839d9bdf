import { type ComponentChildren, type JSX } from 'preact';
import { codes } from '../../../../contract/errors.ts';
import { type StoryAnswer } from '../../../story.answer.ts';
import { Copy } from '../../kit/copy.tsx';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, outcomeOf, shownState } from '../../kit/state.tsx';
import { Time, durationOf } from '../../kit/time.tsx';

interface FactProps {
  readonly name: string;
  /** What the copy button copies; without it there is none. */
  readonly copy?: string | null;
  readonly children: ComponentChildren;
}

function Fact({ name, copy = null, children }: FactProps): JSX.Element {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        {copy === null ? null : <Copy text={copy} what={name} />}
      </dd>
    </div>
  );
}

const To = ({ id }: { readonly id: string }): JSX.Element => (
  <a class="mono" href={href('translations', id)} title={id}>
    {id.slice(0, 8)}
  </a>
);

/** What the translation is and how it stands. */
export function Head({ story }: { readonly story: StoryAnswer }): JSX.Element {
  const { translation: row, event, replays } = story;
  const { failure } = row;
  return (
    <header class="story-head">
      <h1>
        <State of={shownState(row)} />{' '}
        <span class="story-name">{shownText(`${row.system} ${row.operation === '' ? '(no operation)' : row.operation}`)}</span>
        {row.state === 'parked' ? null : <span class="story-outcome">{shownText(outcomeOf(row))}</span>}
      </h1>
      {failure === null ? null : (
        <div class="story-failure">
          <p>
            <strong>{failure.code}</strong> {shownText(failure.message)}
            <Copy text={`${failure.code}: ${failure.message}${failure.native === undefined ? '' : `\n${failure.native}`}`} what="failure" />
          </p>
          {failure.native === undefined ? null : <pre class="payload">{shownText(failure.native.slice(0, 4_000))}</pre>}
          <p class="hint">
            {codes[failure.code]?.means} {codes[failure.code]?.remedy}
          </p>
        </div>
      )}
      <dl class="facts">
        <Fact name="translation" copy={row.id}>
          <span class="mono" title={row.id}>
            {row.id.slice(0, 8)}
          </span>
        </Fact>
        <Fact name="event" copy={row.eventId}>
          <span class="mono clip">{shownText(row.eventId)}</span>
        </Fact>
        <Fact name="type" copy={row.type}>
          <span class="clip">{shownText(event.attributes.type)}</span>
        </Fact>
        <Fact name="from" copy={row.source}>
          <span class="clip">{shownText(row.source)}</span>
        </Fact>
        {row.businessKey === null ? null : (
          <Fact name="business key" copy={row.businessKey}>
            <span class="clip">{shownText(row.businessKey)}</span>
          </Fact>
        )}
        {row.key === null ? null : (
          <Fact name="ordering key" copy={row.key}>
            <span class="clip">{shownText(row.key)}</span>
          </Fact>
        )}
        <Fact name="correlation" copy={row.correlation}>
          <a class="mono clip" href={href('flows', row.correlation)} title="All that belongs to it, as a flow">
            {shownText(row.correlation)}
          </a>
        </Fact>
        <Fact name="received">
          <Time ms={row.receivedMs} />
        </Fact>
        {row.finishedMs === null ? null : (
          <Fact name="ended">
            <Time ms={row.finishedMs} /> <span class="hint">after {durationOf(row.finishedMs - row.receivedMs)}</span>
          </Fact>
        )}
        <Fact name="attempts">
          {row.attempts} counted, {row.runs} run{row.runs === 1 ? '' : 's'}
        </Fact>
        {row.duplicates === 0 ? null : (
          <Fact name="duplicates">
            came {row.duplicates} more time{row.duplicates === 1 ? '' : 's'}
          </Fact>
        )}
        {row.behind === null ? null : (
          <Fact name="waits behind">
            <To id={row.behind} />
          </Fact>
        )}
        {row.replayOf === null ? null : (
          <Fact name="replay of">
            <To id={row.replayOf} /> {story.edited ? <span class="hint">with an edited event</span> : null}
          </Fact>
        )}
        {replays.length === 0 ? null : (
          <Fact name="replayed as">
            {replays.map((id) => (
              <span key={id}>
                <To id={id} /> {story.editedReplays.includes(id) ? <span class="hint">(edited) </span> : null}
              </span>
            ))}
          </Fact>
        )}
      </dl>
    </header>
  );
}
