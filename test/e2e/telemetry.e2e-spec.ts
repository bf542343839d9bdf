import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { Telemetry } from '../../src/contract/telemetry.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { writeRequest } from '../../src/telemetry/otlp.codec.ts';
import { OtlpExporter } from '../../src/telemetry/otlp.exporter.ts';
import { Collector, type SentSpan, attributesOf } from '../support/collector.ts';
import { type Composed, type ComposedOptions, startComposed } from '../support/composed.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';
const traceparent = `00-${traceId}-${parentId}-01`;

let depot: PracticeDepot;
let collector: Collector;
let running: Composed[];
beforeEach(async () => {
  [depot, collector, running] = [await PracticeDepot.start(), await Collector.start(), []];
});
afterEach(async () => {
  for (const gateway of running) await gateway.stop();
  for (const { folder } of running) rmSync(folder, { recursive: true, force: true });
  await collector.stop();
  await depot.close();
});

async function start(env: Record<string, string> = {}, more: ComposedOptions = {}): Promise<Composed> {
  const gateway = await startComposed(depot, { ...more, env: { GATEHOUSE_TELEMETRY__ENDPOINT: collector.url, ...env } });
  running.push(gateway);
  return gateway;
}

const wanted = (requestId: string) => ({ requestId, customerId: `CUSTOMER-${requestId}`, sku: 'BOLT', quantity: 1 });
const post = (gateway: Composed, requestId: string, attributes: Record<string, string> = { traceparent }) =>
  gateway.post('com.acme.stock.wanted.v1', wanted(requestId), { id: `event-of-${requestId}`, ...attributes });

const named = (name: string, spans = collector.spans): SentSpan => {
  const found = spans.filter((span) => span.name === name);
  if (found.length !== 1) throw new Error(`${found.length} spans are named '${name}' of: ${spans.map((span) => span.name).join(', ')}`);
  return found[0] as SentSpan;
};

/** Each span under its parent, indented, in order of their beginnings. */
function treeOf(spans: readonly SentSpan[], under: string, depth = 0): string[] {
  return spans
    .filter((span) => span.parentSpanId === under)
    .sort((a, b) => (a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1))
    .flatMap((span) => {
      const { 'gatehouse.outcome': outcome, 'gatehouse.probe': probe } = attributesOf(span);
      const line = [span.name, outcome, probe === true ? 'probe' : undefined, span.status.message].filter((word) => word !== undefined).join(' · ');
      return [`${'  '.repeat(depth)}${line}`, ...treeOf(spans, span.spanId, depth + 1)];
    });
}

const complaints = ({ logs }: Composed): string[] => logs.filter((line) => line.includes('collector'));

