import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { CarrierAdapter } from '../../adapters/carrier/carrier.adapter.ts';
import { MainframeAdapter } from '../../adapters/mainframe/mainframe.adapter.ts';
import { StockroomAdapter } from '../../adapters/stockroom/stockroom.adapter.ts';
import { type NativeView } from '../../src/console/native.view.ts';
import { Masking } from '../../src/contract/masking.ts';
import { carrierSettings } from '../../src/practice/carrier/carrier.bench.ts';
import { PracticeCarrier } from '../../src/practice/carrier/carrier.server.ts';
import { mainframeSettings } from '../../src/practice/mainframe/mainframe.bench.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { type FileInspection } from '../../src/transports/file/inspection.ts';
import { type SoapInspection } from '../../src/transports/soap/inspection.ts';
import { type TerminalFrame, type TerminalInspection } from '../../src/transports/terminal/inspection.ts';
import { TerminalTransport } from '../../src/transports/terminal/terminal.transport.ts';
import { type Rig, startRig } from '../support/gateway.ts';
import { nativeDoor } from '../support/native-door.ts';
import { need } from '../support/needs.ts';
import { startServiceNowDoor } from '../support/servicenow-door.ts';
import { requested, shipment } from '../support/shipments.ts';
import { askToReserve, stockroomGround } from '../support/stockroom-ground.ts';

const patienceMs = 120_000;
const within = { timeout: patienceMs + 60_000 };
const eventually = { timeout: patienceMs, interval: 50 };

/** The view of a translation's first call of this name. */
async function viewOf<View>(rig: Rig, id: string, name: string, hidden: readonly string[] = []): Promise<View> {
  const { translation, calls } = await rig.story(id);
  const call = calls.find((each) => each.name === name);
  if (call === undefined) throw new Error(`no call ${name}`);
  const parts = call.parts.map(({ kind, atMs, media, body: { bytes, size, clipped } }) => ({ kind, atMs, media, bytes, size, clipped }));
  const exchange = { call: name, args: call.args, answer: call.answer, parts, from: 0, masking: new Masking(hidden) };
  return (await rig.gateway.desk.inspect(translation.system, exchange)).inspection as unknown as View;
}

const textOf = ({ lines }: TerminalFrame): string => lines.map((runs) => runs.map(([text]) => text).join('')).join('\n');

describe('the native exchange over HTTP', () => {
  it('is an envelope with its headers, masked for viewers, revealed for operators only and on record', within, async () => {
    const door = await startServiceNowDoor();
    const { gateway } = door;
    try {
      const as = (role: string) => ({ authorization: `Bearer secret-${role}` });
      const get = (path: string, role: string) => supertest(gateway.url).get(path).set(as(role));
      const summary = `Kein Netz <b>&"${'ä'.repeat(3)}`;
      const posted = await supertest(gateway.url)
        .post('/events')
        .set({ ...as('sender'), 'content-type': 'application/cloudevents+json' })
        .send(
          JSON.stringify({
            specversion: '1.0',
            id: 'N1',
            source: '/portal',
            type: 'com.acme.service.requested.v1',
            data: { requestId: 'N1', callerId: 'c-1', callerPhone: '+49 89 4711', summary },
          }),
        )
        .expect(202);
      const id = posted.body.events[0].translations[0].id as string;
      await expect.poll(async () => (await get(`/api/translations/${id}`, 'viewer')).body.translation.state, eventually).toBe('published');
      const { calls } = (await get(`/api/translations/${id}`, 'viewer')).body as { calls: { seq: number; name: string; parts: unknown[] }[] };
      const seq = calls.findLast(({ parts }) => parts.length >= 2)?.seq;
      const path = `/api/translations/${id}/calls/${seq}`;

      const { body, headers } = await get(`${path}/native`, 'viewer').expect(200);
      const masked = body as NativeView;
      expect(headers['cache-control']).toBe('no-store');
      expect(masked).toMatchObject({ translation: id, system: 'servicenow', transport: 'soap', masked: true, why: null });
      const [sent, received] = (masked.view as unknown as SoapInspection).messages;
      expect(sent?.startLine).toMatch(/^POST \/\S* HTTP\/1\.1$/);
      expect(sent?.headers.find(([name]) => name === 'authorization')?.[1]).toMatch(/^Basic \{\{.*\}\}$/);
      expect(received?.status).toBe(200);
      expect(received?.envelope?.lines[0]).toMatchObject({ depth: 0, is: 'begin' });
      expect(received?.envelope?.namespaces).toContain('http://schemas.xmlsoap.org/soap/envelope/');
      expect(JSON.stringify(masked)).not.toContain('+49 89 4711');

      await get(`${path}/native?reveal=1`, 'viewer').expect(403);
      const open = (await get(`${path}/native?reveal=1`, 'operator').expect(200)).body as NativeView;
      const lines = (open.view as unknown as SoapInspection).messages[0]?.envelope?.lines ?? [];
      expect(lines.map(({ text }) => text)).toContain(summary);
      expect(JSON.stringify(open)).toContain('+49 89 4711');
      const [audit] = (await get('/api/audit', 'admin')).body as { who: string; what: string; subject: string; why: string }[];
      expect(audit).toMatchObject({ who: 'operator-1', what: 'reveal', subject: id });
      expect(audit?.why).toContain(`call ${seq}`);

      const part = await get(`${path}/parts/0`, 'viewer').expect(200);
      expect(part.headers).toMatchObject({
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining('sandbox') as string,
        'content-disposition': expect.stringMatching(/^attachment; filename="[\w-]+\.http"$/) as string,
      });
      expect((part.body as Buffer).toString()).not.toContain('+49 89 4711');
      const revealed = await get(`${path}/parts/0?reveal=1`, 'operator').expect(200);
      expect((revealed.body as Buffer).toString()).toContain('+49 89 4711');
      const slice = await get(`${path}/parts/0?from=5&length=7`, 'viewer').expect(200);
      expect((slice.body as Buffer).toString()).toBe((part.body as Buffer).toString().slice(5, 12));
      await get(`${path}/parts/99`, 'viewer').expect(404);
      await get(`/api/translations/${id}/calls/99/native`, 'viewer').expect(404);
      await get(`${path}/native`, 'sender').expect(403);
    } finally {
      await door.stop();
    }
  });
});

