import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { type Cable, cableTo } from '../support/cable.ts';
import { CarrierAdapter, CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { type FileGround, fileGrounds, folderOn, openDirectory } from '../support/file-grounds.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { until } from '../support/pickups.ts';
import { smallDisk } from '../support/small-disk.ts';

const withinMs = 45_000;
const room = 'filler';

interface Ground {
  readonly rig: Rig;
  readonly partner: CarrierPartner;
  readonly cable: Cable | null;
}

/** A gateway whose carrier lives on a ground, in a folder of its own or the one given, while `work` runs. */
async function withCarrier(ground: FileGround, work: (parts: Ground) => Promise<void>, { folder = folderOn(ground) } = {}): Promise<void> {
  const partner = new CarrierPartner(folder);
  for (const name of ['out', 'in', 'claims', 'archive', 'error']) openDirectory(partner.in(name));
  const cable = ground.port === null ? null : await cableTo(ground.port);
  const rig = await startRig({
    adapters: [CarrierAdapter],
    transports: [new FileTransport()],
    systems: {
      carrier: {
        settings: { callTimeoutMs: 20_000, settleMs: 50 },
        transports: {
          file: Object.assign(new FileSettings(), ground.settings(folder, cable?.port ?? null), { pollMs: 25, connections: 1 }),
        },
      },
    },
  });
  try {
    await work({ rig, partner, cable });
  } finally {
    cable?.onAnswer(null);
    await rig[Symbol.asyncDispose]();
    await cable?.close();
  }
}

const place = (rig: Rig, orderId: string, more: object = {}): Promise<string> => rig.post('test.order.v1', { orderId, amount: '19.90', ...more });
const stateOf = async (rig: Rig, id: string): Promise<string> => {
  const { state, waitingFor, failure } = (await rig.story(id)).translation;
  return [state, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string): Promise<void> =>
  until(`${id} ${wanted}`, async () => (await stateOf(rig, id)) === wanted, withinMs).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${await stateOf(rig, id)}\n${rig.logs.join('\n')}`);
  });
const happens = (rig: Rig, what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  until(what, holds, withinMs).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${rig.logs.join('\n')}`);
  });
const replyTo = (...orderIds: readonly string[]): string[] => [...orderIds.map((orderId) => ackLine(orderId, 'BOOKED')), endLine(orderIds.length)];
/** What was said of a failure, in the log or as the state of the system. */
const said = (rig: Rig, code: string): string => {
  const { reason } = rig.gateway.desk.systems()[0] ?? {};
  return [...rig.logs.filter((line) => line.includes(code)), reason ?? ''].join('\n');
};

