import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { type Link, Transport } from '../../src/contract/transport.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { CarrierAdapter, CarrierPartner, ackLine, carrierLayout, endLine } from '../support/carrier.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';

const hour = 3_600_000;
let partner: CarrierPartner;
beforeEach(() => {
  partner = new CarrierPartner(mkdtempSync(join(tmpdir(), 'gatehouse-carrier-')));
});
/** Lets go of what a killed process would not: it would keep files open in this one. */
const buried: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const bury of buried.splice(0)) await bury();
  rmSync(partner.folder, { recursive: true, force: true });
});

const settings = (more: Partial<FileSettings> = {}): FileSettings =>
  Object.assign(new FileSettings(), { directory: partner.folder, pollMs: 1_000, ...more });

function start(clock: ManualClock, more: Partial<RigOptions> = {}): Promise<Rig> {
  return startRig({
    adapters: [CarrierAdapter],
    transports: [new FileTransport()],
    systems: { carrier: { settings: { callTimeoutMs: 60_000, settleMs: 60_000 }, transports: { file: settings() } } },
    clock,
    ...more,
  });
}

const place = (rig: Rig, orderId: string, more: object = {}): Promise<string> => rig.post('test.order.v1', { orderId, amount: '19.90', ...more });
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = (await rig.story(id)).translation;
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string) => expect.poll(() => state(rig, id)).toBe(wanted);
const done = async (rig: Rig): Promise<unknown[]> => (await rig.replies()).map(({ data }) => JSON.parse(Buffer.from(data).toString()) as unknown);

/** Lets the poll of the link come round, again and again, until `look` is content. */
async function passing(clock: ManualClock, look: () => Promise<boolean> | boolean): Promise<void> {
  await expect
    .poll(async () => {
      clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
      return look();
    })
    .toBe(true);
}

/** A transport whose calls end at `at` as a killed process would leave them: nothing after it happens, and nobody is told. */
class Stopping extends Transport {
  readonly name = 'file';
  readonly settings = FileSettings;
  readonly #at: 'left' | 'done';
  readonly #inner = new FileTransport();
  readonly reached: Promise<void>;
  #reach: () => void = () => undefined;

