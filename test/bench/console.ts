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
  /** The same browser in the same run, for a line of JSON from the same gateway: what a page costs that does nothing. */
  readonly nothingMs: number;
  readonly rowsDrawn: number;
  readonly requestsForRows: number;
  readonly live: readonly { readonly changes: number; readonly heapMb: number; readonly nodes: number }[];
  /** Once a minute, while events come at a steady rate. */
  readonly steady: readonly SteadyMinute[];
}

interface SteadyMinute {
  readonly minute: number;
  readonly events: number;
  /** Heap and nodes of the page, after a collection. */
  readonly heapMb: number;
  readonly nodes: number;
  /** From the acceptance of the last event to its row on the page. */
  readonly lagMs: number;
}

const batch = 100;

export async function runConsole(
  { rows, changes, rounds, minutes }: { rows: number; changes: number; rounds: number; minutes: number },
  say: (text: string) => void,
): Promise<ConsoleResult> {
  const browser = await ConsoleBrowser.start();
  try {
    return {
      rows,
      ...(await onLargeJournal(browser, rows, rounds, say)),
      live: await whileLive(browser, changes, say),
      steady: await steadily(browser, minutes, say),
    };
  } finally {
    await browser.close();
  }
}

async function onLargeJournal(
  browser: ConsoleBrowser,
  rows: number,
  rounds: number,
  say: (text: string) => void,
): Promise<Omit<ConsoleResult, 'rows' | 'live' | 'steady'>> {
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
    const nothingMs = await medianOfPages(browser, rounds, async (page) => void (await page.goto(`${ground.url}/api/caller`)));
    let [rowsDrawn, requestsForRows] = [0, 0];
    const firstRowsMs = await medianOfPages(browser, rounds, async (page) => {
      requestsForRows = 0;
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/api/translations') requestsForRows += 1;
      });
      await page.goto(`${ground.url}/console/translations`, { waitUntil: 'commit' });
      await page.locator('.list-row .state').first().waitFor();
      rowsDrawn = await page.locator('.list-row').count();
    });
    say(
      `first rows after ${firstRowsMs.toFixed(0)} ms, a page of nothing after ${nothingMs.toFixed(0)} ms, ${rowsDrawn} drawn, ${requestsForRows} requests for rows`,
    );
    return { api, firstRowsMs, nothingMs, rowsDrawn, requestsForRows };
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

/** A hundred events a second, by the clock, with the page open all the time. */
async function steadily(browser: ConsoleBrowser, minutes: number, say: (text: string) => void): Promise<readonly SteadyMinute[]> {
  const points: SteadyMinute[] = [];
  if (minutes === 0) return points;
  const ground = await ConsoleGround.start();
  try {
    const page = await browser.page();
    await page.goto(`${ground.url}/console/translations`);
    await page.getByText('No event has come yet').waitFor();
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable');
    const start = performance.now();
    for (let minute = 1, events = 0; minute <= minutes; minute += 1) {
      for (let second = 0; second < 60; second += 1) {
        await until(start + ((minute - 1) * 60 + second) * 1_000);
        await wanted(
          ground,
          Array.from({ length: batch }, () => `E-${(events += 1)}`),
        );
      }
      const accepted = performance.now();
      await page.getByText(`E-${events}`, { exact: false }).first().waitFor();
      const lagMs = performance.now() - accepted;
      const point = { minute, events, ...(await kept(page, metrics)), lagMs };
      points.push(point);
      say(
        `minute ${minute}, ${events} events: ${point.heapMb.toFixed(1)} MB, ${point.nodes} nodes, the last one shown within ${point.lagMs.toFixed(0)} ms`,
      );
    }
    return points;
  } finally {
    await ground.stop();
  }
}

const until = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - performance.now())));

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

/** Each in a browser context of its own, whose making is not counted. */
function medianOfPages(browser: ConsoleBrowser, rounds: number, work: (page: Page) => Promise<void>): Promise<number> {
  return medianOf(rounds, async () => {
    const page = await browser.page();
    const start = performance.now();
    await work(page);
    const ms = performance.now() - start;
    await page.context().close();
    return ms;
  });
}

const median = (rounds: number, work: () => Promise<void>): Promise<number> =>
  medianOf(rounds, async () => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  });

async function medianOf(rounds: number, measure: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n += 1) times.push(await measure());
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}
