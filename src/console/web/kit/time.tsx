import { type JSX } from 'preact';

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time, with the date when it is not today: `14:03:09.120`, `2026-03-01 14:03:09`. */
export function localTime(ms: number, now: number = Date.now()): string {
  const at = new Date(ms);
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  if (at.toDateString() === new Date(now).toDateString()) return `${clock}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
}

/** A duration in the unit a person thinks in: `312 ms`, `4.2 s`, `3 min`, `5 h 12 min`, `3 d 4 h`. */
export function durationOf(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Local time; UTC when pointed at. */
export function Time({ ms }: { readonly ms: number }): JSX.Element {
  const utc = new Date(ms).toISOString();
  return (
    <time dateTime={utc} title={`${utc} (UTC)`}>
      {localTime(ms)}
    </time>
  );
}
