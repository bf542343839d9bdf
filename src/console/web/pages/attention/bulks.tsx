import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type BulkView } from '../../../bulk.view.ts';
import { Refused, wordsOf } from '../../kit/api.ts';
import { Empty } from '../../kit/empty.tsx';
import { follow } from '../../kit/live.ts';
import { href, path } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { actWords } from './acts.ts';
import { BulkState, Progress } from './bulk-progress.tsx';
import { BulkStory } from './bulk-story.tsx';

const mostShown = 200;
const quietMs = 500;

/** What people do to many translations together, as it goes on; one of them when the address names it. */
export function Bulks(): JSX.Element {
  const [, , seq] = path.value;
  const { bulks, failure } = useBulks();
  if (seq !== undefined) return <BulkStory key={seq} seq={seq} live={bulks?.get(Number(seq)) ?? null} />;
  const rows = [...(bulks?.values() ?? [])].sort((a, b) => b.seq - a.seq);
  return (
    <section aria-labelledby="bulks">
      <h2 id="bulks">Bulk actions</h2>
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {bulks !== null && rows.length === 0 ? (
        <Empty title="No bulk action is kept">
          <p>
            Open a <a href={href('attention')}>group</a> and retry, replay or discard all of it.
          </p>
        </Empty>
      ) : (
        <div class="wide">
          <table class="members">
            <thead>
              <tr>
                <th scope="col">Bulk action</th>
                <th scope="col">Started</th>
                <th scope="col">By</th>
                <th scope="col">State</th>
                <th scope="col">Progress</th>
                <th scope="col">Failed</th>
                <th scope="col">Skipped</th>
                <th scope="col">Why</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.seq}>
                  <td>
                    <a href={href('attention', 'bulks', String(row.seq))}>
                      {row.seq} · {actWords[row.act.kind].verb}
                    </a>
                  </td>
                  <td>
                    <Time ms={row.startedMs} />
                  </td>
                  <td>{shownText(row.who)}</td>
                  <td>
                    <BulkState bulk={row} />
                  </td>
                  <td>
                    <Progress bulk={row} />
                  </td>
                  <td class="number">{row.failed}</td>
                  <td class="number">{row.skipped}</td>
                  <td class="clip" title={shownText(row.why)}>
                    {shownText(row.why.slice(0, 200))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

interface KnownBulks {
  /** Null until the gateway has said anything. */
  readonly bulks: ReadonlyMap<number, BulkView> | null;
  readonly failure: string | null;
}

/** All that are kept, and each change of them: a bulk goes on without this page, and is found again. */
function useBulks(): KnownBulks {
  const bulks = useSignal<ReadonlyMap<number, BulkView> | null>(null);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    const aborter = new AbortController();
    let quiet: ReturnType<typeof setTimeout> | undefined;
    follow(
      '/api/bulks/changes',
      0,
      (entries) => {
        const next = new Map(bulks.value);
        for (const { data } of entries) {
          const bulk = JSON.parse(data) as BulkView;
          next.set(bulk.seq, bulk);
        }
        bulks.value = new Map([...next].sort(([a], [b]) => b - a).slice(0, mostShown));
      },
      aborter.signal,
      // All that are kept come at once; where nothing comes, there is none.
      () => (quiet = setTimeout(() => (bulks.value ??= new Map()), quietMs)),
    ).catch((error: unknown) => {
      failure.value = error instanceof Refused && error.status === 404 ? 'This gateway has no bulk actions.' : wordsOf(error);
    });
    return () => {
      aborter.abort();
      clearTimeout(quiet);
    };
  }, []);
  return { bulks: bulks.value, failure: failure.value };
}
