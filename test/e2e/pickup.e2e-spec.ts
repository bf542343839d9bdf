import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { run } from '../../src/main.ts';
import { type Rig } from '../../src/practice/workbench.ts';
import { jsonLines } from '../../src/transports/file/interchange/json-lines/json-lines.codec.ts';
import { pickup, pickupWhole } from '../../src/transports/file/pickup/pickup.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';
import {
  OrderFound,
  adapterFrom,
  broughtIn,
  customers,
  newFolder,
  orderCodec,
  orderFile,
  orders,
  sourceSettings,
  startPickupRig,
  until,
  watched,
} from '../support/pickups.ts';

const subjects = async (rig: Rig): Promise<(string | undefined)[]> => (await rig.replies()).map(({ attributes }) => attributes.subject);
const idsOnce = async (rig: Rig): Promise<number> => {
  const ids = (await rig.replies()).map(({ attributes }) => attributes.id);
  expect(new Set(ids).size).toBe(ids.length);
  return ids.length;
};
const decide = (rig: Rig, id: string, kind: 'retry' | 'discard') =>
  rig.gateway.desk.act({ key: `${kind} ${id}`, translationId: id, version: null, who: 'test', why: 'test' }, { kind });

describe('files that become events', () => {
  it('every record of a file is one event, in order, and the file stands in the archive', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), orderFile(1_000));
    await broughtIn(rig, place.archived, 1);
    const events = await rig.replies();
    expect(await idsOnce(rig)).toBe(1_000);
    expect(events[999]?.attributes).toMatchObject({
      type: 'test.order.found.v1',
      source: '/gatehouse/depot/orders',
      subject: 'O-1000',
      piece: '1000',
    });
    expect(place.archived()[0]).toMatch(/^\d{8}T\d{6}\.\d{3}Z_[0-9a-f]{16}_a\.csv$/);
    expect(rig.gateway.desk.systems()[0]?.sources).toMatchObject([{ source: 'orders', consignments: 1, events: 1_000, last: 'a.csv', parked: 0 }]);
    expect(await rig.gateway.desk.check('depot')).toEqual([{ system: 'depot', transport: 'pickup orders', ok: true, message: 'answers' }]);
  });

  it('the oldest is taken first where that is said, and what is to be deleted is gone when the journal has it, but for what was refused', async () => {
    const place = watched();
    const settings = sourceSettings(
      'orders',
      { directory: place.folder },
      { order: 'time', after: 'delete', claimDirectory: 'work', errorDirectory: 'refused' },
    );
    const files: [name: string, content: string][] = [
      ['z.csv', orderFile(2)],
      ['m.csv', orderFile(2).replace('END;2', 'END;3')],
      ['k.csv', orderFile(2)],
      ['a.csv', orderFile(2, 10)],
    ];
    files.forEach(([name, content], age) => {
      writeFileSync(place.in(name), content);
      utimesSync(place.in(name), 1_700_000_000 + age * 60, 1_700_000_000 + age * 60);
    });
    await using rig = await startPickupRig({ sources: [orders], settings: [settings] });
    const left = (): string[] => readdirSync(place.folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.csv'));
    await until('one left', () => left().length === 1 && left()[0]?.startsWith('refused') === true);
    await until('published', async () => !(await rig.journal.outboxHolds(1)));
    // The third has the content of the first.
    expect(await subjects(rig)).toEqual(['O-1', 'O-2', 'O-10', 'O-11']);
    expect(left()).toEqual([expect.stringMatching(/_m\.csv$/)]);
    expect(readdirSync(place.folder).sort()).toEqual(['refused', 'work']);
  });

  it('nothing of a file whose trailer is wrong leaves; it goes to the error directory, and a person sees why', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), orderFile(600).replace('END;600', 'END;601'));
    await until('in error', () => place.errors().length === 1);
    expect(await rig.replies()).toEqual([]);
    const [row] = await rig.rows();
    expect(row).toMatchObject({ operation: 'orders', state: 'parked', businessKey: 'a.csv', failure: { code: 'RECORD_INVALID' } });
    expect(row?.failure?.message).toContain('says 601 rows');
    await decide(rig, row?.id ?? '', 'retry');
    await until('parked again, as there is nothing to read', async () => (await rig.rows())[0]?.failure?.code === 'NOT_POSSIBLE');
    writeFileSync(place.in('b.csv'), orderFile(600));
    await broughtIn(rig, place.archived, 1);
    expect(await idsOnce(rig)).toBe(600);
  });

  it('a bad record is parked with its bytes, number and offset, and the rest goes on; a retry reads it again, a discard ends it', async () => {
    const place = watched();
    let mended = false;
    const source = pickup({
      name: 'orders',
      codec: jsonLines(),
      produces: [OrderFound],
      map: ({ value }) => {
        if (value['amount'] === 'many' && !mended) throw new Error('no amount');
        return Object.assign(new OrderFound(), { order: value['order'], amount: value['amount'] === 'many' ? 99 : value['amount'] });
      },
    });
    await using rig = await startPickupRig({ sources: [source], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), '{"order":"1","amount":1}\n{"order":"2","amount":"many"}\n{broken\n{"order":"4","amount":4}\n');
    await broughtIn(rig, place.archived, 1);
    const rows = [...(await rig.rows())].sort((a, b) => a.seq - b.seq);
    expect(rows.map(({ failure, businessKey }) => [failure?.code, businessKey])).toEqual([
      ['DEFECT', 'a.csv 2'],
      ['RECORD_INVALID', 'a.csv 3'],
    ]);
    const broken = await rig.story(rows[1]?.id ?? '');
    expect(
      Buffer.from(broken.event.data.bytes ?? [])
        .toString()
        .trim(),
    ).toBe('{broken');
    expect(broken.event.attributes).toMatchObject({ piece: '3', offset: '55' });
    await decide(rig, rows[1]?.id ?? '', 'discard');
    mended = true;
    await decide(rig, rows[0]?.id ?? '', 'retry');
    await until('retried', async () => (await rig.rows({ states: ['published'] })).length === 1);
    const events = await rig.replies();
    expect(events.map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as OrderFound).amount)).toEqual([1, 4, 99]);
    await idsOnce(rig);
  });

  it('with hold file a bad record keeps all of its file back until a person retries, and discarding puts it to the errors', async () => {
    const place = watched();
    let mended = false;
    const source = pickup({
      name: 'orders',
      codec: jsonLines(),
      produces: [OrderFound],
      map: ({ value }) => Object.assign(new OrderFound(), { order: value['order'], amount: mended ? Number(value['amount']) : value['amount'] }),
    });
    await using rig = await startPickupRig({
      sources: [source],
      settings: [sourceSettings('orders', { directory: place.folder }, { onBadRecord: 'hold file' })],
    });
    writeFileSync(place.in('a.csv'), '{"order":"1","amount":1}\n{"order":"2","amount":"2"}\n');
    await until('held', async () => (await rig.rows({ states: ['parked'] })).length === 1);
    writeFileSync(place.in('b.csv'), '{"order":"3","amount":3}\n');
    await broughtIn(rig, place.archived, 1);
    expect(await rig.replies()).toHaveLength(1);
    mended = true;
    await decide(rig, (await rig.rows({ states: ['parked'] }))[0]?.id ?? '', 'retry');
    await broughtIn(rig, place.archived, 2);
    expect(await idsOnce(rig)).toBe(3);
    mended = false;
    writeFileSync(place.in('c.csv'), '{"order":"4","amount":"4"}\n');
    await until('held again', async () => (await rig.rows({ states: ['parked'] })).length === 1);
    await decide(rig, (await rig.rows({ states: ['parked'] }))[0]?.id ?? '', 'discard');
    await until('put to the errors', () => place.errors().length === 1);
    expect(await idsOnce(rig)).toBe(3);
  });

  it('a layout that fits nothing holds the file and does not fill the parking lot', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), `${'no row\n'.repeat(500)}END;500\n`);
    await until('held', async () => (await rig.rows()).length === 1);
    expect((await rig.rows())[0]?.failure?.message).toContain('500 of 501 pieces');
  });

  it('a file with the content of one before goes to the archive with a note, and no event leaves; unless its name makes it another', async () => {
    const place = watched();
    await using rig = await startPickupRig({ sources: [orders], settings: [sourceSettings('orders', { directory: place.folder })] });
    writeFileSync(place.in('a.csv'), orderFile(10));
    await broughtIn(rig, place.archived, 1);
    writeFileSync(place.in('other.csv'), orderFile(10));
    await broughtIn(rig, place.archived, 2);
    expect(await idsOnce(rig)).toBe(10);
    expect(place.archived().filter((name) => name.endsWith('_other.csv.duplicate'))).toHaveLength(1);
    expect(rig.logs.join()).toContain('other.csv has the content of a.csv');
    expect(rig.gateway.desk.systems()[0]?.sources[0]).toMatchObject({ duplicates: 1 });

    const named = watched();
    await using other = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: named.folder }, { sameBy: 'name and content' })],
    });
    writeFileSync(named.in('monday.csv'), orderFile(10));
    writeFileSync(named.in('tuesday.csv'), orderFile(10));
    await broughtIn(other, named.archived, 2);
    expect(await idsOnce(other)).toBe(20);
  });

  it('a file that grows is left alone until it has stood still, and is then taken whole', async () => {
    const place = watched();
    await using rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: place.folder }, { complete: 'stable', stableLooks: 3, minAgeMs: 120 })],
    });
    const [first, ...rest] = orderFile(200).split('\n');
    writeFileSync(place.in('a.csv'), `${first ?? ''}\n`);
    for (const line of rest.slice(0, 20)) {
      await new Promise((resolve) => setTimeout(resolve, 15));
      appendFileSync(place.in('a.csv'), `${line}\n`);
    }
    expect(await rig.replies()).toEqual([]);
    appendFileSync(place.in('a.csv'), rest.slice(20).join('\n'));
    await broughtIn(rig, place.archived, 1);
    expect(await idsOnce(rig)).toBe(200);
  });

  it('a file that is written to while it is claimed is read when it has come to rest', async () => {
    const place = watched();
    let grown = false;
    const source = pickup({
      name: 'orders',
      codec: jsonLines(),
      produces: [OrderFound],
      map: ({ value }) => Object.assign(new OrderFound(), { order: value['order'], amount: 1 }),
    });
    await using rig = await startPickupRig({
      sources: [source],
      settings: [sourceSettings('orders', { directory: place.folder }, { onBadRecord: 'hold file' })],
      wrap: {
        journal: (journal) =>
          new Proxy(journal, {
            get: (target, name) => {
              if (name === 'claim' && !grown && existsSync(place.in('.gatehouse-claims'))) {
                const [gateway = ''] = readdirSync(place.in('.gatehouse-claims'));
                const [file] = readdirSync(join(place.in('.gatehouse-claims'), gateway));
                // The claim is noted again once the file is there: the writer has not closed it yet.
                if (file !== undefined) {
                  grown = true;
                  setTimeout(() => appendFileSync(join(place.in('.gatehouse-claims'), gateway, file), '{"order":"last"}\n'), 5);
                }
              }
              const value: unknown = Reflect.get(target, name, target);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          }),
      },
    });
    writeFileSync(place.in('a.csv'), `{"order":"${'x'.repeat(900)}"}\n`.repeat(2_000));
    await broughtIn(rig, place.archived, 1);
    const events = await subjects(rig);
    expect(grown).toBe(true);
    expect([2_000, 2_001]).toContain(events.length);
    expect(readFileSync(join(place.folder, 'archive', place.archived()[0] ?? ''), 'utf8').split('\n').length - 1).toBe(events.length);
  });

  it('a marker says that a file is complete, and goes with it', async () => {
    const place = watched();
    await using rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: place.folder }, { complete: 'marker', pattern: '*' })],
    });
    writeFileSync(place.in('a.csv'), orderFile(3));
    writeFileSync(place.in('b.csv'), orderFile(4));
    writeFileSync(place.in('b.csv.done'), '');
    await broughtIn(rig, place.archived, 1);
    expect(await idsOnce(rig)).toBe(4);
    expect(readdirSync(place.folder).filter((name) => name.includes('csv'))).toEqual(['a.csv']);
  });

  it('two gateways on one directory take every file once', async () => {
    const place = watched();
    const settings = () => [sourceSettings('orders', { directory: place.folder })];
    await using one = await startPickupRig({ sources: [orders], settings: settings() });
    await using two = await startPickupRig({ sources: [orders], settings: settings() });
    for (let file = 0; file < 60; file += 1) {
      writeFileSync(place.in(`.${file}`), orderFile(5, file * 5 + 1));
      renameSync(place.in(`.${file}`), place.in(`${file}.csv`));
    }
    await broughtIn(one, place.archived, 60);
    await broughtIn(two, place.archived, 60);
    const seen = [...(await subjects(one)), ...(await subjects(two))];
    expect(seen).toHaveLength(300);
    expect(new Set(seen).size).toBe(300);
    expect((await subjects(one)).length * (await subjects(two)).length).toBeGreaterThan(0);
    expect(one.journal.instance).not.toBe(two.journal.instance);
  });

  it('hostile names come through whole, links are never followed, empty and byte-marked files and a short last record are read', async () => {
    const place = watched();
    const whole = pickupWhole({
      name: 'orders',
      codec: orderCodec,
      produces: [OrderFound],
      map: (records, { name }) => Object.assign(new OrderFound(), { order: name, amount: records.length }),
    });
    await using rig = await startPickupRig({
      sources: [whole],
      settings: [sourceSettings('orders', { directory: place.folder }, { subdirectories: true })],
    });
    const outside = newFolder();
    writeFileSync(join(outside, 'secret.csv'), orderFile(9));
    symlinkSync(join(outside, 'secret.csv'), place.in('link.csv'));
    symlinkSync(outside, place.in('linked'));
    const names = ['a\nb.csv', '-rf.csv', '..csv.csv', `${'x'.repeat(251)}.csv`, "'; DROP TABLE event; --.csv", 'latin-\xe9.csv'].filter(
      (n) => !n.startsWith('.'),
    );
    for (const [index, name] of names.entries())
      writeFileSync(Buffer.concat([Buffer.from(`${place.folder}/`), Buffer.from(name, 'latin1')]), orderFile(index + 1));
    mkdirSync(place.in('below'));
    writeFileSync(place.in('below/marked.csv'), `\uFEFF${orderFile(20).trimEnd()}`);
    writeFileSync(place.in('empty.csv'), '');
    await until('the empty one', () => place.errors().length === 1);
    await broughtIn(rig, place.archived, names.length + 1);
    expect((await subjects(rig)).length).toBe(names.length + 1);
    expect(existsSync(place.in('link.csv'))).toBe(true);
    expect(place.errors()[0]).toContain('empty.csv');
    const told = (await rig.replies()).map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as OrderFound).order);
    expect(told).toContain('a%0Ab.csv');
    expect(told).toContain('latin-%E9.csv');
    expect(told).toContain('below/marked.csv');
  });

  it('a source holds with its system, waits while the bus is behind, and holds itself when its place is at fault', async () => {
    const place = watched();
    let open = false;
    await using rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: place.folder })],
      system: { outboxBacklog: 300 } as never,
      wrap: {
        bus: (bus) =>
          new Proxy(bus, {
            get: (target, name) => {
              if (name === 'publish' && !open) return () => Promise.reject(new Error('away'));
              const value: unknown = Reflect.get(target, name, target);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          }),
      },
    });
    await rig.gateway.desk.hold('depot', '', 'test', 'maintenance');
    writeFileSync(place.in('a.csv'), orderFile(5_000));
    await until('waits for its system', () => rig.gateway.desk.systems()[0]?.sources[0]?.state === 'waiting');
    expect(existsSync(place.in('a.csv'))).toBe(true);
    await rig.gateway.desk.resume('depot', '', 'test', 'over');
    await until('waits for the bus', () => rig.gateway.desk.systems()[0]?.sources[0]?.reason?.includes('not confirmed') === true);
    expect((await rig.journal.unpublished(0, 10_000)).length).toBeLessThan(1_000);
    open = true;
    await broughtIn(rig, place.archived, 1);
    await until('published', async () => (await idsOnce(rig)) === 5_000);
    renameSync(place.folder, `${place.folder}-away`);
    await until('held', () => rig.gateway.desk.systems()[0]?.sources[0]?.state === 'held');
    expect((await rig.gateway.desk.check('depot'))[0]).toMatchObject({ ok: false, transport: 'pickup orders' });
    expect(rig.gateway.desk.systems()[0]?.availability).toBe('open');
    renameSync(`${place.folder}-away`, place.folder);
    await rig.gateway.desk.resume('depot', 'orders', 'test', 'mounted again');
    writeFileSync(place.in('b.csv'), orderFile(7));
    await broughtIn(rig, place.archived, 2);
  });

  it('streamed, a wrong trailer is found when the records before it are events, and that is said', async () => {
    const place = watched();
    await using rig = await startPickupRig({
      sources: [orders],
      settings: [sourceSettings('orders', { directory: place.folder }, { stream: true })],
    });
    writeFileSync(place.in('a.csv'), orderFile(600).replace('END;600', 'END;601'));
    await until('in error', () => place.errors().length === 1);
    expect((await rig.replies()).length).toBeGreaterThan(0);
    expect((await rig.rows())[0]?.failure?.message).toMatch(/says 601 rows, and the file has 600; \d+ pieces are in the journal already/);
  });

  it('a journal without room stops the source, and nothing is lost or told twice when there is room again', async () => {
    const place = watched();
    const folder = newFolder();
    const start = (maxBytes: number) =>
      startPickupRig({
        sources: [orders],
        settings: [sourceSettings('orders', { directory: place.folder })],
        folder,
        journal: { maxBytes, reserveBytes: 1_500_000 },
      });
    const small = await start(4_000_000);
    writeFileSync(place.in('a.csv'), orderFile(8_000));
    await until('waits for room', () => small.gateway.desk.systems()[0]?.sources[0]?.reason?.includes('no room') === true);
    expect(place.archived()).toEqual([]);
    await small.stop();
    await using large = await start(400_000_000);
    await broughtIn(large, place.archived, 1);
    await until('published', async () => (await idsOnce(large)) === 8_000);
  });

  it('is configured in a file, and shown by health, metrics and check', async () => {
    const place = watched();
    const folder = newFolder();
    const parts: Parts = {
      adapters: [adapterFrom(orders)],
      transports: [],
      sourceTransports: [new PickupTransport()],
      logTo: { write: () => undefined },
    };
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(
      file,
      [
        `journal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }`,
        'http: { port: 0 }',
        'systems:',
        '  depot:',
        '    pickup:',
        '      sources:',
        '        - name: orders',
        `          place: { kind: local, directory: ${place.folder} }`,
        "          pattern: '*.csv'",
        '          complete: renamed',
        '          pollMs: 20',
      ].join('\n'),
    );
    const running = await run(loadConfig(configSchema(parts), { file, env: {} }), parts);
    try {
      writeFileSync(place.in('a.csv'), orderFile(3).replace('O-2;2', 'O-2;two'));
      await until('archived', () => place.archived().length === 1);
      await until('idle', async () => (await (await fetch(`${running.url}/health/ready`)).text()).includes('"state":"idle"'));
      const metrics = await (await fetch(`${running.url}/metrics`)).text();
      expect(metrics).toContain('gatehouse_source_events{system="depot",source="orders"} 2');
      expect(metrics).toContain('gatehouse_source_parked{system="depot",source="orders"} 1');
      expect(metrics).toContain('gatehouse_source_held{system="depot",source="orders"} 0');
      expect(await running.gateway.desk.check()).toContainEqual({ system: 'depot', transport: 'pickup orders', ok: true, message: 'answers' });
    } finally {
      await running.stop();
    }
    const wrong = readFileSync(file, 'utf8').replace('name: orders', 'name: oders');
    writeFileSync(file, wrong);
    await expect(run(loadConfig(configSchema(parts), { file, env: {} }), parts)).rejects.toThrow(
      "systems.depot.pickup: depot has no source 'oders'; there are orders",
    );
  });

  it('a source that the configuration does not name is left out, and shown so; one named twice is an error', async () => {
    const place = watched();
    const settings = sourceSettings('orders', { directory: place.folder });
    await using rig = await startPickupRig({ sources: [customers(), orders], settings: [settings] });
    writeFileSync(place.in('a.csv'), orderFile(3));
    await until('the named one works', () => place.archived().length === 1);
    const [orderStatus, customerStatus] = rig.gateway.desk.systems()[0]?.sources ?? [];
    expect(orderStatus).toMatchObject({ source: 'orders' });
    expect(customerStatus).toMatchObject({
      source: 'customers',
      state: 'left out',
      reason: 'the configuration does not name it under pickup',
    });
    expect(await rig.gateway.desk.check()).toContainEqual({
      system: 'depot',
      transport: 'pickup customers',
      ok: true,
      message: 'left out: the configuration does not name it under pickup',
    });
    expect(rig.logs.filter((line) => line.includes('left out'))).toHaveLength(1);
    const twice = startPickupRig({ sources: [orders], settings: [settings, settings] });
    await expect(twice).rejects.toThrow("the source 'orders' is there twice");
    const none = await startPickupRig({ sources: [orders], settings: [] });
    expect(none.gateway.desk.systems()[0]?.sources).toMatchObject([{ source: 'orders', state: 'left out' }]);
    await none[Symbol.asyncDispose]();
  });
});
