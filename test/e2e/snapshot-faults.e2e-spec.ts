import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rig } from '../../src/practice/workbench.ts';
import { cableTo } from '../support/cable.ts';
import { type FileGround, fileGrounds, folderOn, openDirectory } from '../support/file-grounds.ts';
import { type CustomerTold, broughtIn, customers, orderFile, orders, sourceSettings, startPickupRig, until, watched } from '../support/pickups.ts';
import { smallDisk } from '../support/small-disk.ts';

const withinMs = 45_000;
const extract = (rows: number, generation: string, from = 1): string =>
  Array.from({ length: rows }, (_, index) => `C-${from + index};${generation}\n`).join('');
const changes = async (rig: Rig): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { data } of await rig.replies()) {
    const { change } = JSON.parse(Buffer.from(data).toString()) as CustomerTold;
    counts[change] = (counts[change] ?? 0) + 1;
  }
  return counts;
};
const filesIn = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));

describe('extracts over sftp', () => {
  let ground: FileGround;
  beforeAll(async () => {
    ground = await fileGrounds.sftp();
  });
  afterAll(() => ground.stop());

  it('a line that is cut in the middle of an extract tells no customer twice, and none as gone', async () => {
    const folder = folderOn(ground);
    for (const name of ['archive', 'error', '.gatehouse-claims']) openDirectory(join(folder, name));
    const cable = await cableTo(ground.port ?? 0);
    await using rig = await startPickupRig({
      sources: [customers()],
      settings: [sourceSettings('customers', { ...ground.settings(folder, cable.port), connections: 1 })],
    });
    let cuts = 0;
    // The first two answers with content: one while the keys are staged, one of the next try.
    cable.onAnswer((bytes) => {
      if (cuts >= 2 || bytes.length < 4_000) return true;
      cuts += 1;
      cable.cut();
      return false;
    });
    const archived = (): string[] => filesIn(join(folder, 'archive'));
    writeFileSync(join(folder, '.next'), extract(3_000, 'one'));
    renameSync(join(folder, '.next'), join(folder, '1.csv'));
    await until('the first is archived', () => archived().length === 1, withinMs);
    await broughtIn(rig, archived, 1);
    expect(cuts).toBe(2);
    expect(await changes(rig)).toEqual({ created: 3_000 });
    cuts = 0;
    writeFileSync(join(folder, '.next'), extract(2_999, 'one', 2) + extract(1, 'new', 9_001));
    renameSync(join(folder, '.next'), join(folder, '2.csv'));
    await until('the second is archived', () => archived().length === 2, withinMs);
    await broughtIn(rig, archived, 2);
    expect(cuts).toBe(2);
    expect(await changes(rig)).toEqual({ created: 3_001, deleted: 1 });
    cable.onAnswer(null);
    await cable.close();
  });
});

describe('extracts on a disk', () => {
  it('an extract that is replaced under its name while it is read is compared as two, in their order', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [customers()], settings: [sourceSettings('customers', { directory: place.folder })] });
    for (const [index, generation] of ['one', 'two', 'three'].entries()) {
      writeFileSync(place.in('.next'), extract(2_000, generation));
      renameSync(place.in('.next'), place.in('customers.csv'));
      await until(`${index} was claimed`, () => !filesIn(place.folder).includes('customers.csv'), withinMs);
    }
    await until('all are archived', () => place.archived().length === 3, withinMs);
    await broughtIn(rig, place.archived, 3);
    expect(await changes(rig)).toEqual({ created: 2_000, updated: 4_000 });
  });

  it('a directory that goes away holds the source and tells nobody as gone; it goes on when the directory is back', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [customers()], settings: [sourceSettings('customers', { directory: place.folder })] });
    writeFileSync(place.in('1.csv'), extract(10, 'one'));
    await broughtIn(rig, place.archived, 1);
    renameSync(place.folder, `${place.folder}-away`);
    await until('held', () => rig.gateway.desk.systems()[0]?.sources[0]?.state === 'held', withinMs);
    expect(rig.gateway.desk.systems()[0]?.sources[0]?.reason).toContain('see that the directory exists');
    renameSync(`${place.folder}-away`, place.folder);
    await rig.gateway.desk.resume('depot', 'customers', 'ann', 'mounted again');
    writeFileSync(place.in('2.csv'), extract(10, 'one', 2));
    await broughtIn(rig, place.archived, 2);
    expect(await changes(rig)).toEqual({ created: 11, deleted: 1 });
  });

  it('a full disk keeps no file from being claimed, read and archived: nothing is written at the place', async () => {
    const disk = smallDisk();
    try {
      await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: disk.folder })] });
      const archived = (): string[] => filesIn(join(disk.folder, 'archive'));
      writeFileSync(join(disk.folder, 'a.csv'), orderFile(5));
      await until('the first is archived', () => readdirSync(disk.folder).includes('archive') && archived().length === 1, withinMs);
      writeFileSync(join(disk.folder, '.next'), orderFile(500, 101));
      for (const size of [65_536, 4_096, 1])
        expect(() => {
          for (;;) writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(size), { flag: 'a' });
        }).toThrow('ENOSPC');
      renameSync(join(disk.folder, '.next'), join(disk.folder, 'b.csv'));
      await until('the second is archived', () => archived().length === 2, withinMs);
      await broughtIn(rig, archived, 2);
      expect(await rig.replies()).toHaveLength(505);
      rmSync(join(disk.folder, 'filler'));
    } finally {
      disk.close();
    }
  });
});
