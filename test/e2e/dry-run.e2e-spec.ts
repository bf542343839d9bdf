import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { FoundIncident, IncidentsFound, IncidentsRequested } from '../../adapters/servicenow/search.events.ts';
import { IncidentRefused } from '../../adapters/servicenow/events.ts';
import { type ServiceNow, calls, layout } from '../../adapters/servicenow/servicenow.layout.ts';
import { dryRunView, maskingOfDryRun } from '../../src/console/dry-run.masked.ts';
import { nativesOf } from '../../src/console/dry-run.native.ts';
import { saveCase } from '../../src/console/save-case.ts';
import { storyView } from '../../src/console/story.view.ts';
import { Catalogue } from '../../src/contract/catalogue.ts';
import { readStructured } from '../../src/contract/cloud-event-format.ts';
import { type DryRun } from '../../src/contract/dry-run.ts';
import { Adapter, Operation, type SystemHandle } from '../../src/contract/index.ts';
import { type Class, type Json } from '../../src/contract/json.ts';
import { Masking } from '../../src/contract/masking.ts';
import { type Bench } from '../../src/practice/bench.ts';
import { carrierBench } from '../../src/practice/carrier/carrier.bench.ts';
import { CaseClock } from '../../src/practice/case-clock.ts';
import { preparationOf, readJson } from '../../src/practice/case-folder.ts';
import { operationAgrees, operationExpected, runOperationCase } from '../../src/practice/operation-case.ts';
import { nightlyBench } from '../../src/practice/nightly/nightly.bench.ts';
import { serviceNowBench } from '../../src/practice/servicenow/servicenow.bench.ts';
import { stockroomBench } from '../../src/practice/stockroom/stockroom.bench.ts';
import { type FileInspection } from '../../src/transports/file/inspection.ts';
import { type SoapInspection } from '../../src/transports/soap/inspection.ts';
import { type TerminalInspection } from '../../src/transports/terminal/inspection.ts';
import { type Rig, startRig } from '../support/gateway.ts';

const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('latin1');
const brief = ({ calls: made, replies, end }: DryRun) => ({
  calls: made.map(({ name, answeredBy, parts }) =>
    [name, answeredBy, ...parts.flatMap(({ kind, same }) => (kind === 'note' && same === null ? [] : [same]))].join(' '),
  ),
  replies: replies.map(({ same }) => same),
  end: end.end,
});

/** Then and now as the protocol shows them: the same lines. A call that went out with others is told its place then, and that it is not known now. */
async function expectViews(rig: Rig, dry: DryRun): Promise<void> {
  const natives = await nativesOf({ desk: rig.gateway.desk, reader: rig.journal.reader, atMs: 1 }, dry, Masking.none);
  expect(natives.length).toBeGreaterThan(0);
  for (const { now, before } of natives) {
    expect(now.why).toBeNull();
    const views = [now.view, before?.view] as unknown as readonly (SoapInspection | FileInspection | TerminalInspection)[];
    const [drafted, recorded] = views.map((view) =>
      view.view === 'file'
        ? view.pieces.map(({ records }) => records)
        : view.view === 'soap'
          ? view.messages.map(({ envelope, raw }) => [envelope, raw])
          : [view.typed, view.command],
    );
    expect(drafted?.length).toBeGreaterThan(0);
    expect(drafted).toEqual(recorded);
    if (views[0]?.view !== 'file' || views[0].pieces[0]?.role !== 'gathered' || views[1]?.view !== 'file') continue;
    const steps = [views[0].steps, views[1].steps].map((each) => each.at(-1)?.said as Record<string, Json>);
    expect(steps[0]).toMatchObject({ directory: steps[1]?.['directory'], place: expect.stringContaining('not known before the batch closes') });
    expect(String(steps[0]?.['file']).replaceAll(/\d/g, '0')).toBe(String(steps[1]?.['file']).replaceAll(/\d/g, '0'));
    expect([views[0].batch, views[1].batch?.place]).toEqual([null, 1]);
    expect(views[1].batch?.record).toBeGreaterThan(0);
  }
}

interface Played {
  readonly rig: Rig;
  readonly id: string;
  readonly files: () => number;
}

/** The event of a case, through a real gateway in front of the practice system, to its end; then `work`. */
async function played(bench: Bench, name: string, work: (played: Played) => Promise<void>): Promise<void> {
  const folder = join(bench.casesFolder, name);
  const practice = await bench.start(preparationOf(folder));
  await using rig = await startRig({
    adapters: [bench.adapter],
    transports: bench.transports(),
    sourceTransports: bench.sourceTransports?.() ?? [],
    systems: { [bench.system]: { settings: bench.timing ?? {}, transports: practice.settings } },
    clock: new CaseClock(),
  });
  try {
    const [taken] = await rig.gateway.intake.post([readStructured(readJson(folder, 'event.json'))]);
    const settled = rig.settled(60_000).then(() => true);
    while (!(await Promise.race([settled, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20))])))
      for (const { seq } of await rig.journal.reader.batches(bench.system, ['open'], 1))
        await rig.gateway.desk.actOnBatch({ key: `close ${seq}`, batch: seq, act: 'close', who: 'ann', why: 'nobody else comes' });
    await work({ rig, id: taken?.translations[0]?.id ?? '', files: () => practice.dropped?.().size ?? 0 });
  } finally {
    await practice.stop();
  }
}

