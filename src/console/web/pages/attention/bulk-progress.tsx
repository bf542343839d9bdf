import { type JSX } from 'preact';
import { type BulkView } from '../../../bulk.view.ts';

const signs: Readonly<Record<BulkView['state'], string>> = { freezing: '◌', running: '◐', stopped: '▮', done: '●' };

/** Its state in one word, or which one it waits for. */
export function BulkState({ bulk }: { readonly bulk: BulkView }): JSX.Element {
  return (
    <span class={`state bulk-${bulk.state}`}>
      <span aria-hidden="true">{signs[bulk.state]}</span> {bulk.behind === null ? bulk.state : `waits for ${bulk.behind}`}
    </span>
  );
}

/** How many of it are through, whatever became of them. */
export function Progress({ bulk: { total, done, failed, skipped } }: { readonly bulk: BulkView }): JSX.Element {
  const ended = done + failed + skipped;
  return (
    <>
      <progress max={Math.max(1, total)} value={ended} aria-label={`${ended} of ${total}`} />{' '}
      <span class="number">
        {ended.toLocaleString('en')} of {total.toLocaleString('en')}
      </span>
    </>
  );
}
