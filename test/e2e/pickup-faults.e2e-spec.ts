import { chmodSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rig } from '../../src/practice/workbench.ts';
import { fixedWidth, layoutCodec, text, whole } from '../../src/transports/file/file.ts';
import { pickup } from '../../src/transports/file/pickup/pickup.ts';
import { type Cable, cableTo } from '../support/cable.ts';
import { type FileGround, fileGrounds, folderOn, openDirectory } from '../support/file-grounds.ts';
import { OrderFound, broughtIn, newFolder, orderFile, orders, sourceSettings, startPickupRig, until, watched } from '../support/pickups.ts';

const withinMs = 60_000;

interface Parts {
  readonly rig: Rig;
  readonly folder: string;
  readonly cable: Cable | null;
  readonly names: (directory?: string) => string[];
}

/** A gateway that picks up in a folder of its own on a ground, while `work` runs. */
async function withPickup(ground: FileGround, work: (parts: Parts) => Promise<void>): Promise<void> {
  const folder = folderOn(ground);
  for (const name of ['archive', 'error', '.gatehouse-claims']) openDirectory(join(folder, name));
  const cable = ground.port === null ? null : await cableTo(ground.port);
  const place = { ...ground.settings(folder, cable?.port ?? null), connections: 1 };
  const rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', place)], system: { callTimeoutMs: 20_000 } as never });
  const names = (directory = '.'): string[] =>
    readdirSync(join(folder, directory), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  try {
    await work({ rig, folder, cable, names });
  } finally {
    cable?.onAnswer(null);
    await rig[Symbol.asyncDispose]();
    await cable?.close();
  }
}

const eventIds = async (rig: Rig): Promise<string[]> => (await rig.replies()).map(({ attributes }) => attributes.id);
const allOnce = async (rig: Rig, count: number): Promise<void> => {
  const ids = await eventIds(rig);
  expect([ids.length, new Set(ids).size]).toEqual([count, count]);
};
const statusOf = (rig: Rig) => rig.gateway.desk.systems()[0]?.sources[0];
const claimed = (folder: string): string[] =>
  readdirSync(join(folder, '.gatehouse-claims')).flatMap((gateway) => readdirSync(join(folder, '.gatehouse-claims', gateway)));

describe.each(['local', 'sftp', 'ftp'] as const)('pickups over %s', (kind) => {
  let ground: FileGround;
  beforeAll(async () => {
    ground = await fileGrounds[kind]();
  });
  afterAll(() => ground.stop());

  if (kind !== 'local')
    it('a line that is cut at the claim, in the middle of the file and at the archive costs no record and doubles none', () =>
      withPickup(ground, async ({ rig, folder, cable, names }) => {
        const reached = [
          () => claimed(folder).length > 0,
          (bytes: Buffer) => claimed(folder).length > 0 && (kind === 'ftp' || bytes.length > 4_000),
          () => names('archive').length > 0,
        ];
        let cuts = 0;
        cable?.onAnswer((bytes) => {
          if (reached[cuts]?.(bytes) !== true) return true;
          cuts += 1;
          cable.cut();
          return false;
        });
        writeFileSync(join(folder, 'a.csv'), orderFile(5_000));
        await broughtIn(rig, () => names('archive'), 1);
        await until('all cuts were made', () => cuts === 3, withinMs);
        await until('nothing is left', () => claimed(folder).length === 0 && statusOf(rig)?.state === 'idle', withinMs);
        await allOnce(rig, 5_000);
        writeFileSync(join(folder, 'b.csv'), orderFile(10, 9_001));
        await broughtIn(rig, () => names('archive'), 2);
        await allOnce(rig, 5_010);
      }));

  it.each([
    [
      'the archive may not be written',
      'archive',
      (path: string) => chmodSync(path, 0o555),
      (path: string) => chmodSync(path, 0o777),
      /could not rename 'archive\/[^']*a\.csv' \(.*\); give the user of the place the right/,
      20,
    ],
    [
      'the archive is not there',
      'archive',
      (path: string) => renameSync(path, `${path}-away`),
      (path: string) => renameSync(`${path}-away`, path),
      /could not (?:rename|use the directory) 'archive[^']*' \(.*; see that the directory exists/,
      20,
    ],
    [
      'the directory of claims may not be written',
      '.gatehouse-claims/*',
      (path: string) => chmodSync(path, 0o555),
      (path: string) => chmodSync(path, 0o777),
      /could not rename '\.gatehouse-claims\/[^']*a\.csv' \(.*\); give the user of the place the right/,
      0,
    ],
  ])('where %s the source is held, its system is not, and it goes on when a person has mended it', (_what, where, breaks, mends, message, before) =>
    ground.unprivileged(() =>
      withPickup(ground, async ({ rig, folder, names }) => {
        writeFileSync(join(folder, 'first.csv'), orderFile(5, 9_001));
        await broughtIn(rig, () => names('archive'), 1);
        const path = join(folder, where.replace('*', readdirSync(join(folder, '.gatehouse-claims'))[0] ?? ''));
        breaks(path);
        writeFileSync(join(folder, 'a.csv'), orderFile(20));
        await until('held', () => statusOf(rig)?.state === 'held', withinMs);
        expect(statusOf(rig)?.reason).toMatch(/^depot: /);
        expect(statusOf(rig)?.reason).toMatch(message);
        expect(rig.gateway.desk.systems()[0]?.availability).toBe('open');
        await until('what is durable is published', async () => (await eventIds(rig)).length === 5 + before);
        mends(path);
        await rig.gateway.desk.resume('depot', 'orders', 'ann', 'mended');
        await broughtIn(rig, () => names('archive'), 2);
        await allOnce(rig, 25);
        expect(claimed(folder)).toEqual([]);
      }),
    ),
  );

  it('names that nobody would choose are picked up whole, and no link is followed', () =>
    withPickup(ground, async ({ rig, folder, names }) => {
      const wanted = [
        '-rf.csv',
        '..b.csv',
        "'; DROP TABLE event; --.csv",
        'latin-\xe9.csv',
        ' spaced .csv',
        '%2e%2e%2f.csv',
        `${'x'.repeat(230)}.csv`,
      ];
      // No command of FTP can carry a line end.
      if (kind !== 'ftp') wanted.push('a\nb.csv');
      const seen = wanted.filter((name) => !name.startsWith('.'));
      for (const [index, name] of wanted.entries())
        writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, 'latin1')]), orderFile(3, index * 10 + 1));
      await broughtIn(rig, () => names('archive'), seen.length);
      await allOnce(rig, 3 * seen.length);
      expect(
        names('archive').some((name) => name.includes('\n')),
        'a name is kept as it was',
      ).toBe(kind !== 'ftp');
      expect(existsSync(join(folder, '..b.csv'))).toBe(true);
    }));
});

