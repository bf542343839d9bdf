import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type BatchAct } from '../../../../contract/batch.ts';
import { type SystemStatus } from '../../../../contract/control.ts';
import { type BatchRow } from '../../../../contract/journal-reader.ts';
import { Act } from '../../kit/act.tsx';
import { get, post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';

const titles: Readonly<Record<Exclude<BatchAct, 'close'>, string>> = { happened: 'happened', 'did not': 'did not happen', probe: 'is probed' };
const verbs: Readonly<Record<Exclude<BatchAct, 'close'>, string>> = {
  happened: 'It happened',
  'did not': 'It did not: make it again',
  probe: 'Run the probe',
};
const answers = ['happened', 'did not', 'probe'] as const;

/** Batches in doubt: settled once for all their members. Nothing where there is none. */
export function Batches({ change }: { readonly change: number }): JSX.Element | null {
  const rows = useSignal<readonly BatchRow[]>([]);
  const settled = useSignal(0);
  const asked = useSignal<{ readonly batch: BatchRow; readonly act: (typeof answers)[number] } | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    inDoubt(aborter.signal).then(
      (found) => (rows.value = found),
      () => undefined,
    );
    return () => aborter.abort();
  }, [change, settled.value]);
  if (rows.value.length === 0) return null;
  return (
    <div class="batches">
      <h3>Batches in doubt: one decision for all their members</h3>
      <ul>
        {rows.value.map((batch) => (
          <li key={`${batch.system} ${batch.seq}`}>
            <p>
              <strong class="state-in-doubt">
                <span aria-hidden="true">?</span> batch {batch.seq}
              </strong>{' '}
              {batch.system} {batch.call}
              {batch.group === '' ? '' : ` (${shownText(batch.group)})`}: {batch.events.toLocaleString('en')} members,{' '}
              {batch.bytes.toLocaleString('en')} bytes, left {batch.leftMs === null ? 'at an unknown time' : <Time ms={batch.leftMs} />}
            </p>
            {batch.failure === null ? null : (
              <p class="hint">
                {batch.failure.code}: {shownText(batch.failure.message.slice(0, 1_000))}
              </p>
            )}
            {batch.answer === null ? null : (
              <p class="hint mono">If it happened, each is answered {shownText(JSON.stringify(batch.answer).slice(0, 500))}</p>
            )}
            <p class="row">
              {answers.map((act) => (
                <Act
                  key={act}
                  kind={act === 'happened' ? 'main' : act === 'did not' ? 'grave' : 'plain'}
                  onAct={() => (asked.value = { batch, act })}
                >
                  {verbs[act]}
                </Act>
              ))}
            </p>
          </li>
        ))}
      </ul>
      {asked.value === null ? null : (
        <Decision
          title={`Batch ${asked.value.batch.seq} of ${asked.value.batch.system} ${titles[asked.value.act]}`}
          verb={verbs[asked.value.act]}
          grave={asked.value.act === 'did not'}
          decide={async (why, key) => {
            const { batch, act } = asked.value ?? {};
            await post(`/api/batches/${batch?.seq}/actions`, { act, why, key }, key);
            settled.value += 1;
          }}
          onClose={() => (asked.value = null)}
        >
          <p class="hint">This holds for all its {asked.value.batch.events.toLocaleString('en')} members.</p>
        </Decision>
      )}
    </div>
  );
}

async function inDoubt(aborted: AbortSignal): Promise<readonly BatchRow[]> {
  const systems = await get<readonly SystemStatus[]>('/api/systems', { signal: aborted });
  const found = await Promise.all(
    systems.map(({ system }) => get<readonly BatchRow[]>(`/api/batches/${encodeURIComponent(system)}?state=in%20doubt`, { signal: aborted })),
  );
  return found.flat();
}
