import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Act } from '../../kit/act.tsx';
import { mayAct } from '../../kit/caller.ts';
import { Empty } from '../../kit/empty.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, back, href, path, query } from '../../kit/route.ts';
import { useTitle } from '../../kit/title.ts';
import { Actions } from './actions.tsx';
import { Compare } from './compare.tsx';
import { Copies } from './copies.tsx';
import { DryRun } from './dry-run.tsx';
import { Head } from './head.tsx';
import { PaneChoice, type PaneName, Panes, chosenPane } from './panes.tsx';
import { whyNot } from './possible.ts';
import { firstCall, timelineOf } from './timeline.ts';
import { Timeline } from './timeline.tsx';
import { type Followed, useStory } from './use-story.ts';
import './translation.css';

const views = [
  { name: 'panes', label: 'Event, native, reply', key: 'e' },
  { name: 'compare', label: 'Compare', key: 'c' },
  { name: 'dry-run', label: 'Dry run', key: 'd' },
] as const;

/** One translation, down to its bytes: what happened, and what a person may do about it. */
export function TranslationPage(): JSX.Element {
  const id = path.value[1] ?? '';
  const followed = useStory(id);
  const { value, failure, slow } = followed.story;
  useShortcuts(useMemo(() => [{ key: 'Escape', does: 'back to the list', run: () => back(href('translations')) }], []));
  if (value === null)
    return failure === null ? (
      <div class="loading" aria-busy="true">
        {slow ? <p class="hint">The story is being read…</p> : null}
      </div>
    ) : (
      <Empty title="This translation cannot be shown">
        <p role="alert">{failure}</p>
        <p>
          <a href={href('translations')}>To the list of translations</a>
        </p>
      </Empty>
    );
  return <Story followed={followed} story={value} failure={failure} />;
}

interface StoryProps {
  readonly followed: Followed;
  readonly story: NonNullable<Followed['story']['value']>;
  readonly failure: string | null;
}

function Story({ followed, story, failure }: StoryProps): JSX.Element {
  const { choices, revealed, whole, refresh } = followed;
  const { businessKey, eventId, system, operation } = story.translation;
  useTitle(`${businessKey ?? eventId} · ${system} ${operation}`);
  const entries = timelineOf(story);
  const first = firstCall(story.calls);
  const asked = query.value.get('at');
  const selected = entries.find(({ id }) => id === asked)?.id ?? (first === null ? 'received' : `call-${first.seq}`);
  const [kind, number] = selected.split(/-(?=\d+$)/);
  const inAttempt = kind === 'attempt' ? firstCall(story.calls.filter(({ run }) => String(run) === number)) : null;
  const call = kind === 'call' ? (story.calls.find(({ seq }) => String(seq) === number) ?? first) : (inAttempt ?? first);
  const view = views.find(({ name }) => name === query.value.get('view'))?.name ?? 'panes';
  const select = (id: string): void => ask({ at: id, ...paneShowing(id) }, { replace: true });
  const masked = story.event.data.masked === true || story.replies.some(({ data }) => data.masked === true);
  const order = entries.map(({ id }) => id).join(' ');
  useShortcuts(
    useMemo(() => {
      const step = (by: number): void => {
        const ids = order.split(' ');
        const next = ids[Math.max(0, Math.min(ids.length - 1, ids.indexOf(selected) + by))];
        if (next === undefined) return;
        select(next);
        document.getElementById(`entry-${next}`)?.focus();
      };
      return [
        { key: 'j', does: 'next line of the timeline', run: () => step(1) },
        { key: 'k', does: 'line before', run: () => step(-1) },
        ...views.map(({ name, label, key }) => ({ key, does: label.toLowerCase(), run: () => showView(name) })),
      ];
    }, [order, selected]),
  );
  return (
    <article class="story" aria-label="Translation">
      {failure === null ? null : (
        <p class="failure" role="status">
          {failure} What is shown is as of before.
        </p>
      )}
      <Head story={story} />
      <div class="story-doing">
        <Actions story={story} choices={choices} onDone={refresh} />
        <Copies story={story} choices={choices} revealed={revealed.value} />
      </div>
      <Timeline entries={entries} selected={selected} onSelect={select} />
      <p class="choices story-views" role="group" aria-label="What is shown below" data-alone={chosenPane() ?? 'none'}>
        {views.map(({ name, label }) => (
          <button key={name} type="button" class="act act-plain" aria-pressed={view === name} onClick={() => showView(name)}>
            {label}
          </button>
        ))}
        {view === 'panes' ? <PaneChoice /> : null}
        {masked || revealed.value ? (
          <>
            <Act onAct={() => (revealed.value = !revealed.value)}>{revealed.value ? 'Mask again' : 'Reveal masked fields'}</Act>
            <span class="hint">{revealed.value ? 'That you see them is recorded.' : mayAct.value ? 'It is recorded who looks.' : ''}</span>
          </>
        ) : null}
      </p>
      {view === 'compare' ? (
        <Compare story={story} call={call} revealed={revealed.value} />
      ) : view === 'dry-run' ? (
        <DryRunOrWhyNot story={story} why={whyNot('dry run', story, choices)} revealed={revealed.value} />
      ) : (
        <Panes
          story={story}
          call={call}
          reply={kind === 'reply' ? Number(number) : null}
          revealed={revealed.value}
          onCall={(seq) => select(`call-${seq}`)}
          onWhole={() => (whole.value = true)}
        />
      )}
    </article>
  );
}

const narrow = matchMedia('(max-width: 900px)');

/** Where one pane is shown at a time, the one that has what was chosen. */
const paneShowing = (id: string): { readonly pane?: PaneName } =>
  chosenPane() === null && !narrow.matches ? {} : { pane: id === 'received' ? 'event' : id.startsWith('reply-') ? 'reply' : 'native' };

const showView = (name: string): void => ask({ view: name === 'panes' ? null : name }, { replace: true });

function DryRunOrWhyNot({ story, why, revealed }: { story: StoryProps['story']; why: string | null; revealed: boolean }): JSX.Element {
  return why === null ? <DryRun key={String(revealed)} story={story} revealed={revealed} /> : <Empty title={why} />;
}
