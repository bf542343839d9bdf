import { execFile } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { CarrierAdapter, CarrierPartner, ackLine, endLine } from '../support/carrier.ts';
import { openDirectory } from '../support/file-grounds.ts';
import { until } from '../support/pickups.ts';

const gatehouse = join(resolve(import.meta.dirname, '../..'), 'dist/gatehouse.js');
let folder: string;
let partner: CarrierPartner;
let gateway: RunningGateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-shown-'));
  partner = new CarrierPartner(openDirectory(join(folder, 'carrier')));
  const parts: Parts = { adapters: [CarrierAdapter], transports: [new FileTransport()], logTo: { write: () => undefined } };
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(
    file,
    [
      `journal: { path: ${join(folder, 'journal.db')}, reserveBytes: 0 }`,
      'http: { port: 0 }',
      `systems: { carrier: { file: { kind: local, directory: ${partner.folder}, pollMs: 20 } } }`,
    ].join('\n'),
  );
  gateway = await run(loadConfig(configSchema(parts), { file, env: {} }), parts);
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const asked = async (path: string): Promise<string> => (await fetch(`${gateway.url}${path}`)).text();
const gauge = async (name: string): Promise<number> =>
  Number(new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(await asked('/metrics'))?.[1] ?? Number.NaN);

function cli(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1', GATEHOUSE_URL: gateway.url };
    execFile(process.execPath, [gatehouse, ...args], { env, cwd: folder, timeout: 60_000 }, (error, out, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out: out + err }),
    );
  });
}

async function order(orderId: string): Promise<string> {
  const event = { specversion: '1.0', id: orderId, source: '/test', type: 'test.order.v1', data: { orderId, amount: '1.00' } };
  const answer = await fetch(`${gateway.url}/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  });
  const taken = (await answer.json()) as { events: { translations: { id: string }[] }[] };
  return taken.events[0]?.translations[0]?.id ?? '';
}

describe('what became of reply files', () => {
  it('answers, repeated and unmatched replies and unreadable files are counted, listed and shown', async () => {
    const id = await order('A-1');
    await until('waits', async () => (await asked(`/api/translations/${id}`)).includes('"waitingFor":"reply"'));
    partner.reply('CONF_1.TXT', [ackLine('A-1', 'BOOKED'), ackLine('STRANGER', 'BOOKED'), endLine(2)]);
    await until('archived', () => partner.names('archive').length === 1);
    partner.reply('CONF_2.TXT', [ackLine('A-1', 'BOOKED'), endLine(1)]);
    partner.reply('CONF_3.TXT', [ackLine('A-1', 'BOOKED'), endLine(9)]);
    await until('in error', () => partner.names('error').length === 2 && partner.names('archive').length === 2);

    const of = '{system="carrier",kind="confirmations"';
    await until('counted', async () => (await gauge(`gatehouse_reply_files${of}}`)) === 3);
    expect(await gauge(`gatehouse_reply_files_refused${of}}`)).toBe(1);
    expect(await gauge(`gatehouse_reply_bad_records${of}}`)).toBe(1);
    for (const verdict of ['answered', 'evidence', 'candidate']) expect(await gauge(`gatehouse_replies${of},verdict="${verdict}"}`)).toBe(1);
    expect(await gauge(`gatehouse_reply_failing${of}}`)).toBe(0);
    expect(await gauge(`gatehouse_reply_look_timestamp_seconds${of}}`)).toBeGreaterThan(1_700_000_000);

    const { out } = await cli('replies', 'carrier');
    expect(out).toMatch(/confirmations:STRANGER {2}in CONF_1\.TXT/);
    expect(out).toMatch(
      /confirmations:unreadable .* in CONF_3\.TXT {2}it has 1 bad record\(s\), the first: acks: record 2 .* acks says 9, the file has 1/,
    );
    expect((await cli('systems')).out).toMatch(
      /confirmations +watched +3 reply files, 1 refused; 1 answered, 1 late or repeated, 1 awaited by nobody/,
    );
    expect((await cli('show', id)).out).toContain('CONF_2.TXT');
  });

  it('while they cannot be looked for, health, metrics and check say so, and since when; the check looks again at once', async () => {
    renameSync(partner.in('in'), partner.in('in-away'));
    const failing = (kind: string): Promise<boolean> =>
      gauge(`gatehouse_reply_failing{system="carrier",kind="${kind}"}`).then((value) => value === 1);
    await until('failing', async () => (await failing('confirmations')) && failing('lenient'));
    expect(await gauge('gatehouse_reply_failing_since_timestamp_seconds{system="carrier",kind="lenient"}')).toBeGreaterThan(1_700_000_000);
    const health = await asked('/health/ready');
    expect(JSON.parse(health)).toMatchObject({ ready: true, systems: [{ system: 'carrier', availability: 'open' }] });
    expect(health).toMatch(/"kind":"confirmations","failingSinceMs":\d+,"reason":"PLACE_UNFIT: carrier: [^"]*could not use the directory 'in'/);
    expect((await cli('systems')).out).toMatch(/confirmations +failing/);
    expect((await cli('check', 'carrier')).code).toBe(1);
    // The way back may be long by then; who has mended it and checks need not wait for it.
    renameSync(partner.in('in-away'), partner.in('in'));
    const { code, out } = await cli('check', 'carrier');
    expect([code, out]).toEqual([0, expect.stringMatching(/ok +carrier over file replies confirmations: are read/)]);
    expect(await failing('lenient')).toBe(false);
  });
});
