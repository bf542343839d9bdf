import { mkdtempSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/contract/secret.ts';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { type Place } from '../../src/transports/file/places/place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { Sshd } from '../support/sshd.ts';
import { connected } from './contestants/sftp-client.ts';

/** Drops a second, median of the rounds, and how they compare with the script's in the same round. */
export interface PlacesResult {
  readonly contest: string;
  readonly callers: number;
  readonly place: number;
  readonly script: number;
  readonly ratio: number;
  /** CPU of this process, µs a drop. */
  readonly placeCpuUs: number;
  readonly scriptCpuUs: number;
}

export type Drop = (name: string, content: Uint8Array) => Promise<void>;

const contentBytes = 1_024;
const never = new AbortController().signal;

const throughPlace =
  (place: Place): Drop =>
  async (name, content) => {
    const temporary = place.temporary(name);
    await place.write(temporary, content, never);
    await place.rename(temporary, FilePath.parse(name), { ifExists: 'fail' }, never);
  };

/** What somebody writes who has read the manual pages: file and directory synced, no check of anything. */
export const localScript =
  (folder: string): Drop =>
  async (name, content) => {
    const temporary = join(folder, `.${name}`);
    const file = await open(temporary, 'wx');
    await file.write(content);
    await file.datasync();
    await file.close();
    await rename(temporary, join(folder, name));
    const directory = await open(folder, 'r');
    await directory.sync();
    await directory.close();
  };

const called = <T>(work: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => work((error, value) => (error === null || error === undefined ? resolve(value) : reject(error))));

/** The same over SFTP with ssh2's own client, on one connection without Nagle's delay. */
export async function sftpScript(sshd: Sshd, folder: string): Promise<{ drop: Drop; close: () => void }> {
  const { sftp, close } = await connected(sshd);
  const drop: Drop = async (name, content) => {
    const temporary = `${folder}/.${name}`;
    const handle = await called<Buffer>((done) => sftp.open(temporary, 'wx', done));
    await called<void>((done) => sftp.write(handle, Buffer.from(content), 0, content.byteLength, 0, done as never));
    await called<void>((done) => sftp.ext_openssh_fsync(handle, done as never));
    await called<void>((done) => sftp.close(handle, done as never));
    await called<void>((done) => sftp.rename(temporary, `${folder}/${name}`, done as never));
  };
  return { drop, close };
}

export async function measured(drop: Drop, label: string, drops: number, callers: number): Promise<{ rate: number; cpuUs: number }> {
  const content = Buffer.alloc(contentBytes, 'x');
  const startMs = performance.now();
  const start = process.cpuUsage();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < drops; index = next++) await drop(`${label}_${index}`, content);
  };
  await Promise.all(Array.from({ length: callers }, work));
  const { user, system } = process.cpuUsage(start);
  return { rate: (drops / (performance.now() - startMs)) * 1_000, cpuUs: (user + system) / drops };
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Durable drops of 1 KB a second, local and over SFTP, against a script that takes the same durable steps. */
export async function runPlaces({ rounds, drops, say }: { rounds: number; drops: number; say: (text: string) => void }): Promise<PlacesResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const sshd = await Sshd.start();
  const local = openPlace('bench', Object.assign(new PlaceSettings(), { kind: 'local', directory: folder }));
  const sftp = openPlace(
    'bench',
    Object.assign(new PlaceSettings(), {
      kind: 'sftp',
      directory: sshd.home,
      host: '127.0.0.1',
      port: sshd.port,
      user: sshd.user,
      key: new Secret('env:KEY', sshd.key),
      hostKeys: [sshd.fingerprint],
      // As the script: what is compared is the way, not the number of connections.
      connections: 1,
    }),
  );
  const plain = await sftpScript(sshd, sshd.home);
  const results: PlacesResult[] = [];
  for (const [contest, place, script] of [
    ['local', throughPlace(local), localScript(folder)],
    ['sftp', throughPlace(sftp), plain.drop],
  ] as const)
    for (const callers of [1, 10, 50]) {
      const ours: { rate: number; cpuUs: number }[] = [];
      const theirs: typeof ours = [];
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await measured(place, `place${callers}_${round}`, drops, callers));
        theirs.push(await measured(script, `script${callers}_${round}`, drops, callers));
      }
      const result = {
        contest,
        callers,
        place: Math.round(median(ours.map(({ rate }) => rate))),
        script: Math.round(median(theirs.map(({ rate }) => rate))),
        ratio: Number(median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? rate))).toFixed(2)),
        placeCpuUs: Math.round(median(ours.map(({ cpuUs }) => cpuUs))),
        scriptCpuUs: Math.round(median(theirs.map(({ cpuUs }) => cpuUs))),
      };
      results.push(result);
      say(
        `places: ${contest}, ${callers} at once: ${result.place} drops/s, script ${result.script}, ratio ${result.ratio}; CPU ${result.placeCpuUs} and ${result.scriptCpuUs} µs a drop`,
      );
    }
  plain.close();
  await local.close();
  await sftp.close();
  await sshd.stop();
  rmSync(folder, { recursive: true });
  return results;
}
