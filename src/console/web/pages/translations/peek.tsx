import { type JSX } from 'preact';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { Copy } from '../../kit/copy.tsx';
import { href } from '../../kit/route.ts';
import { outcomeOf } from '../../kit/state.tsx';
import { beginning } from './list-row.tsx';

/** Bodies have a page of their own; this is for keys and messages. */
const longestShown = 20_000;

/** The row that the keyboard is at, with nothing cut off. */
export function Peek({ row }: { readonly row: TranslationRow }): JSX.Element {
  const ids: readonly (readonly [string, string | null])[] = [
    ['Translation', row.id],
    ['Event', row.eventId],
    ['Business key', row.businessKey],
    ['Ordering key', row.key],
    ['Correlation', row.correlation],
    ['Event type', row.type],
    ['Source', row.source],
    ['Replay of', row.replayOf],
  ];
  return (
    <section class="peek" aria-label="The row at hand">
      <p class="peek-outcome">
        {beginning(outcomeOf(row), longestShown)}
        {row.duplicates > 0 ? <span class="hint"> Its event came {row.duplicates} times more.</span> : null}
      </p>
      <dl>
        {ids.map(([name, text]) =>
          text === null || text === '' ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd class="mono">
                {name === 'Correlation' ? <a href={href('flows', text)}>{beginning(text, longestShown)}</a> : beginning(text, longestShown)}
                <Copy text={text} what={name.toLowerCase()} />
              </dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