describe('the trace of an event', () => {
  it('is one tree under the sender’s span, and the reply continues it from the span of its translation', async () => {
    const beganMs = Date.now();
    const gateway = await start();
    await gateway.becomes(await post(gateway, 'A1'), 'published');
    const [reply] = await gateway.replies();
    await gateway.stop();
    const { spans } = collector;
    expect(treeOf(spans, parentId)).toEqual([
      'receive depot reserve-stock',
      '  run depot reserve-stock · replied',
      '    call depot Stock · answered',
      '    call depot Reserve · answered',
      '  publish com.acme.stock.reserved.v1 · unroutable',
    ]);
    expect(spans.map((span) => span.traceId)).toEqual(spans.map(() => traceId));
    expect(new Set(spans.map((span) => span.spanId)).size).toBe(5);
    expect(reply?.attributes['traceparent']).toBe(`00-${traceId}-${named('receive depot reserve-stock').spanId}-01`);
    for (const span of spans) {
      expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
      expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano));
      expect(Number(BigInt(span.startTimeUnixNano) / 1_000_000n)).toBeGreaterThanOrEqual(beganMs - 100);
      expect(Number(BigInt(span.endTimeUnixNano) / 1_000_000n)).toBeLessThanOrEqual(Date.now() + 100);
    }
    const call = named('call depot Reserve');
    expect(call.events.map(({ name }) => name)).toEqual(['left']);
    expect(BigInt(call.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(named('run depot reserve-stock').startTimeUnixNano));
    expect(BigInt(call.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(named('run depot reserve-stock').endTimeUnixNano));
  });

  it('names what was done and never what was said: no payload, no business key, no id of the sender, no secret', async () => {
    const gateway = await start({ GATEHOUSE_TELEMETRY__HEADERS__ENV: 'HEADERS', HEADERS: 'authorization=Bearer%20CANARY-1,x-tenant=t' });
    const id = await post(gateway, 'A1');
    await gateway.becomes(id, 'published');
    await gateway.stop();
    const [request] = collector.requests;
    expect(request).toMatchObject({
      url: '/v1/traces',
      headers: { authorization: 'Bearer CANARY-1', 'x-tenant': 't', 'content-type': 'application/json' },
    });
    expect(attributesOf(named('call depot Reserve'))).toEqual({
      'gatehouse.translation': id,
      'gatehouse.system': 'depot',
      'gatehouse.operation': 'reserve-stock',
      'gatehouse.run': '1',
      'gatehouse.call': 'Reserve',
      'gatehouse.effect': 'once',
      'gatehouse.outcome': 'answered',
    });
    const [told] = request?.body.resourceSpans ?? [];
    expect(attributesOf(told?.resource ?? { attributes: [] })).toMatchObject({ 'service.name': 'gatehouse' });
    const sent = collector.requests.map(({ text }) => text).join('');
    for (const value of ['A1', 'CUSTOMER', 'BOLT', 'CANARY', 'practice', '/test']) expect(sent).not.toContain(value);
    expect(gateway.logs.join('')).not.toContain('CANARY');
  });

  it('shows each run, a call that may have happened and the probe that found it', async () => {
    depot.fault({ kind: 'commit-then-drop', matching: 'B1', times: 1 });
    const gateway = await start();
    await gateway.becomes(await post(gateway, 'B1'), 'published');
    await gateway.stop();
    expect(treeOf(collector.spans, parentId)).toEqual([
      'receive depot reserve-stock',
      '  run depot reserve-stock · waiting · NO_ANSWER',
      '    call depot Stock · answered',
      '    call depot Reserve · unknown · NO_ANSWER',
      '  run depot reserve-stock · replied',
      '    call depot Find · answered · probe',
      '  publish com.acme.stock.reserved.v1 · unroutable',
    ]);
  });

  it('stays one tree over a restart, also when nobody sent a trace context', async () => {
    const first = await start({ GATEHOUSE_SYSTEMS__DEPOT__HELD: 'true' });
    const id = await post(first, 'C1', {});
    await first.stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['receive depot reserve-stock']);
    const root = named('receive depot reserve-stock');
    expect(root.parentSpanId).toBeUndefined();

    const second = await start({}, { folder: first.folder });
    await second.gateway.desk.resume('depot', '', 'ann', 'open again');
    await second.becomes(id, 'published');
    const [reply] = await second.replies();
    await second.stop();
    expect(treeOf(collector.spans, root.spanId)).toEqual([
      'run depot reserve-stock · replied',
      '  call depot Stock · answered',
      '  call depot Reserve · answered',
      'publish com.acme.stock.reserved.v1 · unroutable',
    ]);
    expect(new Set(collector.spans.map((span) => span.traceId)).size).toBe(1);
    expect(reply?.attributes['traceparent']).toBe(`00-${root.traceId}-${root.spanId}-01`);
  });

  it('tells what is parked, and links a replay to what it repeats; a duplicate is told once', async () => {
    depot.fault({ kind: 'commit-then-drop', matching: 'D1', times: 1 });
    const gateway = await start();
    const attributes = { id: 'D', traceparent };
    const id = await gateway.post('com.acme.order.sent.v1', { orderId: 'D1', sku: 'BOLT' }, attributes);
    await gateway.becomes(id, 'parked');
    expect(await gateway.post('com.acme.order.sent.v1', { orderId: 'D1', sku: 'BOLT' }, attributes)).toBe(id);
    await gateway.post('com.acme.order.sent.v1', { orderId: 'D2', sku: 'BOLT' }, attributes);
    const replay = { translationId: id, key: 'k', version: null, who: 'ann', why: 'again' };
    const { translationId } = await gateway.gateway.desk.act(replay, { kind: 'replay', data: { orderId: 'D3', sku: 'BOLT' } });
    await gateway.gateway.desk.act(replay, { kind: 'replay', data: { orderId: 'D3', sku: 'BOLT' } });
    await gateway.becomes(translationId, 'published');
    await gateway.stop();
    const receipts = collector.spans.filter(({ name }) => name === 'receive depot send-order');
    expect(receipts.map(({ status }) => status.message)).toEqual([undefined, 'EVENT_ID_REUSED', undefined]);
    expect(receipts[2]?.links).toMatchObject([{ traceId, spanId: receipts[0]?.spanId }]);
    expect(attributesOf(receipts[2] as SentSpan)['gatehouse.translation']).toBe(translationId);
    expect(treeOf(collector.spans, receipts[0]?.spanId ?? '')).toEqual([
      'run depot send-order · parked · IN_DOUBT',
      '  call depot Order · in doubt · NO_ANSWER',
    ]);
    expect(treeOf(collector.spans, receipts[2]?.spanId ?? '')).toEqual([
      'run depot send-order · waiting',
      '  call depot Order · later',
      'run depot send-order · replied',
      'publish com.acme.order.confirmed.v1 · unroutable',
    ]);
  });

  it('is left untold when the sender says so or the share leaves it out, and the reply says the same', async () => {
    const gateway = await start({ GATEHOUSE_TELEMETRY__SAMPLERATIO: '0' });
    await gateway.becomes(await post(gateway, 'E1', { traceparent: `00-${traceId}-${parentId}-00` }), 'published');
    await gateway.becomes(await post(gateway, 'E2', {}), 'published');
    await gateway.becomes(await post(gateway, 'E3'), 'published');
    const flags = (await gateway.replies()).map(({ attributes }) => attributes['traceparent']?.slice(-2));
    await gateway.stop();
    expect(flags).toEqual(['00', '00', '01']);
    expect(collector.spans.filter(({ name }) => name.startsWith('receive'))).toHaveLength(1);
    expect(collector.spans).toHaveLength(5);
  });
});

