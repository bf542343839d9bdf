import { createWriteStream, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus } from '../../src/contract/bus.ts';
import { customers, orders, sourceSettings, startPickupRig } from '../support/pickups.ts';

/** One file brought in, journal on: records a second until the last one is published, and what it cost. */
export interface PickupResult {
  readonly records: number;
  readonly fileBytes: number;
  /** Until everything is in the archive and published. */
  readonly recordsPerSecond: number;
  /** CPU of this process, µs a record. */
  readonly cpuUs: number;
  /** Most memory outside the file system's cache during the run, bytes above what there was before. */
  readonly peakRssBytes: number;
}

/** Two extracts of so many rows, the second with one in a hundred changed, new or gone. */
export interface SnapshotResult {
  readonly rows: number;
  readonly firstRowsPerSecond: number;
  readonly secondRowsPerSecond: number;
  readonly peakRssBytes: number;
}

const confirming = (bus: Bus): Bus =>
  new Proxy(bus, {
    get: (target, name) => {
      if (name === 'publish') return async () => ({ end: 'confirmed', routed: true });
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

async function compare(rows: number): Promise<SnapshotResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const rig = await startPickupRig({
    sources: [customers({ first: 'baseline' })],
    settings: [sourceSettings('customers', { directory: folder })],
    wrap: { bus: confirming },
  });
  const seconds: number[] = [];
  try {
    for (const generation of [0, 1]) {
      const file = createWriteStream(join(folder, `.${generation}`));
      for (let row = 0; row < rows; row += 1) {
        const changed = generation === 1 && row % 300 === 0 ? `-${row % 900 === 0 ? 'new' : ''}` : '';
        const key = changed === '-new' ? `C-new-${row}` : `C-${row}`;
        if (!(changed === '-' && row % 600 === 0) && !file.write(`${key};some name of a customer ${row}${changed}\n`)) await once(file, 'drain');
      }
      file.end();
      await once(file, 'finish');
      const startMs = performance.now();
      renameSync(join(folder, `.${generation}`), join(folder, `${generation}.csv`));
      const archived = (): boolean => existsSync(join(folder, 'archive')) && readdirSync(join(folder, 'archive')).length > generation;
      while (!archived()) await new Promise((resolve) => setTimeout(resolve, 20));
      seconds.push((performance.now() - startMs) / 1_000);
    }
  } finally {
    clearInterval(watch);
    await rig[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
  const rate = (index: number): number => Math.round(rows / (seconds[index] ?? 1));
  return { rows, firstRowsPerSecond: rate(0), secondRowsPerSecond: rate(1), peakRssBytes: peak - before };
}

async function writeOrders(path: string, records: number, width: number): Promise<number> {
  const file = createWriteStream(path);
  const padding = 'x'.repeat(width);
  for (let row = 1; row <= records; row += 1) if (!file.write(`O-${row}-${padding};${row % 1_000}\n`)) await once(file, 'drain');
  file.end(`END;${records}\n`);
  await once(file, 'finish');
  return file.bytesWritten;
}

async function bringIn(records: number, width: number): Promise<PickupResult> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  try {
    const fileBytes = await writeOrders(join(folder, 'a.csv'), records, width);
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
    const startMs = performance.now();
    const start = process.cpuUsage();
    const rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: folder })],
      wrap: { bus: confirming },
    });
    const archived = (): boolean => readdirSync(folder).includes('archive') && readdirSync(join(folder, 'archive')).length === 1;
    while (!archived() || (await rig.journal.outboxHolds(1))) await new Promise((resolve) => setTimeout(resolve, 20));
    const seconds = (performance.now() - startMs) / 1_000;
    const { user, system } = process.cpuUsage(start);
    clearInterval(watch);
    await rig[Symbol.asyncDispose]();
    return {
      records,
      fileBytes,
      recordsPerSecond: Math.round(records / seconds),
      cpuUs: Math.round((user + system) / records),
      peakRssBytes: peak - before,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Files of growing size: what a record costs must stay, and memory must not follow the file. */
export async function runPickup({ records, say }: { records: number; say: (text: string) => void }): Promise<(PickupResult | SnapshotResult)[]> {
  const results: (PickupResult | SnapshotResult)[] = [];
  for (const [count, width] of [
    [records / 4, 40],
    [records, 40],
    [records / 4, 2_000],
  ] as const) {
    const result = await bringIn(Math.round(count), width);
    results.push(result);
    say(
      `pickup: ${result.records} records, ${(result.fileBytes / 1e6).toFixed(0)} MB: ${result.recordsPerSecond} records/s, ${result.cpuUs} µs CPU a record, ${(result.peakRssBytes / 1e6).toFixed(0)} MB at most`,
    );
  }
  const compared = await compare(records);
  results.push(compared);
  say(
    `pickup: extracts of ${compared.rows} rows: ${compared.firstRowsPerSecond} rows/s the first, ${compared.secondRowsPerSecond} rows/s the next, ${(compared.peakRssBytes / 1e6).toFixed(0)} MB at most`,
  );
  return results;
}
