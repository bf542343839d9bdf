import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/contract/secret.ts';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { type Place } from '../../src/transports/file/places/place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { type Certificates, certificates } from '../support/certificates.ts';
import { Ftpd } from '../support/ftpd.ts';
import { smallDisk } from '../support/small-disk.ts';
import { Sshd } from '../support/sshd.ts';

const within = (): AbortSignal => AbortSignal.timeout(40_000);
const kinds = ['local', 'sftp', 'ftp'] as const;
let sshd: Sshd;
let tls: Certificates;
let ftpd: Ftpd;
let folder: string;

beforeAll(async () => {
  sshd = await Sshd.start();
  tls = certificates();
  ftpd = await Ftpd.start({ tls });
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-limits-'));
  chmodSync(folder, 0o777);
});
afterAll(async () => {
  await sshd.stop();
  await ftpd.stop();
  rmSync(folder, { recursive: true });
});

function open(kind: (typeof kinds)[number], directory: string, port?: number): Place {
  const common = { kind, directory };
  const sftp = { host: '127.0.0.1', port: port ?? sshd.port, user: sshd.user, key: new Secret('env:KEY', sshd.key), hostKeys: [sshd.fingerprint] };
  const ftp = { host: 'localhost', port: ftpd.port, user: ftpd.user, password: new Secret('env:FTP', ftpd.password), caFile: tls.ca };
  return openPlace('depot', Object.assign(new PlaceSettings(), common, kind === 'sftp' ? sftp : kind === 'ftp' ? ftp : {}));
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** What is in use after all garbage is gone, MB. Buffers are freed beside the program, a turn later. */
async function usedMb(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
}

async function* zeros(bytes: number): AsyncIterable<Uint8Array> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536));
}

describe.each(kinds)('%s', (kind) => {
  it('a full disk is transient, and what did not fit is gone', async () => {
    const disk = smallDisk();
    const place = open(kind, disk.folder);
    try {
      await place.ready(within());
      await expect(place.write(place.temporary('big'), zeros(6_000_000), within())).rejects.toMatchObject({ code: 'PLACE_FULL', class: 'transient' });
      await expect.poll(() => readdirSync(disk.folder).filter((name) => name !== '.filler')).toEqual([]);
      await place.write(place.temporary('small'), zeros(1_000), within());
    } finally {
      await place.close();
      disk.close();
    }
  });

  it('memory does not grow with a directory of 100,000 files', async () => {
    const many = join(folder, 'many');
    if (!readdirSync(folder).includes('many')) {
      mkdirSync(many);
      for (let index = 0; index < 100_000; index += 1) closeSync(openSync(join(many, `ORDER_${String(index).padStart(6, '0')}.TXT`), 'w'));
    }
    const place = open(kind, many);
    await place.ready(within());
    const before = await usedMb();
    let [entries, most] = [0, 0];
    for await (const { kind: found } of place.list(FilePath.root, within())) {
      entries += found === 'file' ? 1 : 0;
      if (entries % 25_000 === 0) most = Math.max(most, (await usedMb()) - before);
    }
    await place.close();
    expect(entries).toBe(100_000);
    expect(most).toBeLessThan(12);
  });

  it('memory does not grow with a file of 128 MB that is read by somebody slower than the line', async () => {
    const path = join(folder, 'huge');
    writeFileSync(path, '');
    truncateSync(path, 128 * 1_048_576);
    const place = open(kind, folder);
    await place.ready(within());
    const before = await usedMb();
    let [bytes, most, next] = [0, 0, 0];
    for await (const chunk of place.read(FilePath.parse('huge'), within())) {
      bytes += chunk.length;
      if (bytes < next) continue;
      next = bytes + 32 * 1_048_576;
      await new Promise((resolve) => setTimeout(resolve, 20));
      most = Math.max(most, (await usedMb()) - before);
    }
    await place.close();
    expect(bytes).toBe(128 * 1_048_576);
    expect(most).toBeLessThan(12);
  });

  it('memory does not grow with content of 64 MB that comes faster than the line', async () => {
    const place = open(kind, folder);
    await place.ready(within());
    const before = await usedMb();
    let most = 0;
    const content = (async function* () {
      for (let index = 0; index < 64; index += 1) {
        yield Buffer.alloc(1_048_576);
        if (index % 16 === 8) most = Math.max(most, (await usedMb()) - before);
      }
    })();
    expect(await place.write(place.temporary('big'), content, within())).toMatchObject({ size: 64 * 1_048_576 });
    await place.remove(place.temporary('big'), within());
    await place.close();
    expect(most).toBeLessThan(16);
  });
});