describe('a collector', () => {
  it.each(['down', 'hanging'])('that is %s disturbs no event, and is said once', async (how) => {
    if (how === 'down') await collector.stop();
    else collector.behaves = 'hang';
    const gateway = await start({ GATEHOUSE_TELEMETRY__TIMEOUTMS: '300' });
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => post(gateway, `F${n}`)));
    for (const id of ids) await gateway.becomes(id, 'published');
    await expect.poll(() => complaints(gateway).length).toBe(1);
    for (const id of await Promise.all(Array.from({ length: 5 }, (_, n) => post(gateway, `G${n}`)))) await gateway.becomes(id, 'published');
    for (const id of ids) expect((await gateway.story(id)).translation.attempts).toBe(1);
    await gateway.stop();
    expect(complaints(gateway).map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 40, msg: expect.stringMatching(/^the collector takes no spans \([A-Z_]+\)/) },
      { level: 40, dropped: 125, msg: expect.stringContaining('125 span(s) were dropped') },
    ]);
  });

  it('that is away for long costs what does not fit the queue, and the log counts it', async () => {
    collector.behaves = 503;
    const logs: { level: string; fields: object }[] = [];
    const exporter = new OtlpExporter({
      endpoint: collector.url,
      headers: {},
      timeoutMs: 5_000,
      clock: new SystemClock(),
      log: (level, fields) => logs.push({ level, fields }),
      write: (spans) => writeRequest({}, { name: 'gatehouse', version: 'test' }, spans),
    });
    const span = { traceId, parentId, name: 'x', kind: 'internal', startMs: 1, endMs: 2, attributes: {} } as const;
    for (let n = 0; n < 20_000; n += 1) exporter.add({ ...span, spanId: n.toString(16).padStart(16, '0') });
    await expect.poll(() => logs.length).toBe(1);
    collector.behaves = 'take';
    await expect.poll(() => logs.length).toBe(2);
    await exporter.close(2_000);
    expect(logs.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(logs[1]?.fields).toEqual({ dropped: 20_000 - 16_384 });
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(16_384);
  });

  it('that hangs holds a stop up for two seconds, no more', async () => {
    collector.behaves = 'hang';
    const gateway = await start();
    await gateway.becomes(await post(gateway, 'K1'), 'published');
    const stoppedAtMs = performance.now();
    await gateway.stop();
    expect(performance.now() - stoppedAtMs).toBeLessThan(6_000);
    expect(JSON.parse(complaints(gateway)[0] ?? '{}')).toMatchObject({ dropped: 5 });
  });

  it('that comes back gets what was kept', async () => {
    collector.behaves = 503;
    const gateway = await start();
    await gateway.becomes(await post(gateway, 'H1'), 'published');
    await expect.poll(() => complaints(gateway).length).toBe(1);
    collector.behaves = 'take';
    await expect.poll(() => complaints(gateway).length).toBe(2);
    await gateway.stop();
    expect(complaints(gateway)[1]).toMatch(/"dropped":0.*takes spans again/);
    expect(treeOf(collector.spans, parentId)).toHaveLength(5);
  });

  it.each([
    [401, 10, 'HTTP 401'],
    ['reject one', 2, 'it rejects 1 of 5'],
  ] as const)('that refuses (%s) gets nothing again, is said once, and what it lacks is counted', async (behaves, dropped, why) => {
    collector.behaves = behaves;
    const gateway = await start();
    await gateway.becomes(await post(gateway, 'I1'), 'published');
    await expect.poll(() => complaints(gateway).length).toBe(1);
    await gateway.becomes(await post(gateway, 'I2'), 'published');
    await gateway.stop();
    expect(complaints(gateway)).toHaveLength(2);
    expect(complaints(gateway)[0]).toContain(why);
    expect(JSON.parse(complaints(gateway)[1] ?? '{}')).toMatchObject({ dropped });
    expect(collector.seen).toBe(2);
  });
});

