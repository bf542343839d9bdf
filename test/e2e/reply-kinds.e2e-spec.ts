import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenInterval, OpeningHours } from '../../src/contract/settings.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { CarrierPartner } from '../support/carrier.ts';
import { type FileGround, fileGrounds, folderOn, openDirectory } from '../support/file-grounds.ts';
import { type Rig, type RigOptions, startRig } from '../support/gateway.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MessengerAdapter, answerTo } from '../support/messenger.ts';
import { until } from '../support/pickups.ts';

const withinMs = 45_000;
const state = async (rig: Rig, id: string): Promise<string> => {
  const { state: now, waitingFor, failure } = (await rig.story(id)).translation;
  return [now, waitingFor ?? failure?.code].filter(Boolean).join(' ');
};
const becomes = (rig: Rig, id: string, wanted: string): Promise<void> =>
  until(`${id} ${wanted}`, async () => (await state(rig, id)) === wanted, withinMs).catch(async (error: unknown) => {
    throw new Error(`${String(error)}: ${await state(rig, id)}\n${rig.logs.join('\n')}`);
  });
const write = (rig: Rig, noteId: string, by: 'ByField' | 'ByName' | 'Hasty'): Promise<string> => rig.post('test.note.v1', { noteId, by });
const words = async (rig: Rig): Promise<string[]> =>
  (await rig.replies()).map(({ data }) => (JSON.parse(Buffer.from(data).toString()) as { words: string }).words);

async function start(
  ground: FileGround,
  more: Partial<RigOptions> = {},
  system: object = {},
  file: Partial<FileSettings> = {},
): Promise<{ rig: Rig; partner: CarrierPartner }> {
  const folder = folderOn(ground);
  const partner = new CarrierPartner(folder);
  for (const name of ['out', 'in', 'claims', 'archive', 'error']) openDirectory(partner.in(name));
  const rig = await startRig({
    adapters: [MessengerAdapter],
    transports: [new FileTransport()],
    systems: {
      messenger: {
        settings: { callTimeoutMs: 20_000, settleMs: 50, ...system },
        transports: { file: Object.assign(new FileSettings(), ground.settings(folder, null), { pollMs: 25 }, file) },
      },
    },
    ...more,
  });
  return { rig, partner };
}

describe.each(['local', 'sftp'] as const)('reply files over %s', (kind) => {
  let ground: FileGround;
  beforeAll(async () => {
    ground = await fileGrounds[kind]();
  });
  afterAll(() => ground.stop());

  it('a whole file answers the call that a field of it, or its name, tells; one that nobody awaits answers nobody', async () => {
    const { rig, partner } = await start(ground);
    await using _rig = rig;
    const [field, name] = [await write(rig, 'F-1', 'ByField'), await write(rig, 'N-1', 'ByName')];
    for (const id of [field, name]) await becomes(rig, id, 'waiting reply');
    // The name of a kind is part of the correlation.
    partner.reply('ANSWER_0.TXT', answerTo('N-1', 'not', 'yours'), '');
    partner.reply('NAMED_F-1.TXT', answerTo('F-1', 'nor', 'yours'), '');
    await until('both were read', () => partner.names('archive').length === 2, withinMs);
    for (const id of [field, name]) expect(await state(rig, id)).toBe('waiting reply');
    partner.reply('ANSWER_1.TXT', answerTo('F-1', 'by', 'field'), '');
    await becomes(rig, field, 'published');
    partner.reply('NAMED_N-1.TXT', answerTo('whoever', 'by', 'name'), '');
    await becomes(rig, name, 'published');
    expect(await words(rig)).toEqual(['by field', 'by name']);
    const candidates = await rig.journal.reader.candidates('messenger', 10);
    expect(candidates.map(({ correlation }) => correlation).sort()).toEqual(['byField:N-1', 'byName:F-1']);
  });

  it('a file without the record that tells whose it is, and one that is larger than an answer may be, lie in the error directory', async () => {
    const { rig, partner } = await start(ground, {}, {}, { maxReplyBytes: 100 });
    await using _rig = rig;
    const id = await write(rig, 'B-1', 'ByField');
    await becomes(rig, id, 'waiting reply');
    partner.reply('ANSWER_1.TXT', ['Lwords     '], '');
    partner.reply('ANSWER_2.TXT', answerTo('B-1', ...'too many words for an answer of one hundred bytes'.split(' ')), '');
    await until('refused', () => partner.names('error').length === 4, withinMs);
    expect([partner.names('archive'), await state(rig, id)]).toEqual([[], 'waiting reply']);
    for (const name of ['ANSWER_1.TXT', 'ANSWER_2.TXT']) expect(rig.logs.join('\n')).toContain(name);
    const reasons = partner.names('error').filter((name) => name.endsWith('.reasons.json'));
    expect(reasons.map((name) => partner.text(name, 'error')).join('\n')).toContain('it has more than 100 bytes');
  });

  it('a reply that does not come in its time parks its call, and a late one settles it', async () => {
    const { rig, partner } = await start(ground);
    await using _rig = rig;
    const id = await write(rig, 'H-1', 'Hasty');
    await becomes(rig, id, 'parked REPLY_TIMEOUT');
    expect(await rig.replies()).toEqual([]);
    partner.reply('ANSWER_1.TXT', answerTo('H-1', 'late'), '');
    await becomes(rig, id, 'published');
    expect(await words(rig)).toEqual(['late']);
    expect((await rig.story(id)).calls[0]).toMatchObject({ state: 'answered', answeredBy: 'reply' });
  });
});

describe('outside opening hours', () => {
  it('reply files are read, and what they answer is published when the system opens again', async () => {
    const ground = await fileGrounds.local();
    const clock = new ManualClock();
    const hours = Object.assign(new OpeningHours(), {
      zone: 'UTC',
      weekly: [Object.assign(new OpenInterval(), { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '08:00', to: '13:00' })],
    });
    const { rig, partner } = await start(ground, { clock }, { hours });
    await using _rig = rig;
    const id = await write(rig, 'C-1', 'ByField');
    await becomes(rig, id, 'waiting reply');
    clock.advance(2 * 3_600_000);
    expect(rig.gateway.desk.systems()[0]?.availability).toBe('closed');
    partner.reply('ANSWER_1.TXT', answerTo('C-1', 'at', 'night'), '');
    await until('it was read', () => (clock.advance(25), partner.names('archive').length === 1), withinMs);
    expect((await rig.story(id)).calls[0]).toMatchObject({ state: 'answered', answeredBy: 'reply' });
    const meanwhile = await write(rig, 'C-2', 'ByField');
    expect(partner.names()).toEqual(['NOTE_C-1.TXT']);
    clock.advance(19 * 3_600_000);
    expect(rig.gateway.desk.systems()[0]?.availability).toBe('open');
    await becomes(rig, id, 'published');
    await becomes(rig, meanwhile, 'waiting reply');
    await ground.stop();
  });
});
