import { type JSX } from 'preact';
import { durationOf } from '../../kit/time.tsx';
import { sumOf } from './minutes.ts';

const height = 40;

interface BarsProps {
  /** What is counted, for those who do not see it: `Calls`. */
  readonly what: string;
  readonly good: readonly number[];
  readonly bad: readonly number[];
  readonly goodWord: string;
  readonly badWord: string;
  readonly atMs: number;
  readonly small?: boolean;
}

const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 5);

/** Counts a minute over the last hour: what went well below, what did not on top of it. */
export function Bars({ what, good, bad, goodWord, badWord, atMs, small = false }: BarsProps): JSX.Element {
  const [wentWell, wentWrong] = [sumOf(good), sumOf(bad)];
  const most = Math.max(1, ...good.map((count, minute) => count + (bad[minute] ?? 0)));
  const top = (count: number): number => (count * height) / most;
  const told =
    wentWell + wentWrong === 0 ? 'none' : `${wentWell} ${goodWord}${wentWrong === 0 ? '' : `, ${wentWrong} ${badWord}`}, at most ${most} a minute`;
  return (
    <figure class={small ? 'chart chart-small' : 'chart'}>
      <svg viewBox={`0 0 60 ${height}`} preserveAspectRatio="none" role="img" aria-label={`${what} of the last hour: ${told}`}>
        <line class="chart-ground" x1="0" x2="60" y1={height} y2={height} />
        {good.map((count, minute) => {
          const wrong = bad[minute] ?? 0;
          if (count + wrong === 0) return null;
          return (
            <g key={minute}>
              <title>{`${clock(atMs - (59 - minute) * 60_000)}: ${count} ${goodWord}, ${wrong} ${badWord}`}</title>
              <rect class="chart-good" x={minute + 0.1} width="0.8" y={height - top(count)} height={top(count)} />
              <rect class="chart-bad" x={minute + 0.1} width="0.8" y={height - top(count + wrong)} height={top(wrong)} />
            </g>
          );
        })}
      </svg>
      {small ? null : (
        <figcaption>
          <span>{clock(atMs - 3_600_000)}</span>
          <span>{told}</span>
          <span>{clock(atMs)}</span>
        </figcaption>
      )}
    </figure>
  );
}

interface LineProps {
  readonly what: string;
  /** A value a minute, ms; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly atMs: number;
}

/** A value a minute over the last hour; a gap where there is none. */
export function Line({ what, values, atMs }: LineProps): JSX.Element {
  const known = values.filter((value) => value !== null);
  const most = Math.max(1, ...known);
  const y = (value: number): number => height - 2 - (value * (height - 4)) / most;
  const last = known.at(-1);
  const words =
    last === undefined ? `${what}: nothing was answered in the last hour` : `${what}: at most ${durationOf(most)}, last ${durationOf(last)}`;
  return (
    <figure class="chart">
      <svg viewBox={`0 0 60 ${height}`} preserveAspectRatio="none" role="img" aria-label={words}>
        <line class="chart-ground" x1="0" x2="60" y1={height} y2={height} />
        {values.map((value, minute) => {
          if (value === null) return null;
          const next = values[minute + 1] ?? null;
          return (
            <g key={minute}>
              <title>{`${clock(atMs - (59 - minute) * 60_000)}: ${durationOf(value)}`}</title>
              {next === null ? null : <line class="chart-line" x1={minute + 0.5} y1={y(value)} x2={minute + 1.5} y2={y(next)} />}
              <rect class="chart-dot" x={minute + 0.2} width="0.6" y={y(value) - 1} height="2" />
            </g>
          );
        })}
      </svg>
      <figcaption>
        <span>{clock(atMs - 3_600_000)}</span>
        <span>{last === undefined ? 'nothing answered' : `at most ${durationOf(most)} · last ${durationOf(last)}`}</span>
        <span>{clock(atMs)}</span>
      </figcaption>
    </figure>
  );
}
