import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type BulkStoryView, type BulkView } from '../../../bulk.view.ts';
import { Act } from '../../kit/act.tsx';
import { post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time, durationOf } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { actWords } from './acts.ts';
import { BulkItems } from './bulk-items.tsx';
import { BulkState, Progress } from './bulk-progress.tsx';

type Turn = 'stop' | 'resume' | 'rate';
const titles: Readonly<Record<Turn, string>> = { stop: 'Stop', resume: 'Resume', rate: 'Change the rate of' };
const verbs: Readonly<Record<Turn, string>> = { stop: 'Stop', resume: 'Resume', rate: 'Change' };

/** One bulk action: how far it is, what did not work and why, and how to stop it. */
export function BulkStory({ seq, live }: { readonly seq: string; readonly live: BulkView | null }): JSX.Element {
  const again = useSignal(0);
  // Each change of its counts may have brought another that failed.
  const { value, failure } = useLoaded<BulkStoryView>(
    `/api/bulks/${encodeURIComponent(seq)}${live === null ? '' : `?${live.failed}-${live.skipped}`}`,
    again,
  );
  const asked = useSignal<Turn | null>(null);
  const perSecond = useSignal('');
  const bulk = live !== null && live.changed >= (value?.changed ?? 0) ? live : value;
  if (bulk === null) return failure === null ? <p class="hint">Loading…</p> : <Failure words={failure} />;
  const decide = async (why: string, key: string): Promise<void> => {
    await post(`/api/bulks/${seq}/${asked.value ?? ''}`, { why, key, ...(asked.value === 'rate' ? { rate: rateOf(perSecond.value) } : {}) }, key);
    again.value += 1;
  };
  const over = bulk.state === 'done' ? 'It has ended' : null;
  const running = bulk.state === 'running';
  return (
    <section aria-labelledby="bulk">
      <p>
        <a href={href('attention', 'bulks')}>← Bulk actions</a>
      </p>
      <h2 id="bulk">
        {bulk.seq} · {actWords[bulk.act.kind].does} {bulk.total.toLocaleString('en')} {bulk.total === 1 ? 'translation' : 'translations'}
      </h2>
      <p class="bulk-now" aria-live="off">
        <BulkState bulk={bulk} /> <Progress bulk={bulk} />
      </p>
      <dl class="facts">
        <dt>Rate</dt>
        <dd>
          {bulk.perSecond === 0 ? 'no limit' : `at most ${bulk.perSecond} a second`}
          {running ? `, now ${bulk.perSecondNow.toFixed(1)} a second` : ''}
          {bulk.leftMs === null || !running ? '' : `, about ${durationOf(bulk.leftMs)} left`}
        </dd>
        <dt>Started</dt>
        <dd>
          <Time ms={bulk.startedMs} /> by {shownText(bulk.who)}: {shownText(bulk.why)}
        </dd>
        {bulk.endedMs === null ? null : (
          <>
            <dt>Ended</dt>
            <dd>
              <Time ms={bulk.endedMs} /> after {durationOf(bulk.endedMs - bulk.startedMs)}
            </dd>
          </>
        )}
      </dl>
      {bulk.note === null ? null : <Failure words={bulk.note} />}
      <p class="row">
        <Act kind="grave" why={over ?? (bulk.state === 'stopped' ? 'It is stopped' : null)} onAct={() => (asked.value = 'stop')}>
          Stop
        </Act>
        <Act kind="main" why={over ?? (bulk.state === 'stopped' ? null : 'It is not stopped')} onAct={() => (asked.value = 'resume')}>
          Resume
        </Act>
        <Act why={over} onAct={() => (asked.value = 'rate')}>
          Change the rate
        </Act>
        {over === null ? <span class="hint">It goes on when this page is closed.</span> : null}
      </p>
      {asked.value === null ? null : (
        <Decision
          title={`${titles[asked.value]} bulk action ${seq}`}
          verb={verbs[asked.value]}
          grave={asked.value === 'stop'}
          decide={decide}
          onClose={() => (asked.value = null)}
        >
          {asked.value === 'rate' ? (
            <label>
              At most so many a second (0: no limit)
              <input name="rate" inputMode="decimal" value={perSecond.value} onInput={(event) => (perSecond.value = event.currentTarget.value)} />
            </label>
          ) : null}
        </Decision>
      )}
      <BulkItems bulk={bulk} />
    </section>
  );
}

/** @throws Error in words */
function rateOf(text: string): number {
  if (text.trim() === '' || Number.isNaN(Number(text))) throw new Error('Say how many a second; 0 is no limit.');
  return Number(text);
}

function Failure({ words }: { readonly words: string }): JSX.Element {
  return (
    <p class="failure" role="alert">
      {shownText(words)}
    </p>
  );
}