describe('the native exchange of files', () => {
  it('is the record with its layout over the bytes, masked where sensitive values stand', within, async () => {
    const practice = await PracticeCarrier.start();
    const rig = await startRig({
      adapters: [CarrierAdapter],
      transports: [new FileTransport()],
      systems: { carrier: { settings: { callTimeoutMs: 8_000, settleMs: 300 }, transports: { file: carrierSettings(practice, {}) } } },
    });
    try {
      const id = await rig.post(requested, shipment('S-1', {}));
      await expect.poll(async () => (await rig.story(id)).translation.waitingFor, eventually).toBe('batch');
      const [call] = (await rig.story(id)).calls;
      const open = await viewOf<FileInspection>(rig, id, call?.name ?? '');
      const [piece] = open.pieces;
      const [record] = piece?.records ?? [];
      expect(piece?.records.map(({ type }) => type)).toEqual(['shipment', 'parcel', 'parcel']);
      expect(piece).toMatchObject({ role: 'gathered', next: null, stopped: null });
      expect(record).toMatchObject({ error: null, left: 0 });
      // Every field lies where its bytes are.
      const bytes = Buffer.from(record?.hex ?? '', 'hex');
      const texts = (record?.fields ?? []).filter(({ value, picture }) => typeof value === 'string' && picture.startsWith('X'));
      expect(texts.length).toBeGreaterThan(5);
      for (const { offset, length, value } of texts) expect(bytes.toString('latin1', offset, offset + length).trimEnd()).toBe(value);

      const secret = texts.find(({ value }) => String(value).length > 6);
      const masked = await viewOf<FileInspection>(rig, id, call?.name ?? '', [String(secret?.value)]);
      const hidden = masked.pieces[0]?.records[0];
      const field = hidden?.fields.find(({ name }) => name === secret?.name);
      expect(field).toMatchObject({ masked: true });
      expect(hidden?.hex.slice(2 * (field?.offset ?? 0), 2 * ((field?.offset ?? 0) + (field?.length ?? 0)))).toMatch(/^(xx)+$/);
      expect(JSON.stringify(masked)).not.toContain(String(secret?.value));
      expect(JSON.stringify(masked)).not.toContain(Buffer.from(String(secret?.value)).toString('hex'));

      // Over HTTP: nobody searches bytes of an unknown form for values, so a viewer does not get them; an operator does, on record.
      const path = `/api/translations/${id}/calls/${call?.seq}`;
      const asked = async (door: NestFastifyApplication, role: string, of: string) =>
        supertest(door.getHttpServer())
          .get(path + of)
          .set('authorization', `Bearer ${role}`);
      const door = await nativeDoor(rig, [CarrierAdapter]);
      const view = (await asked(door, 'viewer', '/native')).body as NativeView;
      expect(view).toMatchObject({ transport: 'file', masked: true, parts: [{ open: false, sha256: null, clipped: false }] });
      const [first] = (call?.args as { records: { value: { name: string; street: string } }[] } | undefined)?.records ?? [];
      const [name, street] = [String(first?.value.name), String(first?.value.street)];
      for (const hidden of [name, street]) {
        expect(JSON.stringify(view)).not.toContain(hidden);
        expect(JSON.stringify(view)).not.toContain(Buffer.from(hidden, 'latin1').toString('hex'));
      }
      expect((await asked(door, 'viewer', '/parts/0')).body).toMatchObject({ code: 'NOT_ALLOWED' });
      expect((await asked(door, 'operator', '/parts/0?reveal=1')).body.toString('latin1')).toContain(name);
      await door.close();

      // An adapter that is gone says nothing of what is sensitive: only that there are bytes.
      const gone = await nativeDoor(rig, []);
      const bare = (await asked(gone, 'viewer', '/native')).body as NativeView;
      expect(bare).toMatchObject({
        transport: null,
        view: null,
        masked: true,
        why: expect.stringContaining('no longer has the operation') as string,
      });
      expect((await asked(gone, 'viewer', '/parts/0')).status).toBe(403);
      await gone.close();
    } finally {
      await rig[Symbol.asyncDispose]();
      await practice.close();
    }
  });
});