describe('telemetry that is not configured', () => {
  it('is not there: nothing is sent and no verb has anything to call', async () => {
    const gateway = await startComposed(depot);
    running.push(gateway);
    await gateway.becomes(await post(gateway, 'J1'), 'published');
    expect(gateway.app.get(Telemetry)).toBeNull();
    await gateway.stop();
    expect(collector.seen).toBe(0);
  });

  it.each([
    [{ GATEHOUSE_TELEMETRY__ENDPOINT: 'collector:4318' }, 'telemetry.endpoint'],
    [{ GATEHOUSE_TELEMETRY__ENDPOINT: 'http://user:CANARY@collector:4318' }, 'telemetry.endpoint'],
    [{ GATEHOUSE_TELEMETRY__SAMPLERATIO: '2' }, 'telemetry.sampleRatio'],
  ])('a mistake is said by its name, and no secret with it: %o', (env, path) => {
    const load = (): unknown => loadConfig(configSchema({ ...ownParts, adapters: [] }), { file: null, env });
    expect(load).toThrow(path);
    expect(load).not.toThrow(/CANARY/);
  });

  it('headers that are none stop the start, unseen', async () => {
    const broken = start({ GATEHOUSE_TELEMETRY__HEADERS__ENV: 'HEADERS', HEADERS: 'CANARY' });
    await expect(broken).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('CANARY') });
  });
});
