import { type JSX } from 'preact';
import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, outcomeOf, shownState } from '../../kit/state.tsx';
import { Time, durationOf } from '../../kit/time.tsx';
import { type ListRow } from './live-list.ts';

/** A cell is one line, which no window shows more of. */
const longestShown = 300;
const longestTitle = 2_000;

/** The beginning of a text of any length, as it may be shown; a pair of surrogates stays together. */
export function beginning(text: string, longest: number): string {
  if (text.length <= longest) return shownText(text);
  const end = /[\ud800-\udbff]/.test(text.charAt(longest - 1)) ? longest - 1 : longest;
  return `${shownText(text.slice(0, end))}…`;
}

/** How long it took, or takes until now. */
export const tookMs = ({ finishedMs, receivedMs }: TranslationRow, nowMs: number): number => Math.max(0, (finishedMs ?? nowMs) - receivedMs);

function Cell({ name, text }: { readonly name: string; readonly text: string }): JSX.Element {
  return (
    <span role="gridcell" class={`cell cell-${name}`} title={text === '' ? undefined : beginning(text, longestTitle)}>
      {beginning(text, longestShown)}
    </span>
  );
}

export function ListHead({ all, onAll }: { readonly all: boolean; readonly onAll: () => void }): JSX.Element {
  return (
    <div role="row" aria-rowindex={1} class="list-row list-head">
      <span role="columnheader" class="cell cell-select">
        <input type="checkbox" tabIndex={-1} aria-label="Select all that are shown" checked={all} onClick={onAll} />
      </span>
      {[
        ['time', 'Received'],
        ['state', 'State'],
        ['system', 'System'],
        ['operation', 'Operation'],
        ['type', 'Event type'],
        ['key', 'Business key'],
        ['attempts', 'Attempts'],
        ['took', 'Took'],
        ['outcome', 'Outcome'],
      ].map(([name, title]) => (
        <span key={name} role="columnheader" class={`cell cell-${name}`}>
          {title}
        </span>
      ))}
    </div>
  );
}

interface ListLineProps {
  readonly index: number;
  /** Undefined while it is read. */
  readonly of: ListRow | undefined;
  readonly active: boolean;
  readonly selected: boolean;
  readonly nowMs: number;
  readonly onOpen: (row: TranslationRow) => void;
  readonly onSelect: (row: TranslationRow, upTo: boolean) => void;
}

/** One translation in one line. */
export function ListLine({ index, of, active, selected, nowMs, onOpen, onSelect }: ListLineProps): JSX.Element {
  if (of === undefined)
    return (
      <div key={`gap-${index}`} role="row" aria-rowindex={index + 2} class="list-row list-gap">
        <span role="gridcell" class="cell cell-outcome" />
      </div>
    );
  const { row, left } = of;
  const key = row.businessKey ?? row.eventId;
  return (
    <div
      key={row.seq}
      id={`row-${row.seq}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      class={`list-row${active ? ' list-active' : ''}${left ? ' list-left' : ''}`}
      onClick={({ target }) => {
        if (target instanceof Element && target.closest('input, a, button') === null && getSelection()?.isCollapsed !== false) onOpen(row);
      }}
    >
      <span role="gridcell" class="cell cell-select">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${row.system} ${row.operation} ${beginning(key, 80)}`}
          checked={selected}
          onClick={({ shiftKey }) => onSelect(row, shiftKey)}
        />
      </span>
      <span role="gridcell" class="cell cell-time">
        <Time ms={row.receivedMs} />
      </span>
      <span role="gridcell" class="cell cell-state" title={left ? 'It has changed and does not fit the search any more' : undefined}>
        {left ? (
          <>
            was {shownState(row)}
            <span class="unseen"> (does not fit the search any more)</span>
          </>
        ) : (
          <State of={shownState(row)} />
        )}
      </span>
      <Cell name="system" text={row.system} />
      <Cell name="operation" text={row.operation === '' ? 'none' : row.operation} />
      <Cell name="type" text={row.type} />
      <span role="gridcell" class="cell cell-key" title={beginning(key, longestTitle)}>
        <a
          href={href('translations', row.id)}
          tabIndex={-1}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
            event.preventDefault();
            onOpen(row);
          }}
        >
          {beginning(key, longestShown)}
        </a>
      </span>
      <span role="gridcell" class="cell cell-attempts">
        {row.runs}
      </span>
      <span role="gridcell" class="cell cell-took">
        {durationOf(tookMs(row, nowMs))}
      </span>
      <Cell name="outcome" text={outcomeOf(row)} />
    </div>
  );
}