describe('the native exchange of terminals', () => {
  it('is a film of screens: what was typed and pressed between them, anchors, fields, and why each wait ended', within, async () => {
    await using ground = await stockroomGround();
    const rig = await ground.gateway();
    const id = await askToReserve(rig, 'R-4711');
    await rig.settled(patienceMs);
    const name = (await rig.story(id)).calls.find(({ effect }) => effect === 'once')?.name ?? '';
    const { film, remarks } = await viewOf<TerminalInspection>(rig, id, name);
    expect(remarks).toEqual([]);
    const frames = film?.frames ?? [];
    expect(frames.length).toBeGreaterThanOrEqual(4);
    expect(frames.length).toBeLessThan(20);
    expect(frames.every(({ map }) => map !== null)).toBe(true);
    const filled = frames.find((frame) => frame.before.some((act) => 'typed' in act && act.value === 'R-4711'));
    expect(filled?.fields).toContainEqual(expect.objectContaining({ kind: 'input', value: 'R-4711' }));
    expect(textOf(filled as TerminalFrame)).toContain('R-4711');
    const waited = frames.filter(({ wait }) => wait !== null);
    expect(waited.every(({ wait }) => wait?.end === 'met' && wait.why !== '')).toBe(true);
    for (const { anchors, lines, map } of waited) {
      expect(anchors.length, `anchors of ${map}`).toBeGreaterThan(0);
      for (const { row, column, length } of anchors) {
        const line = (lines[row - 1] ?? []).map(([text]) => text).join('');
        expect(line.slice(column - 1, column - 1 + length).trim()).not.toBe('');
      }
    }
    const hidden = await viewOf<TerminalInspection>(rig, id, name, ['R-4711']);
    expect(JSON.stringify(hidden)).not.toContain('R-4711');
    expect(hidden.film?.styles.some(({ masked }) => masked === true)).toBe(true);
    expect(hidden.film?.frames.map(textOf).join('')).toContain('••••••');

    // A host sends a value letter by letter, between sequences: nobody can mask it in a recording.
    const own = await rig.post('com.acme.reservation.requested.v1', { reference: 'R-2', sku: 'SKU-1001', quantity: 1, customer: 'Linden Clinic' });
    await rig.settled(patienceMs);
    const call = (await rig.story(own)).calls.find((each) => each.name === name);
    const reel = call?.parts.findIndex(({ media }) => media.startsWith('application/x-asciicast')) ?? -1;
    const door = await nativeDoor(rig, [StockroomAdapter]);
    const get = (of: string) =>
      supertest(door.getHttpServer()).get(`/api/translations/${own}/calls/${call?.seq}${of}`).set('authorization', 'Bearer viewer');
    const view = await get('/native').expect(200);
    expect(view.body).toMatchObject({ transport: 'terminal', masked: true });
    expect(JSON.stringify(view.body)).not.toMatch(/linden clinic/i);
    expect((view.body as NativeView).parts[reel]).toMatchObject({ open: false });
    await get(`/parts/${reel}`).expect(403);
    await door.close();
  });

  it('of a 3270 is the same, its fields by the maps', within, async () => {
    need('s3270', 's3270');
    const practice = await PracticeMainframe.start({ enhanced: true });
    const rig = await startRig({
      adapters: [MainframeAdapter],
      transports: [new TerminalTransport()],
      systems: {
        mainframe: {
          settings: { callTimeoutMs: 20_000, settleMs: 300 },
          transports: { terminal: mainframeSettings(practice, { screenTimeoutMs: 8_000 }) },
        },
      },
    });
    try {
      const id = await rig.post('com.acme.customer.enquired.v1', { requestId: 'ASK-1', customer: '00010003' });
      await rig.settled(patienceMs);
      const story = await rig.story(id);
      const { film } = await viewOf<TerminalInspection>(rig, id, story.calls[0]?.name ?? '');
      const frames = film?.frames ?? [];
      expect(frames.length).toBeGreaterThanOrEqual(3);
      expect(frames.flatMap(({ before }) => before)).toContainEqual({ pressed: 'enter' });
      const answered = frames.findLast(({ fields }) => fields.some(({ kind, value }) => kind === 'output' && value !== ''));
      expect(answered?.wait?.end).toBe('met');
      expect(film?.styles.length).toBeGreaterThan(1);
    } finally {
      await rig[Symbol.asyncDispose]();
      await practice.close();
    }
  });
});
