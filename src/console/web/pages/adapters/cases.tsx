import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { type CaseEntry, type CaseResult } from '../../../../contract/case-book.ts';
import { Act } from '../../kit/act.tsx';
import { post, wordsOf } from '../../kit/api.ts';
import { shownText } from '../../kit/shown-text.ts';
import { durationOf } from '../../kit/time.tsx';

type Run = 'waits' | 'runs' | CaseResult;

interface CasesProps {
  readonly system: string;
  readonly cases: readonly CaseEntry[] | null;
  /** Shows the event of a case in the form. */
  readonly onTry: (of: string, name: string) => void;
}

/** The cases of an adapter; each can be run here from its recording. */
export function Cases({ system, cases, onTry }: CasesProps): JSX.Element {
  const runs = useSignal<Readonly<Record<string, Run>>>({});
  const failure = useSignal<string | null>(null);
  const set = (name: string, run: Run): void => {
    runs.value = { ...runs.value, [name]: run };
  };
  const runAll = async (names: readonly string[]): Promise<void> => {
    failure.value = null;
    for (const name of names) set(name, 'waits');
    try {
      for (const name of names) {
        set(name, 'runs');
        set(name, await post<CaseResult>(`/api/adapters/${encodeURIComponent(system)}/cases/${encodeURIComponent(name)}/run`, {}));
      }
    } catch (error) {
      failure.value = wordsOf(error);
      runs.value = Object.fromEntries(Object.entries(runs.value).filter(([, run]) => typeof run === 'object'));
    }
  };
  if (cases === null)
    return (
      <section>
        <h2>Cases</h2>
        <p class="hint">The cases of {system} are not installed beside its adapter here.</p>
      </section>
    );
  const done = Object.values(runs.value).filter((run) => typeof run === 'object');
  const passed = done.filter((run) => run.passed).length;
  return (
    <section>
      <h2>
        Cases <span class="hint">{cases.length}</span>{' '}
        <Act why={done.length < Object.keys(runs.value).length ? 'They are running' : null} onAct={() => void runAll(cases.map(({ name }) => name))}>
          Run all
        </Act>{' '}
        <span role="status" class="hint">
          {done.length === 0 ? '' : `${passed} of ${done.length} passed`}
        </span>
      </h2>
      {failure.value === null ? null : <p class="failure">{failure.value}</p>}
      <div class="scrolls">
        <table class="grid">
          <tbody>
            {cases.map(({ name, of, title, event, parked }) => (
              <tr key={name}>
                <th scope="row">{of}</th>
                <td>
                  {title}
                  {parked.length === 0 ? null : (
                    <span class="hint">
                      {' '}
                      ends parked: <code>{parked.join(', ')}</code>
                    </span>
                  )}
                  <Outcome of={runs.value[name]} />
                </td>
                <td class="last">
                  {event === null ? null : (
                    <button type="button" class="act" onClick={() => onTry(of, name)}>
                      Try its event<span class="unseen"> ({name})</span>
                    </button>
                  )}{' '}
                  <Act onAct={() => void runAll([name])}>
                    Run<span class="unseen"> {name}</span>
                  </Act>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Outcome({ of }: { readonly of: Run | undefined }): JSX.Element | null {
  if (of === undefined) return null;
  if (typeof of === 'string') return <div class="hint">{of === 'runs' ? 'it runs…' : 'it waits for the others'}</div>;
  if (of.passed)
    return (
      <div class="passed">
        ✓ passed <span class="hint">in {durationOf(of.tookMs)}</span>
      </div>
    );
  return (
    <div class="failure">
      ✗ failed
      <ul class="plain">
        {of.differences.map((difference) => (
          <li key={difference}>{shownText(difference.slice(0, 2_000))}</li>
        ))}
      </ul>
    </div>
  );
}