it('a file of 512 MB on the local disk is hashed in bounded memory', async () => {
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 512 * 1_048_576);
  const place = open('local', folder);
  const before = await usedMb();
  expect((await place.hash(FilePath.parse('sparse'), within())).size).toBe(512 * 1_048_576);
  expect((await usedMb()) - before).toBeLessThan(8);
  await place.close();
});

it('a limit on the size of files counts as a full disk', async () => {
  const limit = (value: string): void => void execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${value}:`]);
  const ignore = (): void => undefined;
  const place = open('local', folder);
  process.on('SIGXFSZ', ignore);
  limit('65536');
  try {
    await expect(place.write(place.temporary('limited'), zeros(1_000_000), within())).rejects.toMatchObject({ code: 'PLACE_FULL', native: 'EFBIG' });
  } finally {
    limit('unlimited');
    process.removeListener('SIGXFSZ', ignore);
  }
  await place.close();
});

it('a name of 300 bytes is refused by the disk as the fault of the caller', async () => {
  const place = open('local', folder);
  await expect(place.write(FilePath.parse('x'.repeat(300)), Buffer.from('x'), within())).rejects.toMatchObject({
    code: 'CALL_REFUSED_ARGUMENTS',
    native: 'ENAMETOOLONG',
  });
  await place.close();
});

it('a leftover that is a link is not written through', async () => {
  const place = open('local', folder);
  const temporary = place.temporary('linked');
  symlinkSync(join(folder, 'outside'), join(folder, String(temporary)));
  await place.write(temporary, Buffer.from('x'), within());
  expect(readdirSync(folder)).not.toContain('outside');
  expect(await place.look(temporary, within())).toMatchObject({ kind: 'file', size: 1 });
  await place.remove(temporary, within());
  await place.close();
});

it('4 MiB over sftp go in a few round trips, a small drop in at most five', async () => {
  const line = await slowLine(sshd.port);
  const place = open('sftp', sshd.home, line.port);
  await place.write(place.temporary('first'), Buffer.from('x'), within());
  line.start();
  await place.write(place.temporary('big'), Buffer.alloc(4 * 1_048_576), within());
  expect(line.rounds()).toBeLessThan(40);
  line.start();
  await place.hash(place.temporary('big'), within());
  expect(line.rounds()).toBeLessThan(40);
  line.start();
  await place.write(place.temporary('small'), Buffer.alloc(1_000), within());
  await place.rename(place.temporary('small'), FilePath.parse('SMALL'), { ifExists: 'fail' }, within());
  expect(line.rounds()).toBeLessThanOrEqual(5);
  await place.close();
  line.close();
});

it('a request over sftp goes out at once: it does not wait for the acknowledgement of the one before', async () => {
  const place = open('sftp', sshd.home);
  const tookMs: number[] = [];
  for (let drop = 0; drop < 40; drop += 1) {
    const began = performance.now();
    await place.write(place.temporary('quick'), Buffer.alloc(1_000), within());
    await place.rename(place.temporary('quick'), FilePath.parse('QUICK'), { ifExists: 'replace' }, within());
    tookMs.push(performance.now() - began);
  }
  await place.close();
  // Delayed acknowledgements hold back every drop three times for 40 ms; a machine at work, some.
  expect(tookMs.toSorted((a, b) => a - b)[3]).toBeLessThan(80);
});

/** A line on which answers wait for the next full 25 ms: what waits for an answer costs one round, what is sent ahead costs none. */
async function slowLine(port: number): Promise<{ port: number; start(): void; rounds(): number; close(): void }> {
  let rounds = 0;
  const held: (() => void)[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near
      .on('data', (bytes) => far.write(bytes))
      .on('close', () => far.destroy())
      .on('error', () => undefined);
    far
      .on('data', (bytes) => held.push(() => near.write(bytes)))
      .on('close', () => near.destroy())
      .on('error', () => undefined);
  });
  const timer = setInterval(() => {
    if (held.length > 0) rounds += 1;
    for (const release of held.splice(0)) release();
  }, 25);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    start: () => void (rounds = 0),
    rounds: () => rounds,
    close: () => {
      clearInterval(timer);
      server.close();
    },
  };
}
