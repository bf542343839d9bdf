import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { type JournalReader } from '../../../../contract/journal-reader.ts';
import { caller, forbidden } from '../../kit/caller.ts';
import { Copy } from '../../kit/copy.tsx';
import { Empty } from '../../kit/empty.tsx';
import { ask, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { Subject } from './subject.tsx';
import './audit.css';

const pageRows = 100;

type AuditRow = Awaited<ReturnType<JournalReader['audit']>>[number];

/** Who did what, and why. */
export function AuditPage(): JSX.Element {
  return (
    <section class="audit">
      <h1>Audit</h1>
      {caller.value === null ? <div class="loading" aria-busy="true" /> : <Entries />}
    </section>
  );
}

function Entries(): JSX.Element {
  const refusal = forbidden('admin');
  const again = useSignal(0);
  const before = query.value.get('before');
  const {
    value: rows,
    failure,
    slow,
  } = useLoaded<readonly AuditRow[]>(
    refusal === null ? `/api/audit?limit=${pageRows}${before === null ? '' : `&before=${encodeURIComponent(before)}`}` : null,
    again,
  );
  useEffect(() => scrollTo(0, 0), [before]);
  if (refusal !== null)
    return (
      <Empty title="The audit log is for those who look after the gateway">
        <p>{refusal}. What was done with one translation stands in its story, for everybody who may see it.</p>
      </Empty>
    );
  if (failure !== null)
    return (
      <p class="failure" role="alert">
        {failure}{' '}
        {before === null ? null : (
          <button type="button" class="act act-plain" onClick={() => ask({ before: null })}>
            To the newest
          </button>
        )}
      </p>
    );
  if (rows === null)
    return (
      <div class="loading" aria-busy="true">
        {slow ? 'reading…' : ''}
      </div>
    );
  if (rows.length === 0)
    return (
      <Empty title={before === null ? 'Nobody has done anything yet' : 'There is nothing older'}>
        <p>Each decision about a translation, a batch or a system is kept here with its reason, and each time masked fields were shown.</p>
      </Empty>
    );
  const last = rows.at(-1);
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">Subject</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ seq, who, what, subject, why, atMs }) => (
            <tr key={seq}>
              <td class="audit-when">
                <Time ms={atMs} />
              </td>
              <td class="audit-who">{shownText(who)}</td>
              <td class="audit-who">{shownText(what)}</td>
              <td class="audit-subject">
                <Subject of={subject} /> <Copy text={subject} what="subject" />
              </td>
              <td class="audit-why">{why === '' ? <span class="hint">no reason needed</span> : shownText(why)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="buttons">
        {before === null ? (
          <button type="button" class="act act-plain" onClick={() => (again.value += 1)}>
            Read again
          </button>
        ) : (
          <button type="button" class="act act-plain" onClick={() => ask({ before: null })}>
            To the newest
          </button>
        )}
        {rows.length < pageRows || last === undefined ? (
          <span class="hint">That is all there is.</span>
        ) : (
          <button type="button" class="act act-main" onClick={() => ask({ before: String(last.seq) })}>
            Older
          </button>
        )}
      </p>
    </>
  );
}
