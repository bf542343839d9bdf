import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { memoryFlags } from '../../src/launcher/launch.ts';
import { Sshd } from '../support/sshd.ts';
import { type Bringer, type Errand, type Trip } from './contestants/bringer.ts';
import { type Server } from './contestants/sftp-client.ts';
import { median } from './places.ts';

/** Records of one file that become events, journal on, until the last is on the embedded bus; and what scripts make of the same file. */
export interface PickupResult {
  readonly contest: string;
  readonly records: number;
  /** Records a second, median of the rounds. */
  readonly gateway: number;
  readonly decode: number;
  readonly publish: number;
  /** Medians of the ratios of each round. */
  readonly ofDecode: number;
  readonly ofPublish: number;
  /** CPU of the process, µs a record. */
  readonly gatewayCpuUs: number;
  readonly decodeCpuUs: number;
  readonly publishCpuUs: number;
}

/** A file of so many bytes, in a process of its own. */
export interface MemoryResult {
  readonly contest: string;
  readonly fileMb: number;
  /** Most memory above that of the process before it saw the file, MB. */
  readonly gatewayMb: number;
  readonly decodeMb: number;
}

/** Two extracts of so many rows, the second with one in a hundred and fifty changed, new or gone. */
export interface SnapshotResult {
  readonly rows: number;
  readonly firstRowsPerSecond: number;
  readonly nextRowsPerSecond: number;
  readonly grewMb: number;
}

export interface PickupOptions {
  readonly rounds: number;
  readonly records: number;
  say(text: string): void;
}

const filesMb = [10, 100, 500] as const;
const extractRows = 200_000;
const narrow = 40;
const wide = 2_000;
const scripts: readonly Bringer[] = ['decode', 'publish'];
const mb = (bytes: number): number => Math.round(bytes / 1e6);
const contestant = join(import.meta.dirname, 'contestants', 'bringer.js');

/** A fresh directory that the server's user may write. */
async function within<T>(home: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(home, 'gatehouse-bench-'));
  chmodSync(folder, 0o777);
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The gateway as its launcher starts it. */
const flagsOf = (who: Bringer): readonly string[] => (who === 'pickup' || who === 'snapshot' ? memoryFlags : []);

async function sent(errand: Errand): Promise<Trip> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flagsOf(errand.who), contestant, JSON.stringify(errand)], {
    maxBuffer: 1_000_000,
  });
  return JSON.parse(stdout) as Trip;
}

async function written(path: string, lines: Iterable<string>): Promise<void> {
  const file = createWriteStream(path);
  for (const line of lines) if (!file.write(line)) await once(file, 'drain');
  file.end();
  await once(file, 'finish');
}

function* orderLines(records: number, width: number): Generator<string> {
  const filling = 'x'.repeat(width);
  for (let row = 1; row <= records; row += 1) yield `O-${row};${row % 1_000};${filling}\n`;
  yield `END;${records}\n`;
}

function* customerLines(rows: number, night: number): Generator<string> {
  for (let row = 0; row < rows; row += 1) {
    const change = night === 0 || row % 150 !== 0 ? 'same' : (['new', 'gone', 'changed'] as const)[(row / 150) % 3];
    // One that is gone leaves a new one in its place.
    yield `C-${change === 'new' ? 'new-' : ''}${row};some name of a customer ${row}${change === 'changed' ? ' and another' : ''}\n`;
  }
}

function trip(who: Bringer, home: string, server: Server | null, records: number, width: number): Promise<Trip> {
  return within(home, async (folder) => {
    await written(join(folder, '.orders'), orderLines(records, width));
    return sent({ who, folder, server, files: ['.orders'] });
  });
}

async function rates(contest: string, home: string, server: Server | null, { rounds, records, say }: PickupOptions): Promise<PickupResult> {
  const trips: Record<string, { rate: number; cpuUs: number }[]> = { pickup: [], decode: [], publish: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const who of ['pickup', ...scripts] as const) {
      const { seconds, cpuUs } = await trip(who, home, server, records, narrow);
      trips[who]?.push({ rate: records / (seconds[0] ?? 1), cpuUs: cpuUs / records });
    }
  const rate = (who: Bringer): number => Math.round(median(trips[who]?.map((each) => each.rate) ?? []));
  const cpu = (who: Bringer): number => Number(median(trips[who]?.map(({ cpuUs }) => cpuUs) ?? []).toFixed(1));
  const of = (who: Bringer): number =>
    Number(median(trips['pickup']?.map((each, round) => each.rate / (trips[who]?.[round]?.rate ?? each.rate)) ?? []).toFixed(2));
  const result = {
    contest,
    records,
    gateway: rate('pickup'),
    decode: rate('decode'),
    publish: rate('publish'),
    ofDecode: of('decode'),
    ofPublish: of('publish'),
    gatewayCpuUs: cpu('pickup'),
    decodeCpuUs: cpu('decode'),
    publishCpuUs: cpu('publish'),
  };
  say(
    `pickup: ${contest}, ${records} records: ${result.gateway} records/s; a script that decodes ${result.decode}, ratio ${result.ofDecode}; one that publishes ${result.publish}, ratio ${result.ofPublish}; CPU ${result.gatewayCpuUs}, ${result.decodeCpuUs} and ${result.publishCpuUs} µs a record`,
  );
  return result;
}

async function memory(contest: string, home: string, server: Server | null, fileMb: number, say: PickupOptions['say']): Promise<MemoryResult> {
  const records = Math.round((fileMb * 1e6) / (wide + 12));
  const gatewayMb = mb((await trip('pickup', home, server, records, wide)).grewBytes);
  const decodeMb = mb((await trip('decode', home, server, records, wide)).grewBytes);
  say(`pickup: ${contest}, a file of ${fileMb} MB: ${gatewayMb} MB above the start, a script that decodes ${decodeMb} MB`);
  return { contest, fileMb, gatewayMb, decodeMb };
}

function nights(rows: number, say: PickupOptions['say']): Promise<SnapshotResult> {
  return within(tmpdir(), async (folder) => {
    for (const night of [0, 1]) await written(join(folder, `.${night}`), customerLines(rows, night));
    const { seconds, grewBytes } = await sent({ who: 'snapshot', folder, server: null, files: ['.0', '.1'] });
    const rate = (night: number): number => Math.round(rows / (seconds[night] ?? 1));
    const result = { rows, firstRowsPerSecond: rate(0), nextRowsPerSecond: rate(1), grewMb: mb(grewBytes) };
    say(
      `pickup: extracts of ${rows} rows: ${result.firstRowsPerSecond} rows/s the first night, ${result.nextRowsPerSecond} the next, ${result.grewMb} MB above the start`,
    );
    return result;
  });
}

/** Against scripts in the same rounds, local and over SFTP; files of growing size, whose memory must not follow them; and two nights of an extract. */
export async function runPickup(options: PickupOptions): Promise<(PickupResult | MemoryResult | SnapshotResult)[]> {
  const sshd = await Sshd.start();
  const { port, user, key, fingerprint } = sshd;
  const results: (PickupResult | MemoryResult | SnapshotResult)[] = [];
  try {
    for (const [contest, home, server] of [
      ['local', tmpdir(), null],
      ['sftp', sshd.home, { port, user, key, fingerprint }],
    ] as const) {
      results.push(await rates(contest, home, server, options));
      for (const fileMb of filesMb) results.push(await memory(contest, home, server, fileMb, options.say));
    }
    results.push(await nights(extractRows, options.say));
  } finally {
    await sshd.stop();
  }
  return results;
}
