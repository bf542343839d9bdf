import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Piece } from '../../../contract/source.ts';
import { SystemClock } from '../../../gateway/clock.ts';
import { delimited } from '../interchange/delimited/delimited.codec.ts';
import { FilePath } from '../places/file-path.ts';
import { openPlace } from '../places/open-place.ts';
import { type Place } from '../places/place.ts';
import { PlaceSettings } from '../places/place.settings.ts';
import { PickedFile, type PickedParts } from './picked-file.ts';
import { PickupSourceSettings, directoriesOf } from './pickup.settings.ts';

const never = new AbortController().signal;
const places: Place[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-picked-'));
});
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
  rmSync(folder, { recursive: true, force: true });
});

function picked(more: Partial<PickupSourceSettings> = {}): PickedFile {
  const place = Object.assign(new PlaceSettings(), { directory: folder });
  const settings = Object.assign(new PickupSourceSettings(), { name: 'rows', place }, more);
  const path = FilePath.parse('rows.csv');
  const opened = openPlace('depot', place);
  places.push(opened);
  return new PickedFile({
    system: 'depot',
    gateway: 'g',
    settings,
    layout: { codec: delimited({ lineEnd: '\n', columns: ['n', 'text'] }), unit: 'record', key: null },
    directories: directoriesOf(settings, 'systems.depot'),
    place: opened,
    clock: new SystemClock(),
    maxEventBytes: 4_000_000,
    claim: 'c',
    original: path,
    path,
    marker: null,
    log: () => undefined,
  } as unknown as PickedParts);
}

const file = (): string => join(folder, 'rows.csv');
const rows = (count: number, text = 'x'): string => Array.from({ length: count }, (_each, n) => `${n},${text}\n`).join('');

async function read(from: PickedFile, after = 0): Promise<Piece[]> {
  const found: Piece[] = [];
  for await (const pieces of from.pieces(after, never)) found.push(...pieces);
  return found;
}

describe('a picked file', () => {
  it('is read the same twice, from any record on', async () => {
    writeFileSync(file(), rows(5_000));
    const picks = picked();
    const prepared = await picks.prepare(null, never);
    expect(prepared).toMatchObject({ pieces: 5_000, bad: 0, refusal: null, size: statSync(file()).size });
    const all = await read(picks);
    expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 5_000 }, (_each, n) => n + 1));
    for (const after of [1, 249, 250, 251, 4_999, 5_000]) expect((await read(picks, after))[0]?.number).toBe(after === 5_000 ? undefined : after + 1);
  });

  it('hands out nothing of a block that has changed since the first pass, even with its size and time put back', async () => {
    writeFileSync(file(), rows(40_000, 'y'.repeat(60)));
    const { atime, mtime } = statSync(file());
    const picks = picked();
    await picks.prepare(null, never);
    const bytes = readFileSync(file());
    bytes.write('Z', 1_500_000);
    writeFileSync(file(), bytes);
    utimesSync(file(), atime, mtime);
    const seen: Piece[] = [];
    const reading = async (): Promise<void> => {
      for await (const pieces of picks.pieces(0, never)) seen.push(...pieces);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect(seen.length).toBeGreaterThan(10_000);
    expect(seen.every(({ offset, bytes: record }) => offset + record.byteLength <= 1_048_576 + 100)).toBe(true);
  });

  it('that grows or is replaced while it is read first is not known by any content', async () => {
    writeFileSync(file(), rows(2_000));
    const picks = picked();
    let grown = false;
    const grow = async (): Promise<void> => {
      if (!grown) writeFileSync(file(), rows(2_100));
      grown = true;
    };
    await expect(picks.prepare(grow, never)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
    expect((await picks.prepare(grow, never)).pieces).toBe(2_100);
  });

  it('that is one piece more than before ends the second pass too', async () => {
    writeFileSync(file(), rows(100));
    const picks = picked();
    await picks.prepare(null, never);
    writeFileSync(file(), rows(101));
    await expect(read(picks)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  it('is the same by its content, or by name and content', async () => {
    writeFileSync(file(), rows(3));
    const [byContent, byName] = [await picked().prepare(null, never), await picked({ sameBy: 'name and content' }).prepare(null, never)];
    expect(byContent.identity).toMatch(/^[0-9a-f]{64}$/);
    expect(byName.identity).not.toBe(byContent.identity);
  });
});
