import { type JSX } from 'preact';
import { shownText } from '../../kit/shown-text.ts';
import { Time, durationOf } from '../../kit/time.tsx';
import { type Entry, type Tone, sinceBefore } from './timeline.ts';

const signs: Readonly<Record<Tone, string>> = { plain: '·', good: '✓', bad: '!', doubt: '?', wait: '◷' };
const words: Readonly<Record<Tone, string>> = { plain: '', good: 'went well', bad: 'went wrong', doubt: 'in doubt', wait: 'not ended' };
const longestDetail = 600;

interface TimelineProps {
  readonly entries: readonly Entry[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

/** The story line by line; the line that is chosen says what the panes show. */
export function Timeline({ entries, selected, onSelect }: TimelineProps): JSX.Element {
  return (
    <ol class="timeline" aria-label="Timeline">
      {entries.map((entry, n) => (
        <li key={entry.id}>
          <button
            type="button"
            id={`entry-${entry.id}`}
            class={`entry entry-${entry.tone} entry-depth-${entry.depth}`}
            aria-current={entry.id === selected ? 'true' : undefined}
            onClick={() => onSelect(entry.id)}
          >
            <span class="entry-time">{entry.atMs === null ? '' : <Time ms={entry.atMs} />}</span>
            <span class="entry-since">{sinceBefore(entries, n)}</span>
            <span class="entry-sign" aria-hidden="true">
              {signs[entry.tone]}
            </span>
            <span class="unseen">{words[entry.tone]}</span>
            <span class="entry-title">{shownText(entry.title)}</span>
            <span class="entry-took">{entry.tookMs === null ? '' : durationOf(entry.tookMs)}</span>
            <span class="entry-detail">{shownText(entry.detail.slice(0, longestDetail))}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
