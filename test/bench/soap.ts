/** One SOAP call, four ways, each in a process of its own, in interleaved rounds; and what building and reading an envelope cost. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import soap from 'soap';
import { SoapCodec } from '../../src/transports/soap/soap.codec.ts';
import { order } from '../soap/order.ts';

const ways = ['gatehouse', 'soap on undici', 'soap', 'template'] as const;
type Way = (typeof ways)[number];
const callerCounts = [1, 10, 50] as const;

interface Figures {
  readonly callsPerSecond: number;
  readonly cpuUs: number;
}

export interface SoapOptions {
  readonly rounds: number;
  readonly calls: number;
  say(text: string): void;
}

export async function runSoap({ rounds, calls, say }: SoapOptions): Promise<object> {
  const all = new Map<string, Figures[]>();
  for (let round = 1; round <= rounds; round += 1)
    for (const way of ways) {
      const peer = spawn(process.execPath, [join(import.meta.dirname, 'contestants', 'peer.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(peer.stdout, 'data')) as [Buffer];
      const child = fork(join(import.meta.dirname, 'contestants', 'caller.js'), [way, line.toString().trim()], {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      await once(child, 'message');
      await ask(child, 10, calls);
      for (const callers of callerCounts) {
        const figures = await ask(child, callers, callers === 1 ? calls / 2 : calls);
        all.set(`${way} ${callers}`, [...(all.get(`${way} ${callers}`) ?? []), figures]);
        say(
          `round ${round} ${way.padEnd(14)} ${String(callers).padStart(2)} callers: ${figures.callsPerSecond.toFixed(0)} calls/s, ${figures.cpuUs.toFixed(0)} µs CPU a call`,
        );
      }
      child.kill();
      peer.kill();
    }
  const medians = (way: Way, callers: number): Figures => {
    const each = all.get(`${way} ${callers}`) ?? [];
    return {
      callsPerSecond: Math.round(median(each.map(({ callsPerSecond }) => callsPerSecond))),
      cpuUs: Math.round(median(each.map(({ cpuUs }) => cpuUs))),
    };
  };
  return {
    calls: Object.fromEntries(callerCounts.map((callers) => [callers, Object.fromEntries(ways.map((way) => [way, medians(way, callers)]))])),
    ratios: Object.fromEntries(
      callerCounts.map((callers) => {
        const ours = medians('gatehouse', callers);
        const against = (way: Way): object => ({
          callsPerSecond: Number((ours.callsPerSecond / medians(way, callers).callsPerSecond).toFixed(2)),
          cpu: Number((ours.cpuUs / medians(way, callers).cpuUs).toFixed(2)),
        });
        return [callers, { 'soap on undici': against('soap on undici'), soap: against('soap'), template: against('template') }];
      }),
    ),
    envelopes: await envelopes(say),
  };
}

async function ask(child: ChildProcess, callers: number, calls: number): Promise<Figures> {
  const answer = once(child, 'message');
  child.send({ callers, calls });
  return ((await answer) as [Figures])[0];
}

/** µs to build a request and to read an answer: by the compiled plan, and by node-soap's walk. */
async function envelopes(say: (text: string) => void): Promise<object> {
  const figures: Record<string, object> = {};
  const samples = [
    [
      'insert',
      new URL('../../adapters/servicenow/servicenow.wsdl', import.meta.url),
      'insert',
      { caller_id: 'c1', correlation_id: 'R1', description: 'd', short_description: 's', urgency: '3' },
    ],
    ['order of 40 fields', new URL('../../../test/soap/wsdl/orders.wsdl', import.meta.url), 'echo', { order: order('A') }],
  ] as const;
  for (const [name, wsdl, call, args] of samples) {
    const codec = SoapCodec.load('bench', { wsdl });
    const plain = { attach: false, headers: {}, headerXml: null };
    const { xml } = codec.encode(call, args, plain);
    const answer = call === 'echo' ? xml.replaceAll(':echo>', ':echoResponse>') : answerOfInsert;
    codec.decode(call, answer);
    const client = await nodeSoap(wsdl);
    const ours = { buildUs: each(() => codec.encode(call, args, plain)), readUs: each(() => codec.decode(call, answer)) };
    const theirs = client(call, args, answer);
    figures[name] = { bytes: xml.length, plan: ours, 'node-soap': theirs };
    say(`${name}: plan ${ours.buildUs} + ${ours.readUs} µs, node-soap ${theirs.buildUs} + ${theirs.readUs} µs`);
  }
  return figures;
}

const answerOfInsert =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><insertResponse xmlns="http://www.service-now.com/incident"><sys_id xmlns="">0123456789abcdef0123456789abcdef</sys_id><number xmlns="">INC0010001</number></insertResponse></s:Body></s:Envelope>';

/** Its client without a network: the request is caught, the answer handed back. */
async function nodeSoap(wsdl: URL): Promise<(call: string, args: object, answer: string) => { buildUs: number; readUs: number }> {
  let deliver: (error: unknown, response: object, body: string) => void = () => undefined;
  const httpClient = { request: (_url: string, _data: string, done: typeof deliver) => void (deliver = done) };
  const client = await soap.createClientAsync(fileURLToPath(wsdl), { httpClient: httpClient as never, disableCache: true });
  return (call, args, answer) => {
    const build = (): void => void (client[call] as (args: object, done: () => void) => void)(args, () => undefined);
    const buildUs = each(build);
    const both = each(() => {
      build();
      deliver(null, { status: 200, statusCode: 200, headers: {}, data: answer }, answer);
    });
    return { buildUs, readUs: Number((both - buildUs).toFixed(1)) };
  };
}

function each(work: () => void, times = 20_000): number {
  for (let n = 0; n < times / 10; n += 1) work();
  const began = process.hrtime.bigint();
  for (let n = 0; n < times; n += 1) work();
  return Number((Number(process.hrtime.bigint() - began) / 1_000 / times).toFixed(1));
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
