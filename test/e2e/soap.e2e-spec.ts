import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenIncident } from '../../adapters/servicenow/operations/open-incident.ts';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { Adapter, adapterOf } from '../../src/contract/adapter.ts';
import { Secret } from '../../src/contract/secret.ts';
import { PracticeServiceNow, type ServiceNowFaultKind } from '../../src/practice/servicenow/servicenow.server.ts';
import { SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { type Rig, startRig } from '../support/gateway.ts';

const canary = 'CANARY-pass&word<7>';
let practice: PracticeServiceNow;
beforeEach(async () => {
  practice = await PracticeServiceNow.start({ password: canary });
});
afterEach(() => practice.stop());

function start(more: object = {}): Promise<Rig> {
  const soap = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('env:SERVICENOW_PASSWORD', canary) });
  return startRig({
    adapters: [ServiceNowAdapter],
    transports: [new SoapTransport()],
    systems: { servicenow: { settings: { callTimeoutMs: 600, settleMs: 400, ...more }, transports: { soap } } },
  });
}

const type = 'com.acme.service.requested.v1';
const requested = (requestId: string, more: object = {}) => ({ requestId, callerId: `caller-${requestId}`, summary: 'No network', ...more });

describe('a plain SOAP call', () => {
  it('opens an incident, with the exact envelopes in the journal and the password nowhere', async () => {
    await using rig = await start();
    const id = await rig.post(type, requested('R1', { details: `]]> & <b>"quoted"</b> ä € 😀`, urgency: 'high' }));
    await rig.settled();
    const story = await rig.story(id);
    expect(story.translation.state).toBe('published');
    const [sent = '', received = ''] = story.calls.flatMap((call) => call.parts).map(({ body }) => Buffer.from(body.bytes ?? []).toString());
    expect(sent).toMatch(/^POST \/incident\.do\?SOAP HTTP\/1\.1\r\n/);
    expect(sent).toContain('authorization: Basic {{env:SERVICENOW_PASSWORD}}');
    expect(sent).toContain('<correlation_id>R1</correlation_id>');
    expect(received).toMatch(/^HTTP\/1\.1 200\r\n[^]*INC0010001/);
    expect(JSON.stringify([story, rig.logs])).not.toContain('CANARY');
    const credentials = Buffer.from(`gatehouse:${canary}`).toString('base64');
    for (const file of readdirSync(rig.folder)) {
      const bytes = readFileSync(join(rig.folder, file));
      expect([file, bytes.includes('CANARY'), bytes.includes(credentials), bytes.includes(Buffer.from(canary).toString('base64'))]).toEqual([
        file,
        false,
        false,
        false,
      ]);
    }
    expect(practice.ledger()[0]?.fields).toMatchObject({ description: `]]> & <b>"quoted"</b> ä € 😀`, urgency: '1', caller_id: 'caller-R1' });
    const [reply] = await rig.replies();
    expect(JSON.parse(Buffer.from(reply?.data ?? []).toString())).toMatchObject({ requestId: 'R1', number: 'INC0010001' });
  });

  it('faults that the table knows are refusals, retries, or hold the system', async () => {
    await using rig = await start();
    practice.fault({ kind: 'busy', matching: 'R2', times: 2 });
    await rig.post(type, requested('R1', { callerId: 'nobody' }));
    await rig.post(type, requested('R2'));
    await rig.settled();
    const types = (await rig.replies()).map(({ attributes }) => attributes.type).sort();
    expect(types).toEqual(['com.acme.incident.opened.v1', 'com.acme.incident.refused.v1']);
    expect(practice.ledger()).toHaveLength(1);
  });

  it.each<ServiceNowFaultKind>([
    'commit-then-drop',
    'unknown-fault',
    'html-503',
    'html-200',
    'empty-200',
    'truncated',
    'doctype',
    'redirect',
    'huge',
    'silent',
    'commit-late',
  ])('rule 8: after it left, %s is ambiguous: the probe decides and it is inserted exactly once', async (kind) => {
    await using rig = await start({ callTimeoutMs: 300, settleMs: 600 });
    practice.fault({ kind, matching: 'R1', times: 1, ms: 350 });
    const id = await rig.post(type, requested('R1'));
    await rig.settled();
    await practice.caughtUp();
    const story = await rig.story(id);
    expect(story.translation.state).toBe('published');
    expect(story.calls.filter(({ probeOf }) => probeOf !== null).length).toBeGreaterThan(0);
    expect(practice.ledger()).toHaveLength(1);
  });

  it('what XML cannot carry is refused before anything leaves, with its path', async () => {
    await using rig = await start();
    const id = await rig.post(type, requested('R1', { summary: 'bell \u0007' }));
    await rig.settled();
    expect((await rig.story(id)).translation).toMatchObject({
      state: 'parked',
      failure: { code: 'CALL_REFUSED_ARGUMENTS', message: expect.stringContaining('insert.short_description') },
    });
    expect(practice.ledger()).toEqual([]);
  });

  it('rule 24: refused credentials hold the system, park nothing, and everything goes on when a person resumes', async () => {
    await using rig = await start();
    practice.password = 'changed';
    for (let n = 0; n < 50; n += 1) await rig.post(type, requested(`R${n}`));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('held');
    expect(rig.gateway.desk.systems()[0]?.reason).toContain('credentials');
    expect((await rig.rows({ states: ['parked'] })).length).toBe(0);
    practice.password = canary;
    await rig.gateway.desk.resume('servicenow', '', 'ann', 'password put right');
    await rig.settled();
    expect(practice.ledger()).toHaveLength(50);
    expect((await rig.rows()).every(({ state, attempts }) => state === 'published' && attempts === 1)).toBe(true);
  });

  it('rule 23: while the system refuses connections nothing is parked and no attempt is used up; all is done after it heals', async () => {
    await using rig = await start();
    await practice.stop();
    for (let n = 0; n < 200; n += 1) await rig.post(type, requested(`R${n}`));
    await expect.poll(() => rig.gateway.desk.systems()[0]?.availability).toBe('down');
    await practice.reopen();
    await rig.settled(20_000);
    expect((await rig.rows()).every(({ state, attempts }) => state === 'published' && attempts === 1)).toBe(true);
    expect(practice.ledger()).toHaveLength(200);
  });

  it('rule 24: a missing WSDL holds its system at the start, and resuming goes on once it is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-wsdl-'));
    const wsdl = join(folder, 'servicenow.wsdl');
    const { layouts, ...rest } = adapterOf(ServiceNowAdapter);
    class Moved {}
    Adapter({ ...rest, operations: [OpenIncident], layouts: layouts.map((layout) => ({ ...layout, wsdl: pathToFileURL(wsdl) })) })(Moved);
    const soap = Object.assign(new SoapSettings(), { url: practice.url, user: 'gatehouse', password: new Secret('env:P', canary) });
    await using rig = await startRig({
      adapters: [Moved],
      transports: [new SoapTransport()],
      systems: { servicenow: { settings: { callTimeoutMs: 600, settleMs: 400 }, transports: { soap } } },
    });
    try {
      await rig.post(type, requested('R1'));
      await expect
        .poll(() => rig.gateway.desk.systems()[0])
        .toMatchObject({ availability: 'held', reason: expect.stringContaining('there is no such file') });
      expect(practice.ledger()).toEqual([]);
      copyFileSync(new URL('../../adapters/servicenow/servicenow.wsdl', import.meta.url), wsdl);
      await rig.gateway.desk.resume('servicenow', '', 'ann', 'put in place');
      await rig.settled();
      expect((await rig.rows()).map(({ state, attempts }) => [state, attempts])).toEqual([['published', 1]]);
      expect(practice.ledger()).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
