/** The list of translations in a browser: what it asks of the gateway and how soon it stands on a large journal; what it keeps while it runs. */
import { type CDPSession, type Page } from 'playwright-core';
import { ConsoleBrowser } from '../support/console.ts';
import { ConsoleGround } from '../support/console-ground.ts';
import { writeLargeJournal } from '../support/large-journal.ts';

export interface ConsoleResult {
  readonly rows: number;
  /** Median ms of the API, seen from here. */
  readonly api: Readonly<Record<string, number>>;
  /** Median ms from the request for the page to the first rows on it, in a browser that has nothing yet. */
  readonly firstRowsMs: number;
  readonly rowsDrawn: number;
  readonly requestsForRows: number;
  readonly live: readonly { readonly changes: number; readonly heapMb: number; readonly nodes: number }[];
}

const batch = 100;

export async function runConsole(
  { rows, changes, rounds }: { rows: number; changes: number; rounds: number },
  say: (text: string) => void,
): Promise<ConsoleResult> {
  const browser = await ConsoleBrowser.start();
  try {
    return { rows, ...(await onLargeJournal(browser, rows, rounds, say)), live: await whileLive(browser, changes, say) };
  } finally {
    await browser.close();
  }
}

async function onLargeJournal(
  browser: ConsoleBrowser,
  rows: number,
  rounds: number,
  say: (text: string) => void,
): Promise<Omit<ConsoleResult, 'rows' | 'live'>> {
  const ground = await ConsoleGround.start({ journal: (path) => writeLargeJournal(path, rows) });
  try {
    const api: Record<string, number> = {};
    for (const [name, path] of Object.entries({
      list: '/api/translations?limit=100',
      'list of parked': '/api/translations?limit=100&state=parked',
      'list by text': '/api/translations?limit=100&text=ORD-4711',
      'deep in the list': `/api/translations?limit=100&before=${Math.floor(rows / 2)}`,
      counts: '/api/translations/counts',
      'counts of a search': '/api/translations/counts?system=system-1&code=DEFECT',
    })) {
      api[name] = await median(20, async () => void (await (await fetch(ground.url + path)).arrayBuffer()));
      say(`${name}: ${api[name].toFixed(1)} ms`);
    }
    let [rowsDrawn, requestsForRows] = [0, 0];
    const firstRowsMs = await median(rounds, async () => {
      const page = await browser.page();
      requestsForRows = 0;
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/api/translations') requestsForRows += 1;
      });
      await page.goto(`${ground.url}/console/translations`, { waitUntil: 'commit' });
      await page.locator('.list-row .state').first().waitFor();
      rowsDrawn = await page.locator('.list-row').count();
      return () => page.context().close();
    });
    say(`first rows after ${firstRowsMs.toFixed(0)} ms, ${rowsDrawn} drawn, ${requestsForRows} requests for rows`);
    return { api, firstRowsMs, rowsDrawn, requestsForRows };
  } finally {
    await ground.stop();
  }
}

async function whileLive(browser: ConsoleBrowser, changes: number, say: (text: string) => void): Promise<ConsoleResult['live']> {
  const ground = await ConsoleGround.start();
  try {
    const page = await browser.page();
    await page.goto(`${ground.url}/console/translations`);
    await page.getByText('No event has come yet').waitFor();
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable');
    const told = await countChanges(ground.url);
    const points: { changes: number; heapMb: number; nodes: number }[] = [];
    const marks = [changes / 10, changes / 2, changes];
    try {
      for (let sent = 0; told.count() < changes;) {
        await wanted(
          ground,
          Array.from({ length: batch }, () => `E-${(sent += 1)}`),
        );
        const mark = marks[points.length];
        if (mark !== undefined && told.count() >= mark) {
          points.push({ changes: told.count(), ...(await kept(page, metrics)) });
          say(`after ${told.count()} changes: ${points.at(-1)?.heapMb.toFixed(1)} MB, ${points.at(-1)?.nodes} nodes`);
        }
      }
    } finally {
      told.stop();
    }
    return points;
  } finally {
    await ground.stop();
  }
}

/** Heap of the page after a collection, and nodes of its document. */
async function kept(page: Page, session: CDPSession): Promise<{ heapMb: number; nodes: number }> {
  await page.locator('.list-row').first().waitFor();
  for (let n = 0; n < 2; n += 1) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heapMb: of('JSHeapUsedSize') / 1_048_576, nodes: of('Nodes') };
}

/** A reader beside the page, of the same stream. */
async function countChanges(url: string): Promise<{ count(): number; stop(): void }> {
  const aborter = new AbortController();
  const response = await fetch(`${url}/api/changes`, { signal: aborter.signal });
  let count = 0;
  const read = async (): Promise<void> => {
    for await (const piece of response.body ?? [])
      count +=
        Buffer.from(piece as Uint8Array)
          .toString('latin1')
          .split('\ndata: ').length - 1;
  };
  read().catch(() => undefined);
  return { count: () => count, stop: () => aborter.abort() };
}

/** Sends again when the gateway has enough for now. */
async function wanted(ground: ConsoleGround, ids: readonly string[]): Promise<void> {
  for (;;)
    try {
      await ground.want(ids);
      return;
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('503'))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
}

/** What the work answers with is done after the clock has stopped. */
async function median(rounds: number, work: () => Promise<(() => Promise<void>) | void>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    const start = performance.now();
    const after = await work();
    times.push(performance.now() - start);
    await after?.();
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}
