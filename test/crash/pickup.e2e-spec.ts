import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newFolder, orderFile, until } from '../support/pickups.ts';
import { Sshd } from '../support/sshd.ts';
import { type PickupChildOptions } from './pickup-child.ts';

const child = resolve(import.meta.dirname, '../../dist/test/crash/pickup-child.js');

interface Ground {
  readonly home: string;
  readonly options: Omit<PickupChildOptions, 'killAt' | 'files'>;
}

function ground(source: 'orders' | 'customers'): Ground {
  const home = newFolder();
  return { home, options: { folder: newFolder(), place: { directory: home }, source, home } };
}

/** One life; `kill` ends it from outside. @returns whether it came to its end */
async function live(options: PickupChildOptions, kill?: (end: () => void) => Promise<void>): Promise<boolean> {
  const started = spawn(process.execPath, [child, JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  started.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = once(started, 'close');
  await kill?.(() => void started.kill('SIGKILL'));
  const [code, signal] = (await ended) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`the child ended with ${code}: ${said.slice(-3_000)}`);
  return code === 0;
}

/** What left, by id: an id may be there twice, a fact under two ids may not. */
function published({ options }: Ground): Map<string, string> {
  const byId = new Map<string, string>();
  const text = (() => {
    try {
      return readFileSync(join(options.folder, 'published.jsonl'), 'utf8');
    } catch {
      return '';
    }
  })();
  for (const line of text.split('\n').slice(0, -1)) {
    const [id, data] = JSON.parse(line) as [string, string];
    expect(byId.get(id) ?? data).toBe(data);
    byId.set(id, data);
  }
  expect(new Set(byId.values()).size).toBe(byId.size);
  return byId;
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

describe('a gateway that dies while it brings files in', () => {
  it.each([
    ['after the claim is noted, before the file is renamed', 'journal.claim', 1, 'after'],
    ['after the file is claimed', 'journal.claim', 2, 'before'],
    ['in the commit of the content', 'journal.identify', 1, 'during'],
    ['in the middle of a chunk', 'journal.bringIn', 3, 'during'],
    ['after a chunk, before its events are published', 'journal.bringIn', 3, 'after'],
    ['after the last chunk, before the archive', 'journal.bringIn', 6, 'after'],
    ['after the archive', 'journal.putAway', 1, 'before'],
  ] as const)('%s: every record is one event', async (_when, method, n, when) => {
    const place = ground('orders');
    writeFileSync(join(place.home, 'a.csv'), orderFile(1_200));
    expect(await live({ ...place.options, files: 1, killAt: { method, n, when } })).toBe(false);
    expect(await live({ ...place.options, files: 1, killAt: null })).toBe(true);
    expect(published(place).size).toBe(1_200);
    expect(readdirSync(place.home).filter((name) => name.endsWith('.csv'))).toEqual([]);
  });

  it('kill -9 in the middle of 100,000 records, twice: every record is one event', async () => {
    const place = ground('orders');
    writeFileSync(join(place.home, 'a.csv'), orderFile(100_000));
    const log = join(place.options.folder, 'published.jsonl');
    for (const atBytes of [500_000, 4_000_000])
      expect(await live({ ...place.options, files: 1, killAt: null }, (kill) => until('halfway', () => size(log) > atBytes, 40_000).then(kill))).toBe(
        false,
      );
    expect(await live({ ...place.options, files: 1, killAt: null })).toBe(true);
    expect(published(place).size).toBe(100_000);
  });

  it('over SFTP the same', async () => {
    const sshd = await Sshd.start();
    try {
      const keyFile = join(newFolder(), 'key');
      writeFileSync(keyFile, sshd.key, { mode: 0o600 });
      const directory = join(sshd.home, 'in');
      mkdirSync(directory);
      if (process.getuid?.() === 0) chownSync(directory, 65_534, 65_534);
      const sftp = { kind: 'sftp' as const, directory, host: '127.0.0.1', port: sshd.port, user: sshd.user, hostKeys: [sshd.fingerprint] };
      const place: Ground = { home: directory, options: { folder: newFolder(), place: sftp, source: 'orders', home: directory, keyFile } };
      writeFileSync(join(directory, 'a.csv'), orderFile(3_000));
      expect(await live({ ...place.options, files: 1, killAt: { method: 'journal.bringIn', n: 5, when: 'during' } })).toBe(false);
      expect(await live({ ...place.options, files: 1, killAt: null })).toBe(true);
      expect(published(place).size).toBe(3_000);
    } finally {
      await sshd.stop();
    }
  });

  it.each([
    ['while the extract is staged', 'journal.stage', 2, 'during'],
    ['while changes are told', 'journal.bringIn', 2, 'after'],
    ['while what is gone is told', 'journal.gone', 2, 'before'],
    ['in the commit that makes it the current one', 'journal.bringIn', 7, 'during'],
    ['right after it', 'journal.bringIn', 7, 'after'],
  ] as const)('a snapshot, killed %s, tells every change once', async (_when, method, n, when) => {
    const place = ground('customers');
    const rows = (from: number, to: number, name: (n: number) => string): string =>
      Array.from({ length: to - from + 1 }, (_each, index) => `C-${from + index};${name(from + index)}\n`).join('');
    writeFileSync(
      join(place.home, '1.csv'),
      rows(1, 1_000, (n) => `n${n}`),
    );
    expect(await live({ ...place.options, files: 1, killAt: null })).toBe(true);
    expect(published(place).size).toBe(1_000);
    writeFileSync(
      join(place.home, '2.csv'),
      rows(101, 1_100, (n) => (n % 10 === 0 ? 'changed' : `n${n}`)),
    );
    expect(await live({ ...place.options, files: 2, killAt: { method, n, when } })).toBe(false);
    expect(await live({ ...place.options, files: 2, killAt: null })).toBe(true);
    const changes = [...published(place).values()].slice(1_000).map((data) => (JSON.parse(data) as { change: string }).change);
    const count = (change: string): number => changes.filter((each) => each === change).length;
    expect([count('created'), count('updated'), count('deleted')]).toEqual([100, 90, 100]);
  });
});
