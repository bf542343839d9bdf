import { type JSX } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { Copy } from '../../kit/copy.tsx';
import { useShortcuts } from '../../kit/keys.ts';
import { href } from '../../kit/route.ts';
import { shownText } from '../../kit/shown-text.ts';
import { State, outcomeOf, shownState } from '../../kit/state.tsx';
import { Time } from '../../kit/time.tsx';
import { type ShownMember } from './in-place.ts';

interface MemberTableProps {
  readonly members: readonly ShownMember[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: (id: string, on: boolean) => void;
}

/** Members of a group; `x` chooses the one in focus. */
export function MemberTable({ members, chosen, onChoose }: MemberTableProps): JSX.Element {
  const table = useRef<HTMLTableElement>(null);
  const links = (): HTMLElement[] => [...(table.current?.querySelectorAll<HTMLElement>('.member-id') ?? [])];
  const move = (by: 1 | -1): void => {
    const all = links();
    const at = all.findIndex((link) => link.closest('tr')?.contains(document.activeElement) === true);
    all[at === -1 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
  };
  useShortcuts(
    useMemo(
      () => [
        { key: 'j', does: 'the next translation', run: () => move(1) },
        { key: 'k', does: 'the translation before', run: () => move(-1) },
        {
          key: 'x',
          does: 'choose the translation in focus',
          run: () => document.activeElement?.closest('tr')?.querySelector<HTMLInputElement>('input[type=checkbox]')?.click(),
        },
      ],
      [],
    ),
  );
  const present = members.filter(({ gone }) => !gone);
  const all = present.length > 0 && present.every(({ row }) => chosen.has(row.id));
  return (
    <div class="wide">
      <table ref={table} class="members">
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Choose all on this page"
                checked={all}
                onChange={(event) => {
                  for (const { row } of present) onChoose(row.id, event.currentTarget.checked);
                }}
              />
            </th>
            <th scope="col">Received</th>
            <th scope="col">Translation</th>
            <th scope="col">Business key</th>
            <th scope="col">State</th>
            <th scope="col">Tries</th>
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody>
          {members.map(({ row, gone }) => (
            <tr key={row.id} class={gone ? 'member-gone' : undefined}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Choose ${row.id.slice(0, 8)}`}
                  checked={chosen.has(row.id) && !gone}
                  disabled={gone}
                  onChange={(event) => onChoose(row.id, event.currentTarget.checked)}
                />
              </td>
              <td>
                <Time ms={row.receivedMs} />
              </td>
              <td class="mono">
                <a class="member-id" href={href('translations', row.id)}>
                  {row.id.slice(0, 8)}
                </a>
                <Copy text={row.id} what="id" />
              </td>
              <td class="clip" title={shownText(row.businessKey ?? '')}>
                {shownText((row.businessKey ?? '').slice(0, 200))}
              </td>
              <td>{gone ? <span class="hint">settled</span> : <State of={shownState(row)} />}</td>
              <td class="number">{row.attempts}</td>
              <td class="clip member-outcome" title={shownText(outcomeOf(row))}>
                {gone ? <span class="hint">not in this group any more</span> : shownText(outcomeOf(row).slice(0, 400))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
