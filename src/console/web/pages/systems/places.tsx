import { type JSX } from 'preact';
import { type SystemStatus } from '../../../../contract/control.ts';
import { Act } from '../../kit/act.tsx';
import { shownText } from '../../kit/shown-text.ts';
import { Time, durationOf } from '../../kit/time.tsx';

interface Props {
  readonly status: SystemStatus;
}

/** The sessions that stand with a system, and who waits for one. */
export function Sessions({ status: { sessions } }: Props): JSX.Element | null {
  if (sessions.length === 0) return null;
  return (
    <section>
      <h2>Sessions</h2>
      {sessions.map(({ transport, sessions: each, waiting, logIns, failedLogIns }) => (
        <div key={transport}>
          <p class="hint">
            {transport}: {waiting === 0 ? 'no call waits for one' : `${waiting} calls wait for one`} · {logIns} log-ins since the start,{' '}
            {failedLogIns} failed
          </p>
          <div class="scrolls">
            <table class="grid">
              <thead>
                <tr>
                  <th scope="col">User</th>
                  <th scope="col">State</th>
                  <th scope="col">Since</th>
                  <th scope="col" class="number">
                    Age
                  </th>
                  <th scope="col" class="number">
                    Calls
                  </th>
                  <th scope="col">Last error</th>
                </tr>
              </thead>
              <tbody>
                {each.map(({ user, state, sinceMs, uses, ageMs, error }) => (
                  <tr key={user}>
                    <th scope="row">{shownText(user)}</th>
                    <td class={state === 'refused' ? 'failure' : undefined}>{state}</td>
                    <td>
                      <Time ms={sinceMs} />
                    </td>
                    <td class="number">{ageMs === 0 ? '–' : durationOf(ageMs)}</td>
                    <td class="number">{uses}</td>
                    <td>{shownText(error ?? '')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </div>
      ))}
    </section>
  );
}

/** Replies that come by themselves, as files do. */
export function Replies({ status: { replies } }: Props): JSX.Element | null {
  if (replies.length === 0) return null;
  return (
    <section>
      <h2>Replies it watches for</h2>
      <ul class="plain">
        {replies.map(({ kind, about, reason, failingSinceMs, lastLookMs, last, lastMs, files, refused, badRecords, verdicts }) => (
          <li key={kind} class="place">
            <strong>{kind}</strong> <span class="hint">{shownText(about)}</span>
            <div class={reason === null ? '' : 'failure'}>
              {reason === null ? 'They are read' : shownText(reason)}
              {failingSinceMs === null ? null : (
                <>
                  {' · since '}
                  <Time ms={failingSinceMs} />
                </>
              )}
              {lastLookMs === null ? null : (
                <>
                  {' · looked for at '}
                  <Time ms={lastLookMs} />
                </>
              )}
            </div>
            <div>
              {files} {files === 1 ? 'file' : 'files'} since the start, {refused} of them refused, {badRecords} bad records · {verdicts.answered}{' '}
              answered, {verdicts.evidence} late or repeated, {verdicts.candidate} awaited by nobody
            </div>
            <Last name={last} ms={lastMs} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface SourcesProps extends Props {
  readonly onTurn: (turn: { readonly turn: 'hold' | 'resume'; readonly operation: string }) => void;
}

/** What brings events in without being asked. */
export function Sources({ status: { sources }, onTurn }: SourcesProps): JSX.Element | null {
  if (sources.length === 0) return null;
  return (
    <section>
      <h2>Sources</h2>
      <ul class="plain">
        {sources.map(({ source, about, state, reason, last, lastMs, consignments, events, parked, duplicates, lagMs }) => (
          <li key={source} class="place">
            <span class="place-act">
              <Act
                why={state === 'left out' ? 'The configuration does not name it' : null}
                onAct={() => onTurn({ turn: state === 'held' ? 'resume' : 'hold', operation: source })}
              >
                {state === 'held' ? 'Resume' : 'Pause'}
                <span class="unseen"> {source}</span>
              </Act>
            </span>
            <strong>{source}</strong> <span class={state === 'held' ? 'availability-held' : ''}>{state}</span>{' '}
            <span class="hint">{shownText(about)}</span>
            {reason === null ? null : <div class="failure">{shownText(reason)}</div>}
            <div>
              {consignments} {consignments === 1 ? 'file' : 'files'}, {events} {events === 1 ? 'event' : 'events'}, {parked} parked, {duplicates} seen
              before; since the start
              {lagMs === 0 ? '' : ` · at work for ${durationOf(lagMs)}`}
            </div>
            <Last name={last} ms={lastMs} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The file that came last, and when. */
function Last({ name, ms }: { readonly name: string | null; readonly ms: number | null }): JSX.Element | null {
  if (name === null) return null;
  return (
    <div>
      last <code>{shownText(name)}</code> {ms === null ? null : <Time ms={ms} />}
    </div>
  );
}