describe('records that are not as they should be', () => {
  const line = fixedWidth('LINE', { order: text(6), amount: whole(4) });
  const end = fixedWidth('END', { tag: text(3), rows: whole(7) });
  const records = { end: { layout: end, when: { at: 0, text: 'END' } }, line };
  const control = { trailer: 'end', counts: [{ field: 'rows', of: 'line' }] };
  const fixed = layoutCodec({ name: 'fixed', codePage: 'ascii', format: { kind: 'fixed' }, records, control });
  const lines = layoutCodec({ name: 'lines', codePage: 'ascii', format: { kind: 'line', ends: 'any' }, records, control });
  const row = (n: number): string => `O-${String(n).padEnd(4)}${String(n).padStart(4, '0')}`;
  const rows = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

  it.each([
    [
      'a last record that is short',
      fixed,
      [...rows(1, 9), 'O-10'].join(''),
      /trailer must come last; the first record that could not be read: .*byte 90/,
    ],
    [
      'a record of the wrong length in the middle, which moves all behind it',
      fixed,
      [...rows(1, 4), 'O-5', ...rows(6, 9), 'END0000009'].join(''),
      /./,
    ],
    ['a trailer with a wrong count', lines, [...rows(1, 9), 'END0000008'].join('\n'), /rows says 8, the file has 9/],
    ['no trailer', lines, rows(1, 9).join('\n'), /trailer|end/i],
    ['a byte order mark', lines, `\uFEFF${[...rows(1, 9), 'END0000009'].join('\n')}`, /the first record that could not be read: lines: record 1 /],
    ['nothing at all', lines, '', /trailer|end|empty/i],
  ])('%s: nothing of the file is lost or made up, and a person is told what and where', async (_what, codec, content, why) => {
    const place = watched();
    const source = pickup({
      name: 'orders',
      codec,
      produces: [OrderFound],
      map: ({ type, value }) =>
        type === 'line' ? Object.assign(new OrderFound(), { order: String(value['order']), amount: Number(value['amount']) }) : null,
    });
    await using rig = await startPickupRig({
      sources: [source],
      settings: [sourceSettings('orders', { directory: place.folder }, { onBadRecord: 'hold file' })],
    });
    writeFileSync(place.in('a.csv'), content);
    await until('parked', async () => (await rig.rows({ states: ['parked'] })).length > 0, withinMs);
    const [parked] = await rig.rows({ states: ['parked'] });
    expect(parked).toMatchObject({ operation: 'orders', businessKey: 'a.csv' });
    expect(parked?.failure?.message).toMatch(why);
    expect(await rig.replies()).toEqual([]);
    const kept = [
      ...place.errors().map((name) => join('error', name)),
      ...claimed(place.folder).map((name) => join('.gatehouse-claims', readdirSync(place.in('.gatehouse-claims'))[0] ?? '', name)),
    ];
    expect(kept.map((path) => readFileSync(place.in(path), 'utf8'))).toEqual([content]);
    // The next file is not kept by it.
    const good = [...rows(1, 3), 'END0000003'];
    writeFileSync(place.in('b.csv'), codec === fixed ? good.join('') : good.join('\r\n'));
    await broughtIn(rig, place.archived, 1);
    expect(await rig.replies()).toHaveLength(3);
  });

  it('line ends may be mixed', async () => {
    const place = watched();
    const source = pickup({
      name: 'orders',
      codec: lines,
      produces: [OrderFound],
      map: ({ type, value }) => (type === 'line' ? Object.assign(new OrderFound(), { order: String(value['order']), amount: 1 }) : null),
    });
    await using rig = await startPickupRig({ sources: [source], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), `${row(1)}\r\n${row(2)}\n${row(3)}\r\nEND0000003`);
    await broughtIn(rig, place.archived, 1);
    expect(await rig.replies()).toHaveLength(3);
  });

  it('a file that another takes the place of, between its claim and its end, is not mixed with it', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    for (let round = 0; round < 20; round += 1) {
      writeFileSync(place.in('.next'), orderFile(50, round * 50 + 1));
      renameSync(place.in('.next'), place.in('same.csv'));
      await until('it was claimed', () => !existsSync(place.in('same.csv')), withinMs);
    }
    await broughtIn(rig, place.archived, 20);
    await allOnce(rig, 1_000);
    rmSync(newFolder(), { recursive: true });
  });
});
