import { type TranslationRow } from '../../../../contract/journal-reader.ts';
import { useMemo } from 'preact/hooks';
import { useShortcuts } from '../../kit/keys.ts';
import { type Place, open } from './place.ts';

/** The keys of the list. */
export function useListKeys(place: Place, box: { readonly current: HTMLInputElement | null }, rowHeight: number): void {
  const { list, scroll, selection, cursor, paused } = place;
  const to = (index: number): void => {
    const row = list.at(Math.max(0, Math.min(index, list.length - 1)));
    if (row === undefined) return;
    cursor.value = row.seq;
    scroll.reveal(list.indexOf(row.seq));
  };
  const by = (step: number) => () => {
    const index = cursor.peek() === null ? -1 : list.indexOf(cursor.peek() ?? 0);
    if (index < 0) to(Math.ceil(scroll.top.peek() / rowHeight));
    else to(index + step);
  };
  const current = (): TranslationRow | undefined => (cursor.peek() === null ? undefined : list.at(list.indexOf(cursor.peek() ?? 0))?.row);
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'next row', run: by(1) },
        { key: 'k', does: 'row before', run: by(-1) },
        { key: 'ArrowDown', does: 'next row', run: by(1) },
        { key: 'ArrowUp', does: 'row before', run: by(-1) },
        { key: 'PageDown', does: 'a page on', run: () => by(scroll.rowsSeen)() },
        { key: 'PageUp', does: 'a page back', run: () => by(-scroll.rowsSeen)() },
        { key: 'Home', does: 'the newest', run: () => to(0) },
        {
          key: 'Enter',
          does: 'open the row',
          run: () => {
            const row = current();
            if (row !== undefined) open(place, row);
          },
        },
        {
          key: 'x',
          does: 'select the row',
          run: () => {
            const row = current();
            if (row === undefined) by(1)();
            else selection.toggle(row);
          },
        },
        { key: 'p', does: 'pause, go on', run: () => (paused.value = !paused.peek()) },
        {
          key: 'Escape',
          does: 'leave the search, the selection, the row',
          run: () => {
            if (document.activeElement === box.current) box.current?.blur();
            else if (selection.size.peek() > 0) selection.clear();
            else cursor.value = null;
          },
        },
      ],
      [place, rowHeight],
    ),
  );
}
