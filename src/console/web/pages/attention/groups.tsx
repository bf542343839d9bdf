import { useComputed, useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type CodesView } from '../../../attention.view.ts';
import { type GroupValues, type Grouping, type ParkedGroup, type ParkedGroups, groupKey, groupings } from '../../../../contract/groups.ts';
import { Empty } from '../../kit/empty.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { ask, base, go, href, query } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { Time } from '../../kit/time.tsx';
import { useLoaded } from '../../kit/use-loaded.ts';
import { useChanges } from '../../kit/use-changes.ts';
import { bySeverity, groupingOf, orderOf } from './group-query.ts';
import { Note } from './note.tsx';
import { Spark } from './spark.tsx';

const againMs = 2_000;

/** The address of a group: its members. */
export const groupHref = (by: GroupValues): string => `${href('attention')}?${new URLSearchParams({ group: groupKeyText(by) }).toString()}`;
const groupKeyText = (by: GroupValues): string => JSON.stringify(by);

/** What needs a person, by what it has in common. */
export function Groups({ codes }: { readonly codes: CodesView | null }): JSX.Element {
  const by = groupingOf(query.value.get('by'));
  const changes = useChanges('state=parked', againMs);
  const noted = useSignal(0);
  const again = useComputed(() => changes.value + noted.value);
  const { value, failure, slow } = useLoaded<ParkedGroups>(`/api/groups?by=${by.join(',')}`, again);
  const list = useRef<HTMLUListElement>(null);
  const shown = useRef<{ order: readonly string[]; groups: ReadonlyMap<string, ParkedGroup> }>({ order: [], groups: new Map() });
  const pointed = useSignal(false);
  const now = new Map((value?.groups ?? []).toSorted(bySeverity).map((group) => [groupKey(group.by), group]));
  const still = pointed.value || list.current?.contains(document.activeElement) === true;
  const order = orderOf(shown.current.order, [...now.keys()], still);
  const groups = new Map(order.map((key) => [key, now.get(key) ?? emptied(shown.current.groups.get(key))]));
  shown.current = { order, groups };
  const move = (by: 1 | -1): void => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>('.group-name') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    links[at === -1 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
  };
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'the next group', run: () => move(1) },
        { key: 'k', does: 'the group before', run: () => move(-1) },
        { key: 'd', does: 'settle those in doubt', run: () => go(href('attention', 'doubt')) },
      ],
      [],
    ),
  );
  return (
    <section aria-labelledby="groups">
      <div class="attention-head">
        <h2 id="groups">Groups</h2>
        <GroupedBy by={by} />
      </div>
      {failure === null ? null : (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {value === null && slow ? <p class="hint">Counting…</p> : null}
      {value !== null && groups.size === 0 ? (
        <Empty title="Nothing needs a person">
          <p>
            What is parked or in doubt will stand here, in groups. What goes on is in <a href={href('translations')}>Translations</a>.
          </p>
        </Empty>
      ) : null}
      <ul ref={list} class="groups" onPointerEnter={() => (pointed.value = true)} onPointerLeave={() => (pointed.value = false)}>
        {[...groups].map(([key, group]) => (
          <Group key={key} group={group} codes={codes} onNoted={() => (noted.value += 1)} />
        ))}
      </ul>
      {value?.more === true ? <p class="hint">There are more groups than are shown: group by less, or settle some of these first.</p> : null}
    </section>
  );
}

/** One that was there and is not any more, while somebody points at it. */
const emptied = (group: ParkedGroup | undefined): ParkedGroup => ({
  ...(group ?? { by: {}, firstMs: 0, lastMs: 0, spark: [], note: null }),
  count: 0,
  inDoubt: 0,
});

function GroupedBy({ by }: { readonly by: readonly Grouping[] }): JSX.Element {
  return (
    <fieldset class="grouped-by">
      <legend>By</legend>
      {groupings.map((name) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={by.includes(name)}
            onChange={(event) => {
              const next = groupings.filter((each) => (each === name ? event.currentTarget.checked : by.includes(each)));
              ask({ by: next.join(',') }, { replace: true });
              event.currentTarget.checked = groupingOf(next.join(',')).includes(name);
            }}
          />{' '}
          {name === 'native' ? "the system's own code" : name}
        </label>
      ))}
    </fieldset>
  );
}

interface GroupProps {
  readonly group: ParkedGroup;
  readonly codes: CodesView | null;
  readonly onNoted: () => void;
}

function Group({ group: { by, count, inDoubt, firstMs, lastMs, spark, note }, codes, onNoted }: GroupProps): JSX.Element {
  return (
    <li class={`group ${inDoubt > 0 ? 'group-doubt' : ''} ${count === 0 ? 'group-gone' : ''}`}>
      <div class="group-what">
        <a class="group-name" href={groupHref(by)}>
          <GroupName by={by} />
        </a>
        <Meaning by={by} codes={codes} />
        <Note by={by} note={note} onSaved={onNoted} />
      </div>
      <p class="group-count">
        <strong>{count.toLocaleString('en')}</strong> {count === 0 ? 'left' : 'parked'}
        {inDoubt === 0 ? null : (
          <a class="state-in-doubt group-settle" href={`${base}attention/doubt?${doubtQuery(by)}`}>
            <span aria-hidden="true">?</span> {inDoubt.toLocaleString('en')} in doubt
          </a>
        )}
      </p>
      <p class="group-when">
        <span class="hint">first</span> <Time ms={firstMs} />
        <br />
        <span class="hint">last</span> <Time ms={lastMs} />
      </p>
      <Spark counts={spark} />
    </li>
  );
}

/** The desk for one group shows those of its system and operation. */
function doubtQuery(by: GroupValues): string {
  const wanted = new URLSearchParams();
  for (const name of ['system', 'operation'] as const) if (typeof by[name] === 'string') wanted.set(name, by[name]);
  return wanted.toString();
}

/** What the members have in common, as it is read: `NO_ANSWER · depot · send-order`. */
export function GroupName({ by }: { readonly by: GroupValues }): JSX.Element {
  const values = groupings.filter((name) => by[name] !== undefined);
  return (
    <>
      {values.map((name, place) => (
        <span key={name} title={name}>
          {place === 0 ? '' : ' · '}
          <span class={name === 'code' || name === 'native' ? 'mono' : undefined}>{shownText(by[name] ?? '') || `no ${name}`}</span>
        </span>
      ))}
    </>
  );
}

/** What the code means and what to do about it. */
export function Meaning({ by, codes }: { readonly by: GroupValues; readonly codes: CodesView | null }): JSX.Element | null {
  const known = codes !== null && typeof by.code === 'string' && Object.hasOwn(codes, by.code) ? codes[by.code as keyof CodesView] : undefined;
  return known === undefined ? null : (
    <p class="hint">
      {known.means} <em>{known.remedy}</em>
    </p>
  );
}
