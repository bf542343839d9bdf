import { type JSX } from 'preact';
import { type SystemPulse } from '../../../systems.view.ts';
import { Time, durationOf } from '../../kit/time.tsx';
import { Bars, Line } from './chart.tsx';
import { perMinute } from './minutes.ts';

/** What a system did in the last hour, minute by minute, and how long its calls took. */
export function LastHour({ of: { pulse } }: { readonly of: SystemPulse }): JSX.Element {
  const { atMs, stepMs, calls, errors } = pulse;
  const minutes = (pick: (call: (typeof calls)[number]) => readonly number[]): number[] => perMinute(calls.map(pick), stepMs);
  const slowest = Array.from({ length: 60 }, (_, minute) => {
    const values = calls.map(({ p95Ms }) => p95Ms[minute] ?? null).filter((value) => value !== null);
    return values.length === 0 ? null : Math.max(...values);
  });
  return (
    <section>
      <h2>The last hour</h2>
      <div class="charts">
        <div>
          <h3>Calls</h3>
          <Bars
            what="Calls"
            good={minutes(({ answered }) => answered)}
            bad={minutes(({ failed }) => failed)}
            goodWord="answered"
            badWord="failed"
            atMs={atMs}
          />
        </div>
        <div>
          <h3>Slowest call, p95</h3>
          <Line what="95th percentile of the slowest call" values={slowest} atMs={atMs} />
        </div>
        <div>
          <h3>Translations</h3>
          <Bars
            what="Translations"
            good={perMinute([pulse.finished], stepMs)}
            bad={perMinute([pulse.parked], stepMs)}
            goodWord="finished"
            badWord="parked"
            atMs={atMs}
          />
        </div>
      </div>
      {calls.length === 0 ? (
        <p class="hint">No call was made in the last hour.</p>
      ) : (
        <div class="scrolls">
          <table class="grid">
            <thead>
              <tr>
                <th scope="col">Call</th>
                {['answered', 'failed', 'p50', 'p95', 'p99', 'longest'].map((name) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {calls.map(({ name, answered, failed, latency }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="number">{answered.reduce((sum, count) => sum + count, 0)}</td>
                  <td class="number">{failed.reduce((sum, count) => sum + count, 0)}</td>
                  {[latency?.p50Ms, latency?.p95Ms, latency?.p99Ms, latency?.maxMs].map((ms, place) => (
                    <td key={place} class="number">
                      {ms === undefined ? '–' : durationOf(ms)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {errors.length === 0 ? null : (
        <ul class="errors">
          {errors.map(({ code, count, lastMs }) => (
            <li key={code}>
              <code>{code}</code> {count === 1 ? 'once, at' : `${count} times, last`} <Time ms={lastMs} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
