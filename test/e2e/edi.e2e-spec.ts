import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { isBad } from '../../src/transports/file/codecs/record-codec.ts';
import { x12 } from '../../src/transports/file/file.ts';
import { PickupSettings } from '../../src/transports/file/pickup/pickup.settings.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';
import { EdiAdapter } from '../support/edi-partner.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { newFolder, sourceSettings, until } from '../support/pickups.ts';

const withinMs = 45_000;

interface Ground {
  readonly rig: Rig;
  readonly in: (...names: string[]) => string;
  /** What a partner leaves, under its name at once. */
  leaves(directory: string, name: string, segments: readonly string[]): void;
  out(): string[];
}

async function start(): Promise<Ground> {
  const folder = newFolder();
  for (const name of ['out', 'in', 'invoices']) mkdirSync(join(folder, name));
  const settings = sourceSettings('invoices', { directory: join(folder, 'invoices') }, { pattern: '*.810' });
  const rig = await startRig({
    adapters: [EdiAdapter],
    transports: [new FileTransport()],
    sourceTransports: [new PickupTransport()],
    systems: {
      edi: {
        transports: {
          file: Object.assign(new FileSettings(), { kind: 'local', directory: folder, pollMs: 25 }),
          pickup: Object.assign(new PickupSettings(), { sources: [settings] }),
        },
      },
    },
  });
  return {
    rig,
    in: (...names) => join(folder, ...names),
    leaves: (directory, name, segments) => {
      writeFileSync(join(folder, '.partner'), segments.map((segment) => `${segment}~\n`).join(''));
      renameSync(join(folder, '.partner'), join(folder, directory, name));
    },
    out: () =>
      readdirSync(join(folder, 'out'))
        .filter((name) => !name.startsWith('.'))
        .sort(),
  };
}

const interchange = (group: string, sets: readonly string[]): string[] => [
  'ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261120*1200*^*00501*000000042*0*P*:',
  `GS*${group}*THEM*US*20261120*1200*9*X*005010`,
  ...sets,
  'GE*1*9',
  'IEA*1*000000042',
];

it('orders in X12 have control numbers of the journal, without a gap, and the 997 of the partner answers each and is deleted', async () => {
  const { rig, leaves, in: at, out } = await start();
  await using _rig = rig;
  for (const [before, order] of ['A-1', 'A-2'].entries()) {
    await rig.post('test.edi.order.v1', { order });
    await until(order, () => out().length === before + 1, withinMs);
  }
  const groups = out().map((name) => {
    const decoder = x12().decoder();
    const records = [...decoder.push(readFileSync(at('out', name))), ...decoder.end()];
    const [order] = records;
    if (order === undefined || isBad(order)) throw new Error(`no order in ${name}`);
    const { interchange: around, group } = order.value as unknown as { interchange: { header: string[] }; group: string[] };
    return [name, around.header[13], group[6]];
  });
  expect(groups).toEqual([
    ['ORDER_000001.850', '000000001', '1'],
    ['ORDER_000002.850', '000000002', '2'],
  ]);
  leaves(
    'in',
    'b.997',
    interchange('FA', ['ST*997*0001', 'AK1*PO*2', 'AK2*850*0001', 'AK3*BEG*2**8', 'AK4*3**1', 'AK5*R*5', 'AK9*R*1*1*0', 'SE*8*0001']),
  );
  leaves('in', 'a.997', interchange('FA', ['ST*997*0001', 'AK1*PO*1', 'AK2*850*0001', 'AK5*A', 'AK9*A*1*1*1', 'SE*6*0001']));
  await rig.settled(withinMs);
  const told = (await rig.replies()).map(({ data }) => JSON.parse(Buffer.from(data).toString()) as { order: string });
  expect(told.sort((a, b) => (a.order < b.order ? -1 : 1))).toEqual([
    { order: 'A-1', status: 'accepted' },
    { order: 'A-2', status: 'rejected' },
  ]);
  // `afterwards: 'delete'`: what has answered is gone, wherever it stood.
  await until('the acknowledgements gone', () => readdirSync(at(), { recursive: true }).every((name) => !/[ab]\.997$/.test(String(name))), withinMs);
});

it('an interchange that comes in is acknowledged with a 997 of its own, set by set', async () => {
  const { rig, leaves, in: at, out } = await start();
  await using _rig = rig;
  const invoice = (reference: string, number: string): string[] => [`ST*810*${reference}`, `BIG*20261120*${number}`, `SE*3*${reference}`];
  const sets = [...invoice('0001', 'INV-1'), 'ST*810*0002', 'BIG*20261120', 'SE*3*0002'];
  leaves(
    'invoices',
    'night.810',
    interchange('IN', sets).map((line) => line.replace(/^GE\*1/, 'GE*2')),
  );
  await until('the acknowledgement', () => out().length === 1, withinMs);
  expect(readFileSync(at('out', 'ACK_000001.997'), 'latin1').replaceAll(/[\r\n]/g, '')).toContain(
    '~ST*997*0001~AK1*IN*9~AK2*810*0001~AK5*A~AK2*810*0002~AK3*BIG*2**8~AK4*2**1~AK5*R*5~AK9*P*2*2*1~SE*10*0001~',
  );
});
