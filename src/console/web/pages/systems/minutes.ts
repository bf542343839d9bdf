/** Steps of a series added up to minutes, oldest first. */
export function perMinute(series: readonly (readonly number[])[], stepMs: number): number[] {
  const minutes = Array.from({ length: 60 }, () => 0);
  for (const counts of series)
    for (const [step, count] of counts.entries()) {
      const minute = Math.floor((step * stepMs) / 60_000);
      minutes[minute] = (minutes[minute] ?? 0) + count;
    }
  return minutes;
}

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** How many a second in the last whole minute: `0.4/s`, `12/s`. */
export function rateOf(series: readonly (readonly number[])[], stepMs: number): string {
  const steps = Math.round(60_000 / stepMs);
  const perSecond = sumOf(series.map((counts) => sumOf(counts.slice(-steps - 1, -1)))) / 60;
  return `${perSecond >= 10 || perSecond === 0 ? Math.round(perSecond) : perSecond.toFixed(perSecond < 1 ? 2 : 1)}/s`;
}
