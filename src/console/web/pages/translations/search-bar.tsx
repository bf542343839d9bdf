import { useSignal } from '@preact/signals';
import { type JSX, type RefObject } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type SystemStatus } from '../../../../contract/control.ts';
import { ask, query } from '../../kit/route.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import { type SearchName, addressTime, conditions, inputTime, ranges } from './search.ts';

const typedMs = 300;

/** Fields of one text each, as they are named in the address. */
const fields: readonly { readonly name: SearchName; readonly label: string; readonly hint?: string }[] = [
  { name: 'type', label: 'Event type' },
  { name: 'eventId', label: 'Event id' },
  { name: 'correlation', label: 'Correlation id' },
  { name: 'businessKey', label: 'Business key' },
  { name: 'key', label: 'Ordering key' },
  { name: 'code', label: 'Error code', hint: 'IN_DOUBT' },
  { name: 'over', label: 'Took over', hint: '5 s' },
];

/** What the list shows: one box, times, and everything else behind a button. All of it is in the address. */
export function SearchBar({ box }: { readonly box: RefObject<HTMLInputElement | null> }): JSX.Element {
  const text = query.value.get('text') ?? '';
  const typed = useSignal(text);
  const unfolded = useSignal(false);
  useEffect(() => {
    typed.value = text;
  }, [text]);
  useEffect(() => {
    if (typed.value.trim() === text) return undefined;
    const timer = setTimeout(() => search({ text: typed.value.trim() }, true), typedMs);
    return () => clearTimeout(timer);
  }, [typed.value]);
  const hidden = conditions(query.value).filter(({ name }) => name !== 'text' && name !== 'state' && name !== 'inDoubt' && name !== 'last');
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search({ text: typed.value.trim() });
        box.current?.blur();
      }}
    >
      <label class="search-text">
        <span class="unseen">Search</span>
        <input
          ref={box}
          type="search"
          name="text"
          autoComplete="off"
          spellcheck={false}
          maxLength={200}
          placeholder="Search: id, key, code, type, system, words  ( / )"
          value={typed.value}
          onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            document.querySelector<HTMLElement>('[role=grid]')?.focus();
          }}
        />
      </label>
      <TimeRange />
      <button type="button" class="act act-plain" aria-expanded={unfolded.value} onClick={() => (unfolded.value = !unfolded.value)}>
        Filters{hidden.length === 0 ? '' : ` (${hidden.length})`} {unfolded.value ? '▴' : '▾'}
      </button>
      {unfolded.value ? <Fields /> : null}
      {hidden.length === 0 ? null : (
        <p class="chips">
          {hidden.map(({ name, words }) => (
            <button key={name} type="button" class="chip" aria-label={`Take away: ${words}`} onClick={() => search({ [name]: '' })}>
              {words} <span aria-hidden="true">×</span>
            </button>
          ))}
        </p>
      )}
    </form>
  );
}

/** Another search begins at its newest row. */
export function search(changes: Readonly<Partial<Record<SearchName, string>>>, replace = false): void {
  ask({ ...changes, row: null }, { replace });
}

function TimeRange(): JSX.Element {
  const last = query.value.get('last') ?? '';
  const own = query.value.has('from') || query.value.has('to');
  return (
    <label>
      <span class="unseen">Received</span>
      <select
        name="range"
        value={own ? 'own' : last}
        onChange={({ currentTarget: { value } }) => {
          if (value === 'own') search({ last: '', from: new Date(Date.now() - 3_600_000).toISOString() });
          else search({ last: value, from: '', to: '' });
        }}
      >
        <option value="">any time</option>
        {[...ranges].map(([name, { words }]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
        <option value="own">from … until …</option>
        {last !== '' && !ranges.has(last) ? <option value={last}>{last.slice(0, 40)}</option> : null}
      </select>
      {own ? (
        <span class="own-range">
          {(['from', 'to'] as const).map((name) => (
            <input
              key={name}
              type="datetime-local"
              aria-label={name === 'from' ? 'Received from' : 'Received until'}
              value={inputTime(query.value.get(name))}
              onChange={({ currentTarget: { value } }) => search({ [name]: addressTime(value) })}
            />
          ))}
        </span>
      ) : null}
    </label>
  );
}

function Fields(): JSX.Element {
  const { value: systems } = useLoaded<readonly SystemStatus[]>('/api/systems');
  const system = query.value.get('system') ?? '';
  const operations = useMemo(
    () => [...new Set((systems ?? []).filter((each) => system === '' || each.system === system).flatMap((each) => each.operations))].sort(),
    [systems, system],
  );
  return (
    <div class="fields">
      <Choice name="system" label="System" of={(systems ?? []).map((each) => each.system)} />
      <Choice name="operation" label="Operation" of={operations} />
      {fields.map((field) => (
        <TypedField key={field.name} {...field} />
      ))}
    </div>
  );
}

/** What is typed stays while the page is drawn again around it. */
function TypedField({ name, label, hint }: (typeof fields)[number]): JSX.Element {
  const asked = query.value.get(name) ?? '';
  const typed = useSignal(asked);
  useEffect(() => {
    typed.value = asked;
  }, [asked]);
  return (
    <label>
      {label}
      <input
        name={name}
        autoComplete="off"
        spellcheck={false}
        placeholder={hint}
        value={typed.value}
        onInput={({ currentTarget: { value } }) => (typed.value = value)}
        onChange={({ currentTarget: { value } }) => search({ [name]: value.trim() })}
      />
    </label>
  );
}

function Choice({ name, label, of }: { readonly name: SearchName; readonly label: string; readonly of: readonly string[] }): JSX.Element {
  const chosen = query.value.get(name) ?? '';
  return (
    <label>
      {label}
      <select name={name} value={chosen} onChange={({ currentTarget: { value } }) => search({ [name]: value })}>
        <option value="">any</option>
        {[...new Set([...of, chosen])].filter(Boolean).map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
