import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Rig } from '../../src/practice/workbench.ts';
import { type CustomerTold, broughtIn, customers, sourceSettings, startPickupRig, until, watched } from '../support/pickups.ts';

const extract = (rows: Readonly<Record<string, string>>): string =>
  Object.entries(rows)
    .map(([customer, name]) => `${customer};${name}\n`)
    .join('');

const told = async (rig: Rig): Promise<string[]> =>
  (await rig.replies()).map(({ data }) => {
    const { change, customer, name } = JSON.parse(Buffer.from(data).toString()) as CustomerTold;
    return `${change} ${customer} ${name}`.trim();
  });

describe('extracts that are compared with the one before', () => {
  it('what is new, changed and gone is told by key, and a return to an old state is a change too', async () => {
    const place = watched();
    await using rig = await startPickupRig({
      sources: [customers({ maxGonePercent: 60 })],
      settings: [sourceSettings('customers', { directory: place.folder })],
    });
    const next = async (name: string, rows: Readonly<Record<string, string>>): Promise<string[]> => {
      const before = (await told(rig)).length;
      const archived = place.archived().length;
      writeFileSync(place.in(name), extract(rows));
      await broughtIn(rig, place.archived, archived + 1);
      return (await told(rig)).slice(before);
    };
    expect(await next('1.csv', { a: '1', b: '1', c: '1' })).toEqual(['created a 1', 'created b 1', 'created c 1']);
    expect(await next('2.csv', { c: '1', b: '2', d: '1' })).toEqual(['updated b 2', 'created d 1', 'deleted a']);
    expect(await next('2-again.csv', { c: '1', b: '2', d: '1' })).toEqual([]);
    expect(await next('3.csv', { a: '1', b: '1', c: '1' })).toEqual(['created a 1', 'updated b 1', 'deleted d']);
    const ids = (await rig.replies()).map(({ attributes }) => attributes.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('the first extract may be a baseline that tells nothing', async () => {
    const place = watched();
    await using rig = await startPickupRig({
      sources: [customers({ first: 'baseline' })],
      settings: [sourceSettings('customers', { directory: place.folder })],
    });
    writeFileSync(place.in('1.csv'), extract({ a: '1', b: '1' }));
    await broughtIn(rig, place.archived, 1);
    writeFileSync(place.in('2.csv'), extract({ a: '1', b: '2', c: '1' }));
    await broughtIn(rig, place.archived, 2);
    expect(await told(rig)).toEqual(['updated b 2', 'created c 1']);
  });

  it('an extract with a key twice is refused, and one with a bad record is held: neither says that the rest is gone', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [customers()], settings: [sourceSettings('customers', { directory: place.folder })] });
    writeFileSync(place.in('1.csv'), extract({ a: '1', b: '1' }));
    await broughtIn(rig, place.archived, 1);
    writeFileSync(place.in('2.csv'), 'a;1\nb;1\na;2\n');
    await until('refused', () => place.errors().length === 1);
    writeFileSync(place.in('3.csv'), 'a;1\nb;1;too many\n');
    await until('held', async () => (await rig.rows({ states: ['parked'] })).length === 2);
    expect((await rig.rows({ states: ['parked'] })).map(({ failure }) => failure?.code)).toEqual(['RECORD_INVALID', 'SNAPSHOT_SUSPICIOUS']);
    expect(await told(rig)).toHaveLength(2);
  });

  it('an extract in which too much is gone waits for a person, with those behind it, and goes on as decided', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [customers()], settings: [sourceSettings('customers', { directory: place.folder })] });
    const all = Object.fromEntries(Array.from({ length: 1_000 }, (_each, n) => [`k${n}`, 'x']));
    writeFileSync(place.in('1.csv'), extract(all));
    await broughtIn(rig, place.archived, 1);
    writeFileSync(place.in('2.csv'), extract({ k1: 'x' }));
    await until('held', async () => (await rig.rows({ states: ['parked'] })).length === 1);
    writeFileSync(place.in('3.csv'), extract({ ...all, more: 'y' }));
    const [held] = await rig.rows({ states: ['parked'] });
    expect(held?.failure).toMatchObject({ code: 'SNAPSHOT_SUSPICIOUS', message: expect.stringContaining('999 of 1000 keys would be gone') });
    expect(await told(rig)).toHaveLength(1_000);
    await rig.gateway.desk.act({ key: 'k', translationId: held?.id ?? '', version: null, who: 'test', why: 'a real purge' }, { kind: 'retry' });
    await broughtIn(rig, place.archived, 3);
    const changes = (await told(rig)).slice(1_000);
    expect(changes.filter((each) => each.startsWith('deleted'))).toHaveLength(999);
    expect(changes.filter((each) => each.startsWith('created'))).toHaveLength(1_000);
    expect(changes.indexOf('deleted k999')).toBeLessThan(changes.indexOf('created k999 x'));
  });
});
