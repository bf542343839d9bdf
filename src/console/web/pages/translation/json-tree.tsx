import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { shownText } from '../../kit/shown-text.ts';
import { sizeOf } from './payload.ts';
import { type Item, endOf, isHolder, isList, itemsOf, startOf } from './json-outline.ts';

/** Up to that size all of it is open at once. */
const smallText = 20_000;
const openLevels = 8;
const itemsAtOnce = 100;
const scalarCharacters = 2_000;

/** JSON as a tree that folds. `text` was found to be JSON. */
export function JsonTree({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  const start = startOf(text);
  const item: Item = { name: null, place: 0, start, end: endOf(text, start) };
  return (
    <div class="json" role="group" aria-label={label}>
      <Value text={text} item={item} level={0} />
    </div>
  );
}

interface ValueProps {
  readonly text: string;
  readonly item: Item;
  readonly level: number;
}

function Value({ text, item, level }: ValueProps): JSX.Element {
  return isHolder(text, item.start) ? <Holder text={text} item={item} level={level} /> : <Scalar text={text} item={item} />;
}

const Name = ({ item }: { readonly item: Item }): JSX.Element | null =>
  item.name === null ? null : <span class="json-name">{shownText(item.name.slice(0, scalarCharacters))}: </span>;

function Scalar({ text, item }: { readonly text: string; readonly item: Item }): JSX.Element {
  const upTo = useSignal(scalarCharacters);
  const value = text.slice(item.start, Math.min(item.end, item.start + upTo.value));
  const left = item.end - item.start - value.length;
  return (
    <div class="json-line">
      <Name item={item} />
      <span class={value.startsWith('"') ? 'json-text' : 'json-word'}>{shownText(value)}</span>
      {left > 0 ? (
        <button type="button" class="act act-plain" onClick={() => (upTo.value += 50 * scalarCharacters)}>
          Show more ({sizeOf(left)} left)
        </button>
      ) : null}
    </div>
  );
}

function Holder({ text, item, level }: ValueProps): JSX.Element {
  const list = isList(text, item.start);
  const [begin, end] = list ? ['[', ']'] : ['{', '}'];
  const open = useSignal(level === 0 || (text.length <= smallText && level < openLevels));
  const empty = itemsOf(text, item.start, 1).items.length === 0;
  if (empty)
    return (
      <div class="json-line">
        <Name item={item} />
        {begin + end}
      </div>
    );
  return (
    <div class="json-holder">
      <button type="button" class="json-fold" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <span class="json-sign" aria-hidden="true">
          {open.value ? '▾' : '▸'}
        </span>
        <Name item={item} />
        {open.value ? begin : `${begin}…${end}`} {open.value ? null : <span class="hint">{sizeOf(item.end - item.start)}</span>}
      </button>
      {open.value ? (
        <>
          <div class="json-items">
            <Items text={text} item={item} level={level} />
          </div>
          <div class="json-line">{end}</div>
        </>
      ) : null}
    </div>
  );
}

function Items({ text, item, level }: ValueProps): JSX.Element {
  const pieces = useSignal(1);
  const shown: Item[] = [];
  let next: number | null = null;
  for (let piece = 0; piece < pieces.value; piece += 1) {
    const found = itemsOf(text, item.start, itemsAtOnce, next, shown.length);
    shown.push(...found.items);
    next = found.next;
    if (next === null) break;
  }
  return (
    <>
      {shown.map((each) => (
        <Value key={each.place} text={text} item={each} level={level + 1} />
      ))}
      {next === null ? null : (
        <button type="button" class="act act-plain" onClick={() => (pieces.value += 1)}>
          Show {itemsAtOnce} more ({sizeOf(item.end - next)} left)
        </button>
      )}
    </>
  );
}