describe.each(['local', 'sftp', 'ftp'] as const)('files over %s', (kind) => {
  let ground: FileGround;
  beforeAll(async () => {
    ground = await fileGrounds[kind]();
  });
  afterAll(() => ground.stop());

  const orderFile = (partner: CarrierPartner, orderId: string): string | undefined =>
    partner.names().find((name) => name.endsWith(`_${orderId}.TXT`));
  const sizesOfHidden = (partner: CarrierPartner): number[] =>
    partner.hidden().flatMap((name) => (existsSync(partner.in(name)) ? [partner.text(name, '.').length] : []));

  if (kind !== 'local')
    it.each([
      ['in the middle of the upload', (partner: CarrierPartner) => partner.hidden().length > 0],
      ['between the upload and the rename', (partner: CarrierPartner) => sizesOfHidden(partner).includes(37)],
      ['before the answer of the rename', (partner: CarrierPartner) => partner.names().length > 0],
      ['before the answer of the rename of the marker', (partner: CarrierPartner) => partner.names().length > 1],
    ])('a line cut %s costs no order and doubles none', (_when, reached) =>
      withCarrier(ground, async ({ rig, partner, cable }) => {
        let cuts = 0;
        cable?.onAnswer(() => {
          if (cuts > 0 || !reached(partner)) return true;
          cuts += 1;
          cable.cut();
          return false;
        });
        const id = await place(rig, 'C-1');
        await becomes(rig, id, 'waiting reply');
        expect(cuts).toBe(1);
        const name = orderFile(partner, 'C-1') ?? '';
        expect([partner.names(), partner.hidden(), partner.text(name)]).toEqual([
          [name, `${name}.done`],
          [],
          `O${'C-1'.padEnd(20)}000001990      \n`,
        ]);
        // It goes on as if nothing had been: the reply answers, and a second order is taken.
        partner.reply('CONF_1.TXT', replyTo('C-1'));
        await becomes(rig, id, 'published');
        await becomes(rig, await place(rig, 'C-2', { by: 'Counted' }), 'published');
      }),
    );

  it('a full disk at the place keeps orders waiting, and they leave when there is room', async () => {
    const disk = smallDisk();
    try {
      await withCarrier(
        ground,
        async ({ rig, partner }) => {
          fill(partner.in(room));
          const ids = [await place(rig, 'F-1', { by: 'Counted' }), await place(rig, 'F-2', { by: 'Counted' })];
          await happens(rig, 'the disk is full', () => said(rig, 'PLACE_FULL').includes('write'));
          expect(said(rig, 'PLACE_FULL')).toMatch(/carrier: .*could not write '\.gatehouse-[0-9a-f]{32}' \(.*\); make room there/);
          rmSync(partner.in(room));
          for (const id of ids) await becomes(rig, id, 'published');
          expect([partner.names().filter((name) => name.endsWith('.TXT')).length, partner.hidden()]).toEqual([2, []]);
          const [, second] = partner.names().filter((name) => name.endsWith('.TXT'));
          expect(second).toContain('_002');
        },
        { folder: disk.folder },
      );
    } finally {
      disk.close();
    }
  });

  it.each([
    ['may not be written', 'PLACE_DENIED', (path: string) => chmodSync(path, 0o555), (path: string) => chmodSync(path, 0o777), 'the right'],
    [
      'is not there',
      'PLACE_UNFIT',
      (path: string) => renameSync(path, `${path}-away`),
      (path: string) => renameSync(`${path}-away`, path),
      'see that the directory exists',
    ],
  ])('a directory that %s holds the system, and the order leaves when a person has mended it', (_what, code, breaks, mends, advice) =>
    ground.unprivileged(() =>
      withCarrier(ground, async ({ rig, partner }) => {
        breaks(partner.in('out'));
        const id = await place(rig, 'D-1', { by: 'Counted' });
        await happens(rig, 'held', () => rig.gateway.desk.systems()[0]?.availability === 'held');
        const { reason } = rig.gateway.desk.systems()[0] ?? {};
        expect(reason).toMatch(/^carrier: .*could not (?:rename|use the directory) 'out/);
        expect(reason).toContain(advice);
        expect(said(rig, code)).toContain('out');
        const [link] = await rig.gateway.desk.check('carrier');
        if (code === 'PLACE_UNFIT')
          expect(link).toMatchObject({ ok: false, message: expect.stringMatching(/^PLACE_UNFIT: carrier: .*'out' is not there/) });
        expect(await stateOf(rig, id)).toMatch(/^(?:waiting|received)/);
        mends(partner.in('out'));
        await rig.gateway.desk.resume('carrier', '', 'ann', 'mended');
        await becomes(rig, id, 'published');
        expect([partner.names().length, partner.hidden()]).toEqual([2, []]);
      }),
    ),
  );

  if (kind !== 'local')
    it('a line that is cut in the middle of a reply file costs no reply and doubles none', () =>
      withCarrier(ground, async ({ rig, partner, cable }) => {
        const ids = await Promise.all(['R-1', 'R-2'].map((orderId) => place(rig, orderId)));
        for (const id of ids) await becomes(rig, id, 'waiting reply');
        let cuts = 0;
        const claimed = (): number => partner.names(join('claims', 'gatehouse', 'confirmations')).length;
        cable?.onAnswer((bytes) => {
          // Over SFTP the content is an answer; over FTP what comes here are the words around it.
          if (cuts >= 2 || claimed() === 0 || (kind === 'sftp' && bytes.length < 4_000)) return true;
          cuts += 1;
          cable.cut();
          return false;
        });
        const strangers = Array.from({ length: 3_000 }, (_, n) => `S-${n}`);
        partner.reply('CONF_1.TXT', replyTo('R-1', ...strangers, 'R-2'));
        for (const id of ids) await becomes(rig, id, 'published');
        await happens(rig, 'archived', () => partner.names('archive').length === 1);
        expect(cuts).toBe(2);
        expect([claimed(), partner.names('in'), partner.names('error')]).toEqual([0, [], []]);
        for (const id of ids) expect((await rig.story(id)).calls[0]?.parts.filter(({ kind: part }) => part === 'received')).toHaveLength(2);
        expect(await rig.journal.reader.candidates('carrier', 1)).toHaveLength(1);
        expect(rig.logs.filter((line) => line.includes('no reply files are read')).length).toBeGreaterThan(0);
      }));

  it('a reply file answers although it cannot be archived, others are read meanwhile, and both are archived when a person has mended it', () =>
    ground.unprivileged(() =>
      withCarrier(ground, async ({ rig, partner }) => {
        const ids = await Promise.all(['A-1', 'A-2'].map((orderId) => place(rig, orderId)));
        for (const id of ids) await becomes(rig, id, 'waiting reply');
        chmodSync(partner.in('archive'), 0o555);
        partner.reply('CONF_1.TXT', replyTo('A-1'));
        await becomes(rig, ids[0] ?? '', 'published');
        partner.reply('CONF_2.TXT', replyTo('A-2'));
        await becomes(rig, ids[1] ?? '', 'published');
        expect(rig.logs.join('\n')).toMatch(/carrier: .*could not rename 'archive\/[^']*CONF_1\.TXT' \(.*\); give the user of the place the right/);
        expect(rig.gateway.desk.systems()[0]?.availability).toBe('open');
        chmodSync(partner.in('archive'), 0o777);
        await happens(rig, 'archived', () => partner.names('archive').length === 2);
        await happens(rig, 'no claim is left', () => partner.names(join('claims', 'gatehouse', 'confirmations')).length === 0);
        expect(await rig.replies()).toHaveLength(2);
      }),
    ));

  it('a directory of reply files that is away is looked for until it is there again, and orders leave meanwhile', () =>
    withCarrier(ground, async ({ rig, partner }) => {
      const id = await place(rig, 'M-1');
      await becomes(rig, id, 'waiting reply');
      renameSync(partner.in('in'), partner.in('in-away'));
      await happens(rig, 'told', () => rig.logs.some((line) => line.includes('not all reply files can be read')));
      expect(rig.logs.join('\n')).toMatch(/put away for now: carrier: .*could not (?:list|use the directory) 'in' \(.*see that the directory exists/);
      const other = await place(rig, 'M-2');
      await becomes(rig, other, 'waiting reply');
      renameSync(partner.in('in-away'), partner.in('in'));
      partner.reply('CONF_1.TXT', replyTo('M-1', 'M-2'));
      for (const each of [id, other]) await becomes(rig, each, 'published');
      await happens(rig, 'told that it is over', () => rig.logs.some((line) => line.includes('reply files are read again')));
    }));

  it('on a full disk good reply files answer; a bad one is told and explained when there is room', async () => {
    const disk = smallDisk();
    try {
      await withCarrier(
        ground,
        async ({ rig, partner }) => {
          const id = await place(rig, 'B-1');
          await becomes(rig, id, 'waiting reply');
          mkdirSync(partner.in('claims', 'gatehouse', 'confirmations'), { recursive: true });
          partner.reply('CONF_1.TXT', [ackLine('B-1', 'WRONG'), endLine(9)], '');
          partner.reply('CONF_2.TXT', replyTo('B-1'), '');
          fill(partner.in(room));
          for (const name of ['CONF_1.TXT', 'CONF_2.TXT']) writeFileSync(partner.in('in', `${name}.done`), '');
          await becomes(rig, id, 'published');
          await happens(rig, 'told', () => rig.logs.some((line) => line.includes('make room there')));
          rmSync(partner.in(room));
          await happens(rig, 'explained', () => partner.names('error').length === 2 && partner.names('archive').length === 1);
          expect(partner.text(partner.names('error').find((name) => name.endsWith('.reasons.json')) ?? '', 'error')).toContain('acks says 9');
          expect((await rig.journal.reader.candidates('carrier', 10)).length).toBe(1);
        },
        { folder: disk.folder },
      );
    } finally {
      disk.close();
    }
  });

  it('replies by name and by record are told apart; late, missing, repeated and unmatched ones are each to be seen', () =>
    withCarrier(ground, async ({ rig, partner }) => {
      const [byRecord, byName] = [await place(rig, 'V-1'), await place(rig, 'V-2', { by: 'Manifest' })];
      for (const id of [byRecord, byName]) await becomes(rig, id, 'waiting reply');
      const manifest = partner.names().find((name) => name.startsWith('MANIFEST_') && name.endsWith('.TXT')) ?? '';
      partner.reply(`RECEIPT_${manifest.replace('.TXT', '')}.TXT`, replyTo('V-2'), '');
      partner.reply('RECEIPT_UNKNOWN.TXT', replyTo('V-9'), '');
      partner.reply('CONF_1.TXT', replyTo('V-1', 'V-8'));
      for (const id of [byRecord, byName]) await becomes(rig, id, 'published');
      partner.reply('CONF_2.TXT', replyTo('V-1'));
      await happens(rig, 'all archived', () => partner.names('archive').length === 4);
      const candidates = await rig.journal.reader.candidates('carrier', 10);
      expect(candidates.map(({ correlation }) => correlation).sort()).toEqual(['confirmations:V-8', 'receipts:UNKNOWN']);
      expect((await rig.story(byRecord)).calls[0]?.parts.filter(({ kind: part }) => part === 'received')).toHaveLength(3);
    }));

  it('while a person holds the system reply files are read, and what they answer goes on when it is open again', () =>
    withCarrier(ground, async ({ rig, partner }) => {
      const id = await place(rig, 'H-1');
      await becomes(rig, id, 'waiting reply');
      await rig.gateway.desk.hold('carrier', '', 'ann', 'maintenance');
      partner.reply('CONF_1.TXT', replyTo('H-1'));
      await happens(rig, 'archived', () => partner.names('archive').length === 1);
      expect((await rig.story(id)).calls[0]).toMatchObject({ state: 'answered', answeredBy: 'reply' });
      await rig.gateway.desk.resume('carrier', '', 'ann', 'over');
      await becomes(rig, id, 'published');
    }));
});

/** Leaves no byte of room on a small disk. */
function fill(path: string): void {
  for (const size of [65_536, 4_096, 1])
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Full to this size.
    }
}