/** The translation as a case, and whether it passes from its recording. */
async function savedFrom(rig: Rig, bench: Bench, id: string): Promise<{ folder: string; notes: readonly string[]; passes: boolean }> {
  const story = await rig.story(id);
  const operation = new Catalogue([bench.adapter]).operation(bench.system, story.translation.operation);
  if (operation === undefined) throw new Error('there is no such operation');
  const { files, notes } = await saveCase(rig.journal.reader, rig.gateway.desk, operation, story);
  const folder = join(rig.folder, 'case');
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  const passes = operationAgrees(await runOperationCase(bench, folder, 'recorded'), operationExpected(folder), 'recorded');
  return { folder, notes, passes };
}

describe('an event that was translated, run dry with the same adapter', () => {
  it.each<[string, string[], Bench]>([
    ['open-incident--opened', ['insert recorded true'], serviceNowBench],
    ['open-incident--answer-lost-and-probed', ['insert recorded true'], serviceNowBench],
    ['update-incident--updated', ['getRecords recorded true', 'update recorded true'], serviceNowBench],
    ['find-incidents--several-pages', ['getRecords recorded true', 'getRecords recorded true'], serviceNowBench],
    ['announce-shipment--accepted', ['Manifest recorded true'], carrierBench],
    ['book-posting--booked', ['Posting recorded true'], nightlyBench],
    ['reserve-stock--reserved', ['FindReservations recorded true', 'Reserve recorded true'], stockroomBench],
    ['reserve-stock--message-over-the-confirmation', ['FindReservations recorded true', 'Reserve recorded true'], stockroomBench],
    ['list-locations--over-all-pages', ['ListItems recorded true'], stockroomBench],
  ])('%s: the same bytes, the same reply; and a case of it passes from its recording', async (name, expected, bench) => {
    await played(bench, name, async ({ rig, id }) => {
      const before = await rig.story(id);
      const dry = await rig.gateway.desk.dryRun({ translationId: id });
      await expectViews(rig, dry);
      expect(brief(dry)).toEqual({ calls: expected, replies: before.replies.map(() => true), end: 'replied' });
      expect(await rig.story(id)).toEqual(before);
      const saved = await savedFrom(rig, bench, id);
      const known = operationExpected(join(bench.casesFolder, name));
      expect(operationExpected(saved.folder)).toEqual(known);
      expect([saved.notes, saved.passes]).toEqual([[], true]);
    });
  });

  it('that was parked makes a case that parks', async () => {
    await played(stockroomBench, 'reserve-stock--value-that-presses-a-key', async ({ rig, id }) => {
      const { folder, notes, passes } = await savedFrom(rig, stockroomBench, id);
      expect([operationExpected(folder).code, notes, passes]).toEqual(['EVENT_INVALID', [], true]);
    });
  });

  it('shows no sensitive value to those who may not see it, wherever its class is inside the event', async () => {
    await played(carrierBench, 'announce-shipment--accepted', async ({ rig, id }) => {
      const dry = await rig.gateway.desk.dryRun({ translationId: id });
      const { name, street } = (JSON.parse(Buffer.from(dry.event.data).toString()) as { recipient: { name: string; street: string } }).recipient;
      const catalogue = new Catalogue([carrierBench.adapter]);
      const seen = [dryRunView(dry, maskingOfDryRun(dry, catalogue, false), []), storyView(await rig.story(id), catalogue, false)].map((view) =>
        JSON.stringify(view),
      );
      for (const text of seen) for (const value of [name, street]) expect(text).not.toContain(value);
      expect(JSON.stringify(dryRunView(dry, maskingOfDryRun(dry, catalogue, true), []))).toContain(name);
    });
  });

  it('with an edited event shows what would be sent instead, and gives the recorded answer as assumed', async () => {
    await played(carrierBench, 'announce-shipment--accepted', async ({ rig, id, files }) => {
      const { event, calls: made } = await rig.story(id);
      const data = JSON.parse(Buffer.from(event.data.bytes ?? []).toString()) as { recipient: Record<string, Json> };
      const before = files();
      const dry = await rig.gateway.desk.dryRun({
        translationId: id,
        data: { ...data, recipient: { ...data.recipient, city: 'Elsewhere' } } as Json,
      });
      expect([brief(dry), dry.edited]).toEqual([{ calls: ['Manifest assumed false'], replies: [true], end: 'replied' }, true]);
      expect(dry.notes.join()).toContain('assumed');
      const drafted = text(dry.calls[0]?.parts[0]?.bytes);
      expect(drafted).toContain('Elsewhere');
      expect(drafted).toHaveLength(text(made[0]?.parts[0]?.body.bytes).length);
      expect(files()).toBe(before);
    });
  });

  it('that nobody has posted needs answers that the layout takes', async () => {
    await played(stockroomBench, 'enquire-stock--level', async ({ rig }) => {
      const subject = { system: 'stockroom', operation: 'reserve-stock', data: { reference: 'TRY-1', sku: 'SKU-1001', quantity: 2 } };
      const first = await rig.gateway.desk.dryRun(subject);
      expect(brief(first)).toEqual({ calls: ['FindReservations  '], replies: [], end: 'needs answer' });
      expect(text(first.calls[0]?.parts[0]?.bytes)).toBe('choice: 4\nenter\nreference: TRY-1\nenter\n');
      const given = { FindReservations: { reservations: [] }, Reserve: { number: 'R000009' } };
      const second = await rig.gateway.desk.dryRun({ ...subject, answers: given });
      expect(brief(second)).toEqual({ calls: ['FindReservations given ', 'Reserve given '], replies: [null], end: 'replied' });
      expect(text(second.calls[1]?.parts[0]?.bytes)).toBe('choice: 2\nenter\nreference: TRY-1\nsku: SKU-1001\nquantity: 2\nenter\nf6\n');
      await expect(rig.gateway.desk.dryRun({ ...subject, answers: { Reserve: { nummer: 1 } } })).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
      await expect(rig.gateway.desk.dryRun({ ...subject, answers: { Nothing: {} } })).rejects.toMatchObject({ code: 'CALL_UNKNOWN' });
      await expect(rig.gateway.desk.dryRun({ ...subject, operation: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      const unfit = await rig.gateway.desk.dryRun({ ...subject, data: { reference: 'TRY-1' } });
      expect(unfit.end).toMatchObject({ end: 'parked', failure: { code: 'EVENT_INVALID' } });
      expect(await rig.rows()).toHaveLength(1);
    });
  });
});

describe('a mapping that is mended', () => {
  /** Asks for the incidents of somebody by the wrong column, and tells none of them by its number. */
  class FindIncidents {
    async translate({ requestId, callerId = '' }: IncidentsRequested, servicenow: SystemHandle<ServiceNow>) {
      const { getRecordsResult = [] } = await servicenow.call('getRecords', { caller_id: callerId.toUpperCase(), __limit: 10 });
      const incidents = getRecordsResult.map(() => Object.assign(new FoundIncident(), {}));
      return new IncidentsFound({ requestId, incidents, more: false, shifted: false });
    }
  }
  Operation({ accepts: IncidentsRequested, replies: [IncidentsFound, IncidentRefused], businessKey: 'requestId' })(FindIncidents);
  class WrongAdapter {}
  Adapter({ system: 'servicenow', about: 'Wrong.', layouts: [layout], calls, operations: [FindIncidents] })(WrongAdapter);

  it('parks; run dry with the mended adapter it shows what is sent instead and what becomes of it, and the retry publishes', async () => {
    const practice = await serviceNowBench.start([{ incident: { caller_id: 'ann.lee', short_description: 'No mail' } }]);
    const start = (adapter: Class, folder?: string): Promise<Rig> =>
      startRig({
        adapters: [adapter],
        transports: serviceNowBench.transports(),
        systems: { servicenow: { settings: { callTimeoutMs: 5_000 }, transports: practice.settings } },
        ...(folder === undefined ? {} : { folder }),
      });
    try {
      const wrong = await start(WrongAdapter);
      const id = await wrong.post('com.acme.incidents.requested.v1', { requestId: 'Q1', callerId: 'ann.lee' });
      await wrong.settled();
      expect((await wrong.story(id)).translation).toMatchObject({ state: 'parked', failure: { code: 'REPLY_INVALID' } });
      await wrong.stop();

      await using mended = await start(ServiceNowAdapter, wrong.folder);
      const dry = await mended.gateway.desk.dryRun({ translationId: id });
      expect(brief(dry)).toEqual({ calls: ['getRecords assumed false'], replies: [null], end: 'replied' });
      const [part] = dry.calls[0]?.parts ?? [];
      const then = dry.calls[0]?.recorded?.parts[part?.recorded ?? -1]?.body.bytes;
      expect([text(then).includes('ANN.LEE'), text(part?.bytes).includes('>ann.lee<')]).toEqual([true, true]);
      expect(JSON.parse(text(dry.replies[0]?.data))).toMatchObject({
        requestId: 'Q1',
        incidents: [{ number: expect.stringMatching(/^INC/) as string }],
      });
      await mended.gateway.desk.act({ key: 'k', translationId: id, version: null, who: 'ann', why: 'mended' }, { kind: 'retry' });
      await mended.settled();
      const after = await mended.story(id);
      expect([after.translation.state, JSON.parse(text(after.replies[0]?.data.bytes))]).toEqual([
        'published',
        JSON.parse(text(dry.replies[0]?.data)),
      ]);
      expect(brief(await mended.gateway.desk.dryRun({ translationId: id }))).toEqual({
        calls: ['getRecords recorded true'],
        replies: [true],
        end: 'replied',
      });
    } finally {
      await practice.stop();
    }
  });
});
