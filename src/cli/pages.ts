import { type Page } from '../contract/journal-reader.ts';

/** Where in a list, and how many. */
export interface Position {
  readonly limit: number;
  readonly before?: number;
}

const longest = 500;

/** One page, filled from as many short ones as that takes: a search looks at so many rows a question. */
export async function filled({ limit, before }: Position, ask: (position: Position) => Promise<Page>): Promise<Page> {
  const wanted = Math.min(limit, longest);
  let page = await ask({ limit: wanted, ...(before === undefined ? {} : { before }) });
  while (page.rows.length < wanted && page.next !== null) {
    const more = await ask({ limit: wanted - page.rows.length, before: page.next });
    page = { rows: [...page.rows, ...more.rows], next: more.next };
  }
  return page;
}
