import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Json } from '../../src/contract/json.ts';
import { type Link, type Part } from '../../src/contract/transport.ts';
import { type FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { type Cable, cableTo } from '../support/cable.ts';
import { CarrierPartner, carrierSurroundings } from '../support/carrier.ts';
import { ended, exchangeOver, settleOver } from '../support/exchange.ts';
import { type FileGround, fileGrounds } from '../support/file-grounds.ts';
import { type TransportRig, type Waivers, transportContract } from './transport.contract.ts';

interface CarrierRig {
  readonly link: Link;
  readonly partner: CarrierPartner;
  readonly cable: Cable | null;
  /** Calls that go no further than they had come when their process was killed; `close` ends them. */
  readonly killed: (() => Promise<void>)[];
  close(): Promise<void>;
}

let folders = 0;

async function carrierRig(ground: FileGround, changes: Partial<FileSettings> = {}): Promise<CarrierRig> {
  folders += 1;
  const folder = join(ground.home, `carrier-${folders}`);
  mkdirSync(folder);
  const partner = new CarrierPartner(folder);
  for (const path of [folder, partner.in('out'), partner.in('in')]) chmodSync(path, 0o777);
  const cable = ground.port === null ? null : await cableTo(ground.port);
  const link = await new FileTransport().open(carrierSurroundings({ ...ground.settings(folder, cable?.port ?? null), pollMs: 60_000, ...changes }));
  const killed: CarrierRig['killed'] = [];
  return {
    link,
    partner,
    cable,
    killed,
    close: async () => {
      await link.close();
      for (const end of killed) await end();
      await cable?.close().catch(() => undefined);
    },
  };
}

const order = (orderId: string, more: object = {}): Json => ({ kind: 'O', orderId, amount: '1.00', number: '', ...more });

async function transportRig(ground: FileGround): Promise<TransportRig> {
  // One line: a second one would go dead or be cut too, and its loss would be noticed by another call.
  const { link, partner, cable, close } = await carrierRig(ground, { answerTimeoutMs: 900, connections: 1 });
  let restore = (): void => undefined;
  // What goes dead later is a line that stands.
  await link.check(AbortSignal.timeout(10_000));
  let noticed: Promise<void> | null = null;
  return {
    link: {
      exchange: async (...call) => {
        await noticed;
        return link.exchange(...call);
      },
      draft: async (...call) => (await link.draft?.(...call)) ?? [],
      check: (signal) => link.check(signal),
      violations: (call, answer) => link.violations(call, answer),
      close: () => link.close(),
    },
    secret: ground.secret,
    accepted: { call: 'Numbered', args: order('A') },
    refused: { call: 'Numbered', args: order('A') },
    unfit: { call: 'Numbered', args: order('A', { bogus: 1 }) },
    answer: { file: 'NUMBERED_A.TXT', size: 37, sha256: '0'.repeat(64) },
    practise: (fault) => {
      if (fault === 'silent') {
        cable?.freeze();
        cable?.thaw();
      } else if (fault === 'wrong password') {
        restore = ground.lockOut();
        cable?.cut();
        // A line that is cut is known to be when it is used.
        noticed = link.check(AbortSignal.timeout(5_000)).catch(() => undefined);
      } else
        cable?.onAnswer(() => {
          if (partner.names().length === 0) return true;
          cable.freeze();
          return false;
        });
    },
    stop: async () => {
      cable?.cut();
      await cable?.close();
    },
    committed: () => partner.names().length,
    close: async () => {
      restore();
      await close();
    },
  };
}

const never = 'a place has no business that it could refuse, and is never busy';
const disk = 'a disk has no connection and no log-in';
const grounds: readonly (readonly [string, () => Promise<FileGround>, Waivers])[] = [
  [
    'a local directory',
    fileGrounds.local,
    { refusal: never, busy: never, away: disk, silent: disk, 'commit-then-drop': disk, 'wrong password': disk },
  ],
  ['sftp', fileGrounds.sftp, { refusal: never, busy: never }],
  ['ftp', fileGrounds.ftp, { refusal: never, busy: never }],
];

for (const [name, start, cannot] of grounds) {
  describe(name, () => {
    let started: Promise<FileGround> | null = null;
    const ground = (): Promise<FileGround> => (started ??= start());
    afterAll(async () => (await started)?.stop());

    transportContract(`files over ${name}`, async () => transportRig(await ground()), cannot);

    const withRig = async (work: (rig: CarrierRig) => Promise<void>): Promise<void> => {
      const rig = await carrierRig(await ground());
      try {
        await work(rig);
      } finally {
        await rig.close();
      }
    };
    /** A call that gets as far as leaving, as in a process that is killed there: both temporary files are written. */
    const upToLeaving = async ({ link, partner, killed }: CarrierRig, call: string): Promise<string> => {
      const reached = Promise.withResolvers<void>();
      const gone = Promise.withResolvers<void>();
      const exchanged = exchangeOver(link, call, order('X'), {
        timeoutMs: 1_000,
        onLeave: () => {
          reached.resolve();
          return gone.promise;
        },
      });
      killed.push(async () => {
        gone.reject(new Error('the process was killed'));
        await exchanged;
      });
      await reached.promise;
      const main = partner.hidden().find((file) => readFileSync(partner.in(file)).length > 0);
      if (main === undefined) throw new Error('nothing was prepared');
      return partner.in(main);
    };

    it('what a killed drop leaves behind tells how far it came, and is put right', () =>
      withRig(async (rig) => {
        const { link, partner } = rig;
        const main = await upToLeaving(rig, 'Note');
        const settle = () => settleOver(link, 'Note', order('X'));
        expect([await settle(), partner.names()]).toEqual([{ verdict: 'didNot' }, []]);
        renameSync(main, partner.in('out', 'NOTE_X.TXT'));
        expect(await settle()).toMatchObject({ verdict: 'happened', answer: { file: 'NOTE_X.TXT', size: 37 } });
        expect([partner.names(), partner.hidden()]).toEqual([['NOTE_X.TXT', 'NOTE_X.TXT.done'], []]);
        // The receiver has read the marker, and still has the file.
        partner.take('NOTE_X.TXT.done');
        expect(await settle()).toMatchObject({ verdict: 'happened' });
        expect(partner.names()).toEqual(['NOTE_X.TXT']);
        partner.take('NOTE_X.TXT');
        expect(await settle()).toMatchObject({ verdict: 'cannotTell', reason: expect.stringContaining('NOTE_X.TXT') });
      }));

    it('another file under its name is not taken for it, whether it came before or after', () =>
      withRig(async (rig) => {
        const { link, partner } = rig;
        const main = await upToLeaving(rig, 'Note');
        writeFileSync(partner.in('out', 'NOTE_X.TXT'), 'of somebody else, as long as this is.');
        expect(await settleOver(link, 'Note', order('X'))).toEqual({ verdict: 'didNot' });
        rmSync(main);
        expect(await settleOver(link, 'Note', order('X'))).toMatchObject({ verdict: 'cannotTell' });
        expect(ended(await exchangeOver(link, 'Note', order('X')))).toBe('not sent NAME_TAKEN');
        expect([partner.names(), partner.hidden()]).toEqual([['NOTE_X.TXT'], []]);
      }));

    it('numbered names: the first free one is taken, and found again after a kill; in doubt, a person looks', () =>
      withRig(async (rig) => {
        const { link, partner } = rig;
        writeFileSync(partner.in('out', 'NUMBERED_X.TXT'), 'another');
        expect((await exchangeOver(link, 'Numbered', order('X'))).outcome).toMatchObject({ end: 'answer', answer: { file: 'NUMBERED_X_2.TXT' } });
        expect(await settleOver(link, 'Numbered', order('X'))).toMatchObject({ verdict: 'happened', answer: { file: 'NUMBERED_X_2.TXT' } });
        await upToLeaving(rig, 'Numbered');
        expect(await settleOver(link, 'Numbered', order('X'))).toMatchObject({ verdict: 'cannotTell' });
      }));

    it('a draft has the number and the name of the file that it is compared with, and without one 1 in the place of the next', () =>
      withRig(async ({ link, partner }) => {
        const drafted = async (call: string, args: Json, like?: readonly Part[]) => {
          const parts =
            (await link.draft?.(call, args, { callId: 'c', nowMs: Date.parse('2026-11-20T12:00:00Z'), ...(like === undefined ? {} : { like }) })) ??
            [];
          return [
            Buffer.from(parts[0]?.bytes ?? []).toString(),
            JSON.parse(Buffer.from(parts[1]?.bytes ?? []).toString()) as { file: string },
          ] as const;
        };
        const [, next] = await drafted('Counted', order('X'));
        expect(next).toMatchObject({ file: 'COUNTED_20261120_001.TXT', number: 'the next of Counted, shown as 1', directory: 'out' });
        const { parts } = await exchangeOver(link, 'Counted', order('X'), { sequence: 42 });
        const [content, same] = await drafted('Counted', order('X', { amount: '9.00' }), parts);
        expect([same.file, content]).toEqual([
          'COUNTED_20261120_042.TXT',
          partner.text('COUNTED_20261120_042.TXT').replace('000000100', '000000900'),
        ]);
        writeFileSync(partner.in('out', 'NUMBERED_X.TXT'), 'another');
        const numbered = await exchangeOver(link, 'Numbered', order('X'));
        expect((await drafted('Numbered', order('X'), numbered.parts))[1].file).toBe('NUMBERED_X_2.TXT');
      }));

    it('a file that may be replaced is, whole', () =>
      withRig(async ({ link, partner }) => {
        for (const amount of ['1.00', '2.00']) expect(ended(await exchangeOver(link, 'Replacing', order('X', { amount })))).toBe('answer');
        expect([partner.names(), partner.text('REPLACING_X.TXT').slice(21, 30)]).toEqual([['REPLACING_X.TXT'], '000000200']);
      }));

    it('a call made again is not done twice, and completes what is missing', () =>
      withRig(async (rig) => {
        const { link, partner } = rig;
        renameSync(await upToLeaving(rig, 'Note'), partner.in('out', 'NOTE_X.TXT'));
        const again = await exchangeOver(link, 'Note', order('X'), { again: true });
        expect([ended(again), again.left, partner.names()]).toEqual(['answer', 1, ['NOTE_X.TXT', 'NOTE_X.TXT.done']]);
      }));

    it('the correlation and its time are registered when the call leaves', () =>
      withRig(async ({ link }) => {
        const later: unknown[] = [];
        const exchanged = await exchangeOver(link, 'Order', order('X'), { onLeave: (each) => void later.push(each) });
        expect([ended(exchanged), later]).toEqual(['later', [{ correlation: 'confirmations:X', withinMs: 6 * 3_600_000 }]]);
      }));

    it('the check names a directory that the adapter needs and that is not there', () =>
      withRig(async ({ link, partner }) => {
        rmSync(partner.in('in'), { recursive: true });
        await expect(link.check(AbortSignal.timeout(5_000))).rejects.toMatchObject({
          code: 'PLACE_UNFIT',
          message: expect.stringContaining("'in' is not there"),
        });
      }));

    if (cannot['commit-then-drop'] === undefined)
      it('a rename whose answer is lost is settled by looking, in the same call', () =>
        withRig(async ({ link, partner, cable }) => {
          cable?.onAnswer(() => {
            if (!partner.names().includes('NOTE_X.TXT')) return true;
            cable.onAnswer(null);
            cable.cut();
            return false;
          });
          const exchanged = await exchangeOver(link, 'Note', order('X'), { timeoutMs: 5_000 });
          expect([ended(exchanged), exchanged.left, partner.names()]).toEqual(['answer', 1, ['NOTE_X.TXT', 'NOTE_X.TXT.done']]);
        }));
    else
      it('half of a rename, one file under both names, is a rename', () =>
        withRig(async (rig) => {
          const { link, partner } = rig;
          linkSync(await upToLeaving(rig, 'Note'), partner.in('out', 'NOTE_X.TXT'));
          expect(await settleOver(link, 'Note', order('X'))).toMatchObject({ verdict: 'happened' });
          expect([partner.hidden(), partner.names()]).toEqual([[], ['NOTE_X.TXT', 'NOTE_X.TXT.done']]);
        }));
  });
}