  constructor(at: 'left' | 'done') {
    super();
    this.#at = at;
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  async open(surroundings: Parameters<Transport['open']>[0]): Promise<Link> {
    const link = await this.#inner.open(surroundings);
    const { promise: forever, reject } = Promise.withResolvers<never>();
    const calls: Promise<unknown>[] = [];
    buried.push(() => {
      reject(new Error('the process was killed'));
      return Promise.allSettled(calls);
    });
    return {
      check: (signal) => link.check(signal),
      violations: (call, answer) => link.violations(call, answer),
      close: () => link.close(),
      settle: (call, args, passage) => link.settle?.(call, args, passage) ?? forever,
      exchange: async (call, args, passage) => {
        const leave: typeof passage.leave = async (later) => {
          await passage.leave(later);
          if (this.#at !== 'left') return;
          this.#reach();
          await forever;
        };
        const made = link.exchange(call, args, { ...passage, leave });
        calls.push(made);
        await made;
        this.#reach();
        return forever;
      },
    };
  }
}

/** Runs an order into the stop, and ends the gateway there. */
async function interrupted(clock: ManualClock, at: 'left' | 'done', event: object): Promise<{ folder: string; id: string }> {
  const stopping = new Stopping(at);
  const rig = await start(clock, { transports: [stopping], drainMs: 0 });
  const id = await rig.post('test.order.v1', event as never);
  await stopping.reached;
  const stopped = rig.stop();
  // The stop waits for the run in vain: its patience is by the clock that only this test moves.
  await passing(
    clock,
    async () => (await Promise.race([stopped.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])) === true,
  );
  return { folder: rig.folder, id };
}

describe('a drop and its reply file', () => {
  it('hours later, over a restart, the reply file answers the drop, and is archived only then', async () => {
    const clock = new ManualClock();
    const first = await start(clock);
    const id = await place(first, 'A-1');
    await becomes(first, id, 'waiting reply');
    expect(partner.names()).toEqual(['ORDER_20261120_A-1.TXT', 'ORDER_20261120_A-1.TXT.done']);
    expect(partner.text('ORDER_20261120_A-1.TXT')).toBe(`O${'A-1'.padEnd(20)}000001990      \n`);
    expect(partner.hidden()).toEqual([]);
    await first.stop();

    clock.advance(5 * hour);
    partner.reply('CONF_1.TXT', [ackLine('A-1', 'BOOKED'), endLine(1)]);
    await using rig = await start(clock, { folder: first.folder });
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(await done(rig)).toEqual([{ orderId: 'A-1', state: 'BOOKED' }]);
    await passing(clock, () => partner.names('archive').length === 1);
    expect(partner.names('archive').map((name) => name.replace(/^\d{8}T\d{6}Z-[0-9a-f]{8}-/, ''))).toEqual(['CONF_1.TXT']);
    const [call] = (await rig.story(id)).calls;
    expect(call).toMatchObject({
      state: 'answered',
      answeredBy: 'reply',
      correlation: 'confirmations:A-1',
      answer: { file: 'CONF_1.TXT', record: 'ack' },
    });
    const kinds = call?.parts.map(({ kind }) => kind);
    expect(kinds).toEqual(['sent', 'note', 'received', 'received', 'note']);
    expect(Buffer.from(call?.parts[0]?.body.bytes ?? []).toString()).toBe(`O${'A-1'.padEnd(20)}000001990      \n`);
    expect(JSON.parse(Buffer.from(call?.parts[2]?.body.bytes ?? []).toString())).toMatchObject({
      file: 'ORDER_20261120_A-1.TXT',
      size: 37,
      directory: 'out',
      marker: 'ORDER_20261120_A-1.TXT.done',
    });
  });

  it('a file of records answers as a whole by its name, with numbers from the journal that leave no gap', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const ids: string[] = [];
    for (const orderId of ['M-1', 'M-2']) {
      const id = await place(rig, orderId, { by: 'Manifest' });
      await becomes(rig, id, 'waiting reply');
      ids.push(id);
    }
    expect(partner.names()).toEqual([1, 2].flatMap((n) => [`MANIFEST_20261120_00000${n}.TXT`, `MANIFEST_20261120_00000${n}.ok`]).sort());
    const content = ids.map((_, index) => partner.text(`MANIFEST_20261120_00000${index + 1}.TXT`).split('\n'));
    expect(content.map((lines) => [lines[0], lines[2]])).toEqual(
      [1, 2].map((n) => [`H00000${n}20261120${`MANIFEST_20261120_00000${n}`.padEnd(30)}`, 'T000001000000500']),
    );
    partner.reply('RECEIPT_MANIFEST_20261120_000002.TXT', [ackLine('M-2', 'LOADED'), endLine(1)], '');
    await passing(clock, async () => (await state(rig, ids[1] ?? '')) === 'published');
    expect(await done(rig)).toEqual([{ orderId: 'M-2', state: 'LOADED of 1' }]);
    expect(await state(rig, ids[0] ?? '')).toBe('waiting reply');
  });

  it('a reply file that many drops wait for answers each; what nobody awaits is kept as a candidate, a second answer as evidence', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const ids = await Promise.all(['R-1', 'R-2', 'R-3'].map((orderId) => place(rig, orderId)));
    for (const id of ids) await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_2.TXT', [ackLine('R-1', 'BOOKED'), ackLine('STRANGER', 'BOOKED'), ackLine('R-2', 'REFUSED'), endLine(3)]);
    await passing(clock, async () => (await state(rig, ids[1] ?? '')) === 'published');
    partner.reply('CONF_2.TXT', [ackLine('R-1', 'BOOKED'), ackLine('STRANGER', 'BOOKED'), ackLine('R-2', 'REFUSED'), endLine(3)]);
    await passing(clock, () => partner.names('archive').length === 2);
    expect(await done(rig)).toHaveLength(2);
    expect(await state(rig, ids[2] ?? '')).toBe('waiting reply');
    expect((await rig.journal.reader.candidates('carrier', 10)).map(({ correlation }) => correlation)).toEqual(
      Array(2).fill('confirmations:STRANGER'),
    );
    expect((await rig.story(ids[0] ?? '')).calls[0]?.parts.filter(({ kind }) => kind === 'received')).toHaveLength(3);
    expect(rig.logs.filter((line) => line.includes("'CONF_2.TXT' answered"))).toEqual([
      expect.stringContaining('answered 2 call(s), 0 late or repeated, 1 awaited by nobody, 0 bad'),
      expect.stringContaining('answered 0 call(s), 2 late or repeated, 1 awaited by nobody, 0 bad'),
    ]);
  });

  it('a missing reply parks as timed out, and a late one still settles it', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const id = await place(rig, 'L-1');
    await becomes(rig, id, 'waiting reply');
    clock.advance(6 * hour);
    await passing(clock, async () => (await state(rig, id)) === 'parked REPLY_TIMEOUT');
    partner.reply('CONF_3.TXT', [ackLine('L-1', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(await done(rig)).toEqual([{ orderId: 'L-1', state: 'BOOKED' }]);
  });

  it('a wrong trailer keeps the whole file from answering: it lies in the error directory with its reasons, and in the list of candidates', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const id = await place(rig, 'W-1');
    await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_4.TXT', [ackLine('W-1', 'BOOKED'), endLine(7)]);
    await passing(clock, () => partner.names('error').length === 2);
    expect(partner.names('error')).toEqual([expect.stringMatching(/-CONF_4\.TXT$/), expect.stringMatching(/\.reasons\.json$/)]);
    expect(partner.text(partner.names('error')[1] ?? '', 'error')).toContain('acks says 7, the file has 1');
    expect(await state(rig, id)).toBe('waiting reply');
    const [candidate] = await rig.journal.reader.candidates('carrier', 10);
    expect(candidate?.answer).toMatchObject({ file: 'CONF_4.TXT', badRecords: 1, refused: expect.stringContaining('acks says 7') });
    // Mended and sent again, it answers.
    partner.reply('CONF_4.TXT', [ackLine('W-1', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
  });

  it('where one bad record keeps no other, the good ones answer and the bad ones are shown; a file that still grows is left alone', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const id = await place(rig, 'G-1', { by: 'Lenient' });
    await becomes(rig, id, 'waiting reply');
    const path = partner.in('in', 'LENIENT_1.TXT');
    for (let size = 1; size < 30; size += 3) {
      writeFileSync(path, ackLine('G-1', 'BOOKED').slice(0, size));
      clock.advance(1_000);
      await rig.rows();
    }
    expect([partner.names('in'), partner.names('error')]).toEqual([['LENIENT_1.TXT'], []]);
    writeFileSync(path, `${ackLine('G-1', 'BOOKED')}\nXjunk\n${endLine(1)}\n`);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    await passing(clock, () => partner.names(join('claims', 'gatehouse', 'lenient')).length === 0);
    expect([partner.names('in'), partner.names('archive')]).toEqual([[], []]);
    expect(partner.names('error')).toEqual([expect.stringMatching(/\.reasons\.json$/)]);
    expect(partner.text(partner.names('error')[0] ?? '', 'error')).toContain('no layout fits');
  });
});

describe('an interrupted reply file', () => {
  it('a gateway that ends in the middle of it goes on at the next start, and answers nothing twice', async () => {
    const clock = new ManualClock();
    let handed = 0;
    const first = await start(clock, {
      drainMs: 0,
      wrap: {
        journal: (journal) =>
          new Proxy(journal, {
            get: (target, property) => {
              const value: unknown = Reflect.get(target, property, target);
              if (property !== 'replied') return typeof value === 'function' ? value.bind(target) : value;
              // The first is durable, and its sender is never told; the second is not even written.
              return async (...args: Parameters<typeof journal.replied>) => {
                handed += 1;
                if (handed === 1) await target.replied(...args);
                throw new GatehouseError('STOPPING', 'the process ends here');
              };
            },
          }),
      },
    });
    const ids = await Promise.all(['I-1', 'I-2'].map((orderId) => place(first, orderId)));
    for (const id of ids) await becomes(first, id, 'waiting reply');
    partner.reply('CONF_7.TXT', [ackLine('I-1', 'BOOKED'), ackLine('I-2', 'BOOKED'), endLine(2)]);
    await passing(clock, () => handed >= 2);
    await first.stop();
    expect([partner.names('in'), partner.names('archive'), partner.names(join('claims', 'gatehouse', 'confirmations'))]).toEqual([
      [],
      [],
      [expect.stringMatching(/-CONF_7\.TXT$/)],
    ]);

    await using rig = await start(clock, { folder: first.folder });
    await passing(clock, () => partner.names('archive').length === 1);
    for (const id of ids) await becomes(rig, id, 'published');
    expect(await done(rig)).toHaveLength(2);
    for (const id of ids) expect((await rig.story(id)).calls[0]?.parts.filter(({ kind }) => kind === 'received')).toHaveLength(2);
    expect(await rig.journal.reader.candidates('carrier', 10)).toEqual([]);
  });

  it('a marker that outlived its claimed file is taken away before it can speak for the next file of that name', async () => {
    const clock = new ManualClock();
    const first = await start(clock);
    const id = await place(first, 'J-1');
    await becomes(first, id, 'waiting reply');
    await first.stop();
    partner.reply('CONF_8.TXT', [ackLine('J-1', 'BOOKED'), endLine(1)]);
    mkdirSync(partner.in('claims', 'gatehouse', 'confirmations'), { recursive: true });
    // As a process leaves it that is killed between the claim and the removal of the marker.
    renameSync(partner.in('in', 'CONF_8.TXT'), partner.in('claims', 'gatehouse', 'confirmations', '20261120T120000Z-0000000a-CONF_8.TXT'));
    await using rig = await start(clock, { folder: first.folder });
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(partner.names('in')).toEqual([]);
  });

  it('what another gateway has claimed is left to it', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const id = await place(rig, 'O-1');
    await becomes(rig, id, 'waiting reply');
    const others = partner.in('claims', 'another', 'confirmations');
    mkdirSync(others, { recursive: true });
    writeFileSync(join(others, '20261120T120000Z-0000000b-CONF_9.TXT'), `${ackLine('O-1', 'WRONG')}\n${endLine(1)}\n`);
    partner.reply('CONF_10.TXT', [ackLine('O-1', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(await done(rig)).toEqual([{ orderId: 'O-1', state: 'BOOKED' }]);
    expect(readdirSync(others)).toHaveLength(1);
  });

  it('names that nobody would choose keep no other file from being read', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    const id = await place(rig, 'H-1');
    await becomes(rig, id, 'waiting reply');
    const content = `${ackLine('H-1', 'BOOKED')}\n${endLine(1)}\n`;
    const hostile = ['CONF_\n.TXT', `CONF_${'x'.repeat(235)}.TXT`, 'CONF_ ../x.TXT'.replace('/', '\u2215'), 'LENIENT_\u0000'.slice(0, 8)];
    for (const name of hostile) writeFileSync(partner.in('in', name), content);
    symlinkSync('/etc/passwd', partner.in('in', 'CONF_LINK.TXT'));
    writeFileSync(Buffer.concat([Buffer.from(`${partner.in('in')}/RECEIPT_`), Buffer.from([0xff, 0xfe]), Buffer.from('.TXT')]), content);
    partner.reply('CONF_11.TXT', [ackLine('H-1', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    await passing(clock, () => partner.names('error').some((name) => name.startsWith('2')));
    expect(partner.names('in')).toContain('CONF_LINK.TXT');
  });
});

describe('an interrupted drop', () => {
  it('killed between leaving and the rename: looked at, found not done, and done again when it can no longer happen, under the same number and date', async () => {
    const clock = new ManualClock();
    const { folder, id } = await interrupted(clock, 'left', { orderId: 'K-1', amount: '1.00', by: 'Counted' });
    expect(partner.names()).toEqual([]);
    expect(partner.hidden()).toHaveLength(2);
    clock.advance(30 * hour);
    await using rig = await start(clock, { folder });
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(partner.names()).toEqual(['COUNTED_20261120_001.TXT', 'COUNTED_20261120_001.TXT.done']);
    expect(partner.hidden()).toEqual([]);
    const { calls } = await rig.story(id);
    expect(calls.filter(({ probeOf }) => probeOf !== null).map(({ name, effect, state: end }) => `${name} ${effect} ${end}`)).toEqual([
      'Counted read answered',
    ]);
    await place(rig, 'K-2', { by: 'Counted' });
    await passing(clock, () => partner.names().includes('COUNTED_20261121_002.TXT'));
  });

  it.each([
    ['before its deadline and settle time it is not done again', 'left', () => undefined, []],
    [
      'killed between rename and marker: the file is recognised and its marker given',
      'left',
      () =>
        renameSync(partner.in(partner.hidden().find((name) => partner.text(name, '.') !== '') ?? ''), partner.in('out', 'COUNTED_20261120_001.TXT')),
      ['COUNTED_20261120_001.TXT', 'COUNTED_20261120_001.TXT.done'],
    ],
    [
      'killed between marker and answer: the file is recognised',
      'done',
      () => undefined,
      ['COUNTED_20261120_001.TXT', 'COUNTED_20261120_001.TXT.done'],
    ],
    [
      'killed before the answer, and the receiver has taken file and marker: nothing is given twice',
      'done',
      () => {
        partner.take('COUNTED_20261120_001.TXT');
        partner.take('COUNTED_20261120_001.TXT.done');
      },
      [],
    ],
  ] as [string, 'left' | 'done', () => void, string[]][])('%s', async (_what, at, meanwhile, expected) => {
    const clock = new ManualClock();
    const { folder, id } = await interrupted(clock, at, { orderId: 'S-1', amount: '1.00', by: 'Counted' });
    meanwhile();
    await using rig = await start(clock, { folder });
    await becomes(rig, id, expected.length === 0 && at === 'left' ? 'waiting time' : 'published');
    expect(partner.names()).toEqual(expected);
    expect(partner.hidden()).toHaveLength(expected.length === 0 && at === 'left' ? 2 : 0);
  });

  it('killed between rename and the end of the call, while a reply is awaited: the drop is recognised and the reply still answers it', async () => {
    const clock = new ManualClock();
    const { folder, id } = await interrupted(clock, 'done', { orderId: 'D-1', amount: '1.00' });
    await using rig = await start(clock, { folder });
    await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_5.TXT', [ackLine('D-1', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect(partner.names().filter((name) => name.endsWith('.TXT'))).toEqual(['ORDER_20261120_D-1.TXT']);
  });

  it('killed between leaving and the rename, while a reply would be awaited: the drop is made after all, not waited for in vain', async () => {
    const clock = new ManualClock();
    const { folder, id } = await interrupted(clock, 'left', { orderId: 'D-2', amount: '1.00' });
    await using rig = await start(clock, { folder });
    await passing(clock, () => partner.names().length === 2);
    await becomes(rig, id, 'waiting reply');
    partner.reply('CONF_6.TXT', [ackLine('D-2', 'BOOKED'), endLine(1)]);
    await passing(clock, async () => (await state(rig, id)) === 'published');
    expect((await rig.story(id)).calls.filter(({ probeOf }) => probeOf === null)).toHaveLength(1);
  });

  it('a repeatable drop under numbered names is made again, and found done under its first name', async () => {
    const clock = new ManualClock();
    writeFileSync(partner.in('out', 'NUMBERED_P-1.TXT'), 'of somebody else');
    const { folder, id } = await interrupted(clock, 'done', { orderId: 'P-1', amount: '1.00', by: 'Numbered' });
    await using rig = await start(clock, { folder });
    await becomes(rig, id, 'published');
    expect([await done(rig), partner.names()]).toEqual([
      [{ orderId: 'P-1', state: 'NUMBERED_P-1_2.TXT' }],
      ['NUMBERED_P-1.TXT', 'NUMBERED_P-1_2.TXT'],
    ]);
  });

  it('a layout that has changed since makes no file to look for: a person looks', async () => {
    const clock = new ManualClock();
    const { folder, id } = await interrupted(clock, 'left', { orderId: 'C-1', amount: '1.00', by: 'Counted' });
    const { Counted, ...others } = carrierLayout.drops;
    const changed = { ...carrierLayout, drops: { ...others, Counted: { ...Counted, name: 'COUNTED_{field:gone}.TXT' } } };
    const transport = new FileTransport();
    const open = transport.open.bind(transport);
    transport.open = (surroundings) => open({ ...surroundings, layout: changed });
    await using rig = await start(clock, { folder, transports: [transport] });
    await becomes(rig, id, 'parked IN_DOUBT');
    expect((await rig.story(id)).translation.failure?.message).toContain("the field 'gone'");
  });

  it('a name that is taken by another file parks it, and leaves nothing behind', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    writeFileSync(partner.in('out', 'ORDER_20261120_N-1.TXT'), 'of somebody else');
    const id = await place(rig, 'N-1');
    await becomes(rig, id, 'parked NAME_TAKEN');
    expect([partner.text('ORDER_20261120_N-1.TXT'), partner.hidden(), partner.names()]).toEqual(['of somebody else', [], ['ORDER_20261120_N-1.TXT']]);
  });

  it('a hostile order number reaches no directory', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    for (const orderId of ['../../etc/passwd', 'a/b', 'x\ny', '..', '\u202etxt.exe', 'C'.repeat(300)])
      await becomes(rig, await place(rig, orderId), 'parked CALL_REFUSED_ARGUMENTS');
    expect([partner.names(), partner.hidden(), partner.names('in')]).toEqual([[], [], []]);
  });

  it('arguments that do not fit use up no number; that of a discarded order is listed', async () => {
    const clock = new ManualClock();
    await using rig = await start(clock);
    await becomes(rig, await place(rig, 'far too long for its field in the file', { by: 'Counted' }), 'parked CALL_REFUSED_ARGUMENTS');
    writeFileSync(partner.in('out', 'COUNTED_20261120_001.TXT'), 'of somebody else');
    const taken = await place(rig, 'Q-1', { by: 'Counted' });
    await becomes(rig, taken, 'parked NAME_TAKEN');
    await becomes(rig, await place(rig, 'Q-2', { by: 'Counted' }), 'published');
    await rig.gateway.desk.act({ translationId: taken, key: 'd', version: null, who: 'ann', why: 'not wanted' }, { kind: 'discard' });
    expect(partner.names()).toEqual(['COUNTED_20261120_001.TXT', 'COUNTED_20261120_002.TXT', 'COUNTED_20261120_002.TXT.done']);
    expect(await rig.journal.reader.unusedNumbers('carrier', 10)).toMatchObject([
      { counter: 'Counted', number: 1, translationId: taken, inDoubt: false },
    ]);
  });
});
