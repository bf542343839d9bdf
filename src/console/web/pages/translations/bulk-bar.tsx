import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type BulkView } from '../../../bulk.view.ts';
import { Act } from '../../kit/act.tsx';
import { get, post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { href } from '../../kit/route.ts';
import { type Selection, mostSelected } from './selection.ts';

const acts: readonly { readonly kind: 'retry' | 'replay' | 'discard'; readonly verb: string; readonly words: string; readonly grave: boolean }[] = [
  { kind: 'retry', verb: 'Retry', words: 'Each is tried again from where it stands, with all its attempts.', grave: false },
  { kind: 'replay', verb: 'Replay', words: 'Each becomes a new translation of the same event, beside the old one.', grave: false },
  { kind: 'discard', verb: 'Discard', words: 'Each is given up: no reply is published for it.', grave: true },
];

const watchMs = 1_000;

/** What can be done with all that are selected, and how it goes. */
export function BulkBar({ selection }: { readonly selection: Selection }): JSX.Element | null {
  const asked = useSignal<(typeof acts)[number] | null>(null);
  const bulk = useSignal<BulkView | null>(null);
  const { value: size } = selection.size;
  const begin = async (why: string, key: string): Promise<void> => {
    if (asked.value === null) return;
    const ids = [...selection.ids.value.values()];
    bulk.value = await post<BulkView>('/api/bulks', { act: { kind: asked.value.kind }, ids, why, expected: ids.length }, key);
    selection.clear();
  };
  if (size === 0 && bulk.value === null) return null;
  return (
    <div class="bulk-bar" role="region" aria-label="Selected">
      {size === 0 ? null : (
        <>
          <strong>{size} selected</strong>
          {size >= mostSelected ? <span class="hint">More at once: search for them, and see Needs a person.</span> : null}
          {acts.map((act) => (
            <Act key={act.kind} kind={act.grave ? 'grave' : 'plain'} onAct={() => (asked.value = act)}>
              {act.verb}
            </Act>
          ))}
          <button type="button" class="act act-plain" onClick={() => selection.clear()}>
            Select none
          </button>
        </>
      )}
      {bulk.value === null ? null : <Progress bulk={bulk.value} onNews={(news) => (bulk.value = news)} />}
      {asked.value === null ? null : (
        <Decision
          title={`${asked.value.verb} ${size} ${size === 1 ? 'translation' : 'translations'}`}
          verb={asked.value.verb}
          grave={asked.value.grave}
          decide={begin}
          onClose={() => (asked.value = null)}
        >
          <p>{asked.value.words} One that has changed meanwhile is left alone, and you are told.</p>
        </Decision>
      )}
    </div>
  );
}

function Progress({ bulk, onNews }: { readonly bulk: BulkView; readonly onNews: (news: BulkView | null) => void }): JSX.Element {
  const { seq, act, state, total, done, failed, skipped } = bulk;
  const going = state === 'running' || state === 'freezing';
  useEffect(() => {
    if (!going) return undefined;
    const timer = setInterval(() => {
      get<BulkView>(`/api/bulks/${seq}`).then(onNews, () => undefined);
    }, watchMs);
    return () => clearInterval(timer);
  }, [seq, going]);
  const troubles = [failed === 0 ? '' : `${failed} failed`, skipped === 0 ? '' : `${skipped} skipped`].filter(Boolean).join(', ');
  return (
    <span class="bulk-progress" role="status">
      <span>
        {act.kind}: {done} of {total} done{troubles === '' ? '' : `, ${troubles}`}
        {state === 'done' ? '' : ` (${state})`}
      </span>
      <progress max={Math.max(1, total)} value={done + failed + skipped} aria-label={`${act.kind} of ${total}`} />
      <a href={href('attention', 'bulks', String(seq))}>Details</a>
      {going ? null : (
        <button type="button" class="act act-plain" onClick={() => onNews(null)}>
          Close
        </button>
      )}
    </span>
  );
}
