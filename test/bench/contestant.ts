/** One contestant in a process of its own: the same job, n service requests become n inserts, and says what it took. */
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import soap from 'soap';
import { Pool } from 'undici';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { Secret } from '../../src/contract/secret.ts';
import { SoapSettings } from '../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { eventOf, startRig } from '../support/gateway.ts';

const [which = '', url = '', count = '0'] = process.argv.slice(2);
const n = Number(count);
const side = 16;
const wsdl = fileURLToPath(new URL('../../adapters/servicenow/servicenow.wsdl', import.meta.url));
const request = (i: number) => ({
  requestId: `B-${process.pid}-${i}`,
  callerId: `c${i}`,
  summary: 'No network in room 4.12',
  details: 'Since this morning',
});

/** Runs `one` for 0..n-1, `side` at a time. */
async function sideBySide(one: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < n) await one(next++);
  };
  await Promise.all(Array.from({ length: side }, worker));
}

const contestants: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  /** The gateway: embedded bus, validation, full journal. */
  gateway: async () => {
    const settings = Object.assign(new SoapSettings(), { url, user: 'gatehouse', password: new Secret('p', 'practice') });
    const rig = await startRig({
      adapters: [ServiceNowAdapter],
      transports: [new SoapTransport()],
      systems: { servicenow: { settings: { concurrency: side, callTimeoutMs: 30_000 }, transports: { soap: settings } } },
    });
    return async () => {
      let posted = 0;
      const poster = async (): Promise<void> => {
        while (posted < n) await rig.gateway.intake.post([eventOf('com.acme.service.requested.v1', request(posted++))]);
      };
      await Promise.all(Array.from({ length: side }, poster));
      await rig.settled(600_000);
    };
  },
  /** A plain script: soap with its default client, no journal, no validation. */
  script: async () => {
    const client = await soap.createClientAsync(wsdl, { endpoint: url });
    client.setEndpoint(url);
    client.setSecurity(new soap.BasicAuthSecurity('gatehouse', 'practice'));
    const insert = client['insertAsync'] as (args: object) => Promise<unknown>;
    return () =>
      sideBySide((i) => {
        const { requestId, callerId, summary, details } = request(i);
        return insert({ caller_id: callerId, correlation_id: requestId, description: details, short_description: summary, urgency: '3' });
      });
  },
  /** The limit: a template string on undici. */
  limit: async () => {
    const pool = new Pool(new URL(url).origin, { connections: side });
    const authorization = `Basic ${Buffer.from('gatehouse:practice').toString('base64')}`;
    return () =>
      sideBySide(async (i) => {
        const { requestId, callerId, summary, details } = request(i);
        const body = `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><tns:insert xmlns:tns="http://www.service-now.com/incident"><caller_id>${callerId}</caller_id><correlation_id>${requestId}</correlation_id><description>${details}</description><short_description>${summary}</short_description></tns:insert></soap:Body></soap:Envelope>`;
        const response = await pool.request({
          method: 'POST',
          path: '/incident.do?SOAP',
          headers: { 'content-type': 'text/xml', authorization },
          body,
        });
        await response.body.text();
      });
  },
};

const started = performance.now();
const go = await contestants[which]?.();
if (go === undefined) throw new Error(`there is no contestant '${which}'`);
const startMs = performance.now() - started;
const cpu = process.cpuUsage();
const began = performance.now();
await go();
const seconds = (performance.now() - began) / 1_000;
const used = process.cpuUsage(cpu);
process.stdout.write(
  `${JSON.stringify({ eventsPerSecond: n / seconds, cpuUsPerEvent: (used.user + used.system) / n, rssMb: process.memoryUsage().rss / 1_048_576, startMs })}\n`,
  () => process.exit(0),
);
