import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { ParcelsAdapter } from '../support/batches.ts';
import { CarrierPartner } from '../support/carrier.ts';
import { eventOf } from '../support/gateway.ts';

const gatehouse = resolve(import.meta.dirname, '../../dist/gatehouse.js');
let partner: CarrierPartner;
let folder: string;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-batches-'));
  partner = new CarrierPartner(join(folder, 'place'));
  const parts: Parts = { adapters: [ParcelsAdapter], transports: [new FileTransport()] };
  const env = {
    GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
    GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
    GATEHOUSE_HTTP__PORT: '0',
    GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
    GATEHOUSE_SYSTEMS__PARCELS__FILE__DIRECTORY: partner.folder,
  };
  gateway = await run(loadConfig(configSchema(parts), { file: null, env }), parts);
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1', GATEHOUSE_URL: gateway.url };
    execFile(process.execPath, [gatehouse, ...args], { env, cwd: folder, timeout: 60_000 }, (error, out, err) =>
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

describe('batches on the command line', () => {
  it('shows what a batch holds and when it closes, closes it, and shows the place of an event in its file', async () => {
    const [taken] = await gateway.gateway.intake.post([eventOf('test.parcel.v1', { parcelId: 'A', depot: 'D1', by: 'Hourly' })]);
    const id = taken?.translations[0]?.id ?? '';
    await expect
      .poll(async () => (await cli('batches', 'parcels')).out, { timeout: 60_000, interval: 500 })
      .toMatch(/^ +1 {2}open +Hourly +1 members, 32 bytes, due 20/);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('gatehouse_batches{system="parcels",state="open"} 1');
    expect(metrics).toContain('gatehouse_batch_members{system="parcels",state="in doubt"} 0');
    expect(metrics).toMatch(/gatehouse_batch_oldest_timestamp_seconds\{system="parcels",state="open"\} 1\.?\d+/);
    expect((await cli('list')).out).toContain('in a batch');
    expect((await cli('show', id)).out).toMatch(/Hourly \(once\) {2}gathered, batch 1 \(open\)/);
    expect(await cli('settle-batch', '1', '--happened', '--why', 'x')).toMatchObject({ code: 1, err: expect.stringContaining('in doubt') });
    expect((await cli('settle-batch', '1', '--why', 'x')).code).toBe(2);
    expect(await cli('close', '99', '--why', 'x')).toMatchObject({ code: 3, err: expect.stringContaining('no batch 99') });
    expect((await cli('close', '1', '--why', 'the lorry leaves early')).code).toBe(0);
    await expect.poll(async () => (await cli('show', id)).out, { timeout: 60_000, interval: 500 }).toMatch(/answered, batch 1 place 1 \(answered\)/);
    expect((await cli('batches', 'parcels')).out).toBe('no batch of parcels is open, closing or in doubt\n');
    expect((await cli('batches', 'parcel')).err).toMatch(/there is no system 'parcel'; there are parcels/);
    expect(partner.names().length).toBe(2);
  }, 180_000);
});
