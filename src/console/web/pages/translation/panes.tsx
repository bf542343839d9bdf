import { type ComponentChildren, type JSX } from 'preact';
import { type CallAnswer, type StoryAnswer } from '../../../story.answer.ts';
import { type Published, isUnrouted, reachWords } from '../../../../contract/reach.ts';
import { Copy } from '../../kit/copy.tsx';
import { Empty } from '../../kit/empty.tsx';
import { ask, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { Body } from './body.tsx';
import { NativePane } from './native-pane.tsx';
import { Origin } from './origin.tsx';

const panes = ['event', 'native', 'reply'] as const;
export type PaneName = (typeof panes)[number];

/** The pane that is shown alone, where there is room for one or one was chosen; null when all are. */
export const chosenPane = (): PaneName | null => panes.find((each) => each === query.value.get('pane')) ?? null;

/** Which panes are shown. */
export function PaneChoice(): JSX.Element {
  const alone = chosenPane();
  return (
    <span class="choices panes-choices" role="group" aria-label="Panes">
      <button type="button" class="act act-plain panes-side" aria-pressed={alone === null} onClick={() => ask({ pane: null }, { replace: true })}>
        Side by side
      </button>
      {panes.map((name) => (
        <button
          key={name}
          type="button"
          class={`act act-plain panes-choice-${name}`}
          aria-pressed={alone === name}
          onClick={() => ask({ pane: name }, { replace: true })}
        >
          {name}
        </button>
      ))}
    </span>
  );
}

interface PanesProps {
  readonly story: StoryAnswer;
  readonly call: CallAnswer | null;
  /** The reply that was chosen in the timeline. */
  readonly reply: number | null;
  readonly revealed: boolean;
  readonly onCall: (seq: number) => void;
  readonly onWhole: () => void;
}

/** Event, native exchange and reply, side by side; one at a time where there is no room. */
export function Panes({ story, call, reply, revealed, onCall, onWhole }: PanesProps): JSX.Element {
  const alone = chosenPane();
  return (
    <section class="panes-all" data-alone={alone ?? 'none'}>
      <div class="panes">
        <Pane name="event">
          <Attributes of={story.event.attributes} />
          <Origin story={story} revealed={revealed} />
          <Body
            key={String(story.event.data.cut)}
            body={story.event.data}
            media={story.event.attributes.datacontenttype}
            what="event"
            onWhole={onWhole}
          />
        </Pane>
        <Pane name="native">
          <NativePane story={story} call={call} revealed={revealed} onCall={onCall} />
        </Pane>
        <Pane name="reply">
          <Replies story={story} chosen={reply} onWhole={onWhole} />
        </Pane>
      </div>
    </section>
  );
}

function Pane({ name, children }: { readonly name: PaneName; readonly children: ComponentChildren }): JSX.Element {
  return (
    <section class={`pane pane-${name}`} aria-label={name}>
      <h2>{name}</h2>
      {children}
    </section>
  );
}

function Replies({
  story,
  chosen,
  onWhole,
}: {
  readonly story: StoryAnswer;
  readonly chosen: number | null;
  readonly onWhole: () => void;
}): JSX.Element {
  const { replies, translation } = story;
  if (replies.length === 0)
    return (
      <Empty title="No reply">
        <p>{translation.state === 'published' ? 'The operation published none.' : 'There is none until it is answered or discarded with one.'}</p>
      </Empty>
    );
  return (
    <>
      {replies
        .filter(({ seq }) => chosen === null || seq === chosen)
        .map((reply) => (
          <section key={reply.seq}>
            <p>
              <strong>{shownText(reply.attributes.type)}</strong> {reply.state}
              {reply.publishedMs === null ? '' : ' '}
              {reply.publishedMs === null ? null : <Time ms={reply.publishedMs} />}
              <Reach of={reply} />
            </p>
            <Attributes of={reply.attributes} />
            <Body body={reply.data} media={reply.attributes.datacontenttype} what="reply" onWhole={onWhole} />
          </section>
        ))}
    </>
  );
}

/** With the embedded bus nobody needs to be bound; at a broker a reply that no queue took is lost to its readers. */
function Reach({ of }: { readonly of: Published }): JSX.Element | null {
  const words = reachWords(of);
  if (words === '') return null;
  return isUnrouted(of) ? <span class="failure"> · {words} to take it</span> : <span class="hint"> · {words}</span>;
}

function Attributes({ of }: { readonly of: Readonly<Record<string, string | undefined>> }): JSX.Element {
  const text = JSON.stringify(of, null, 2);
  return (
    <details class="attributes">
      <summary>Attributes</summary>
      <dl>
        {Object.entries(of).map(([name, value]) => (
          <div key={name} class="fact">
            <dt>{shownText(name)}</dt>
            <dd class="mono">{shownText(value ?? '')}</dd>
          </div>
        ))}
      </dl>
      <Copy text={text} what="attributes" />
    </details>
  );
}
