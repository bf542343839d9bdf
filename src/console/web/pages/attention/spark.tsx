import { type JSX } from 'preact';

const height = 20;
const step = 5;

/** How many came in each hour, as a line; the words say the same. */
export function Spark({ counts }: { readonly counts: readonly number[] }): JSX.Element {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, each) => sum + each, 0);
  const words =
    total === 0 ? `none arrived in the last ${counts.length} hours` : `${total} arrived in the last ${counts.length} hours, at most ${most} in one`;
  return (
    <svg class="spark" viewBox={`0 0 ${counts.length * step} ${height}`} role="img" aria-label={words}>
      <title>{words}</title>
      {counts.map((count, hour) => {
        const tall = count === 0 ? 1 : Math.max(2, (count / most) * height);
        return <rect key={hour} class={count === 0 ? 'spark-none' : 'spark-some'} x={hour * step} y={height - tall} width={step - 1} height={tall} />;
      })}
    </svg>
  );
}
