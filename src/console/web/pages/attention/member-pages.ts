import { type GroupValues } from '../../../../contract/groups.ts';
import { type Page, type TranslationRow } from '../../../../contract/journal-reader.ts';
import { get } from '../../kit/api.ts';
import { belongs, filterOf, isSearchable } from './group-query.ts';

export const shownRows = 50;
const mostRows = 500;
/** Pages that are looked through for one: a search that finds nothing more ends. */
const mostPages = 20;

/** The next members of a group, newest first. */
export async function membersPage(by: GroupValues, before: number | null, aborted: AbortSignal, limit = shownRows): Promise<Page> {
  const rows: TranslationRow[] = [];
  let next = before;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const wanted = isSearchable(by) ? limit - rows.length : mostRows;
    const address = new URLSearchParams({ ...filterOf(by), limit: String(wanted), ...(next === null ? {} : { before: String(next) }) });
    const page = await get<Page>(`/api/translations?${address.toString()}`, { signal: aborted });
    for (const row of page.rows) {
      if (!belongs(row, by)) continue;
      rows.push(row);
      if (rows.length === limit) return { rows, next: row === page.rows.at(-1) ? page.next : row.seq };
    }
    next = page.next;
    if (next === null) break;
  }
  return { rows, next };
}
