/** Makes the same SOAP call over and over, one way of four, as often and with as many callers as it is told. */
import { fileURLToPath } from 'node:url';
import soap from 'soap';
import { Pool } from 'undici';
import { layout } from '../../../adapters/servicenow/servicenow.layout.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { SystemClock } from '../../../src/gateway/clock.ts';
import { SoapSettings } from '../../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../../src/transports/soap/soap.transport.ts';
import { FleetingMemory } from '../../support/fleeting-memory.ts';

type Call = (reference: string) => Promise<string>;

const [, , way = '', url = ''] = process.argv;
const wsdl = fileURLToPath(new URL('../../../adapters/servicenow/servicenow.wsdl', import.meta.url));
const authorization = `Basic ${Buffer.from('gatehouse:practice').toString('base64')}`;
const target = new URL(url);

const incident = (reference: string) => ({
  urgency: '3',
  short_description: 'No network in room 4.12',
  description: 'Since this morning, with <b>all</b> devices & cables',
  correlation_id: reference,
  caller_id: 'c1',
});

/** The transport with everything it does: arguments and answer held against the WSDL, the trace, deadlines, secrets taken out. */
async function gatehouse(): Promise<Call> {
  const settings = Object.assign(new SoapSettings(), { url, user: 'gatehouse', password: new Secret('env:P', 'practice') });
  const link = await new SoapTransport().open({
    system: 'servicenow',
    gateway: 'bench',
    log: () => undefined,
    settings,
    layout,
    calls: ['insert'],
    clock: new SystemClock(),
    memory: new FleetingMemory(),
    evidence: async () => false,
    replied: async () => 'candidate',
  });
  return async (reference) => {
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(), 30_000);
    const outcome = await link.exchange('insert', incident(reference), {
      call: 'insert',
      callId: reference,
      nowMs: 0,
      again: false,
      gather: async () => undefined,
      sequence: async () => 1,
      signal: aborter.signal,
      remainingMs: () => 30_000,
      leave: async () => undefined,
      trace: () => undefined,
    });
    clearTimeout(timer);
    if (outcome.end !== 'answer') throw 'error' in outcome ? outcome.error : new Error(outcome.end);
    return (outcome.answer as { number: string }).number;
  };
}

async function nodeSoap(options: object): Promise<Call> {
  const client = await soap.createClientAsync(wsdl, { endpoint: url, ...options });
  client.setEndpoint(url);
  client.setSecurity(new soap.BasicAuthSecurity('gatehouse', 'practice'));
  const insert = client['insertAsync'] as (args: object) => Promise<[{ number: string }]>;
  return async (reference) => (await insert(incident(reference)))[0].number;
}

/** node-soap on a pool of undici: an httpClient of a dozen lines. */
function nodeSoapOnUndici(): Promise<Call> {
  const pool = new Pool(target.origin, { connections: 50 });
  const httpClient = {
    request(_url: string, data: string, deliver: (error: unknown, response?: object, body?: string) => void, headers: Record<string, string>) {
      const { Connection: _dropped, ...rest } = headers;
      pool.request({ method: 'POST', path: `${target.pathname}${target.search}`, headers: rest, body: data }).then(async (response) => {
        const body = await response.body.text();
        deliver(null, { status: response.statusCode, statusCode: response.statusCode, headers: response.headers, data: body }, body);
      }, deliver);
    },
  };
  return nodeSoap({ httpClient });
}

function template(): Call {
  const pool = new Pool(target.origin, { connections: 50 });
  return async (reference) => {
    const { urgency, short_description, description, caller_id } = incident(reference);
    const response = await pool.request({
      method: 'POST',
      path: `${target.pathname}${target.search}`,
      headers: { 'content-type': 'text/xml', authorization },
      body: `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><tns:insert xmlns:tns="http://www.service-now.com/incident"><caller_id>${caller_id}</caller_id><correlation_id>${reference}</correlation_id><description>${description.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</description><short_description>${short_description}</short_description><urgency>${urgency}</urgency></tns:insert></soap:Body></soap:Envelope>`,
    });
    return /<number[^>]*>(.*?)</.exec(await response.body.text())?.[1] ?? '';
  };
}

const ways: Readonly<Record<string, () => Call | Promise<Call>>> = {
  gatehouse,
  soap: () => nodeSoap({}),
  'soap on undici': nodeSoapOnUndici,
  template,
};
const call = await (ways[way] as () => Call | Promise<Call>)();

process.on('message', async ({ callers, calls }: { callers: number; calls: number }) => {
  const before = process.cpuUsage();
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (next < calls) {
        next += 1;
        if (!(await call(`R${next}`)).startsWith('INC')) throw new Error('another answer than expected');
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  process.send?.({ callsPerSecond: calls / ((performance.now() - began) / 1_000), cpuUs: (user + system) / calls });
});
process.send?.('ready');
