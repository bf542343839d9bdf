import { createWriteStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orders, sourceSettings, startPickupRig } from '../support/pickups.ts';

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
      wrap: {
        bus: (bus) =>
          new Proxy(bus, {
            get: (target, name) => {
              if (name === 'publish') return async () => ({ end: 'confirmed', routed: true });
              const value: unknown = Reflect.get(target, name, target);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          }),
      },
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
export async function runPickup({ records, say }: { records: number; say: (text: string) => void }): Promise<PickupResult[]> {
  const results: PickupResult[] = [];
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
  return results;
}
