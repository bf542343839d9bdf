import { type Signal, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type BatchAct } from '../../../../contract/batch.ts';
import { type BatchRow } from '../../../../contract/journal-reader.ts';
import { Act } from '../../kit/act.tsx';
import { post } from '../../kit/api.ts';
import { Decision } from '../../kit/decision.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';

interface Choice {
  readonly act: BatchAct;
  readonly verb: string;
  readonly means: string;
}

const close: Choice = { act: 'close', verb: 'Send it now', means: 'It takes no more calls, and goes out as it is.' };
const settling: readonly Choice[] = [
  { act: 'happened', verb: 'It happened', means: 'Every member is answered as the batch says; none is sent again.' },
  { act: 'did not', verb: 'It did not', means: 'It is sent again. If it did happen after all, everything in it happens twice.' },
  { act: 'probe', verb: 'Run the probe', means: 'The gateway looks in the system for what became of it.' },
];

const actsOf = ({ state }: BatchRow): readonly Choice[] => (state === 'open' ? [close] : state === 'in doubt' ? settling : []);

/** Calls that go out together: those that are still to leave, have left without an answer, or are in doubt. */
export function Batches({ system, again }: { readonly system: string; readonly again: Signal<number> }): JSX.Element | null {
  const { value } = useLoaded<readonly BatchRow[]>(`/api/batches/${encodeURIComponent(system)}`, again);
  const deciding = useSignal<{ readonly batch: BatchRow; readonly of: Choice } | null>(null);
  if (value === null || value.length === 0) return null;
  return (
    <section>
      <h2>Batches</h2>
      <div class="scrolls">
        <table class="grid">
          <tbody>
            {value.map((batch) => (
              <tr key={batch.seq}>
                <th scope="row">
                  {batch.seq} {batch.call} {shownText(batch.group)}
                </th>
                <td class={batch.state === 'in doubt' ? 'state-in-doubt' : undefined}>{batch.state === 'in doubt' ? '? in doubt' : batch.state}</td>
                <td class="number">{batch.events} calls</td>
                <td class="number">{batch.bytes} bytes</td>
                <td>
                  {batch.dueMs === null || batch.dueMs === 0 ? null : (
                    <>
                      due <Time ms={batch.dueMs} />
                    </>
                  )}
                  {batch.failure === null ? null : <div class="failure">{shownText(batch.failure.message)}</div>}
                </td>
                <td class="last">
                  {actsOf(batch).map((of) => (
                    <Act key={of.act} onAct={() => (deciding.value = { batch, of })}>
                      {of.verb}
                      <span class="unseen"> (batch {batch.seq})</span>
                    </Act>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {deciding.value === null ? null : (
        <Decision
          title={`${deciding.value.of.verb}: batch ${deciding.value.batch.seq} of ${system}`}
          verb={deciding.value.of.verb}
          grave={deciding.value.of.act === 'did not'}
          onClose={() => (deciding.value = null)}
          decide={async (why, key) => {
            const { batch, of } = deciding.peek() ?? {};
            if (batch === undefined || of === undefined) return;
            await post(`/api/batches/${batch.seq}/actions`, { act: of.act, why }, key);
            again.value += 1;
          }}
        >
          <p>{deciding.value.of.means}</p>
        </Decision>
      )}
    </section>
  );
}
