import { IsString } from 'class-validator';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Adapter } from '../../src/contract/adapter.ts';
import { once } from '../../src/contract/calls.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../src/contract/operation.ts';
import { Secret } from '../../src/contract/secret.ts';
import { eventOf, startRig } from '../../src/practice/workbench.ts';
import { type CallsOf, drop, file, fixedWidth, layoutCodec, text } from '../../src/transports/file/file.ts';
import { FileSettings } from '../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../src/transports/file/file.transport.ts';
import { Sshd } from '../support/sshd.ts';
import { type Drop, localScript, measured, median, sftpScript } from './places.ts';

/** Drops a second through the whole gateway, from the post to the published reply, journal on; and those of a script. */
export interface DropsResult {
  readonly contest: string;
  readonly callers: number;
  readonly gateway: number;
  readonly script: number;
  readonly ratio: number;
  /** CPU of this process, µs a drop. */
  readonly gatewayCpuUs: number;
  readonly scriptCpuUs: number;
}

const line = fixedWidth('LINE', { orderId: text(40), filling: text(984) });
const codec = layoutCodec({ name: 'orders', codePage: 'ascii', format: { kind: 'line', ends: 'lf' }, records: { line } });
const layout = file({ drops: { Order: drop({ to: 'out', name: 'ORDER_{field:orderId}.TXT', codec, record: { line } }) }, replies: {} });
type Depot = CallsOf<typeof layout>;

@EventType('bench.order.v1')
class OrderPlaced {
  @IsString()
  orderId: string;
}

@EventType('bench.order.dropped.v1')
class OrderDropped {
  @IsString()
  file: string;

  constructor(name?: string) {
    if (name !== undefined) this.file = name;
  }
}

@Operation({ accepts: OrderPlaced, replies: [OrderDropped] })
class DropOrder implements Translation<OrderPlaced, Depot, OrderDropped> {
  async translate({ orderId }: OrderPlaced, depot: SystemHandle<Depot>) {
    return new OrderDropped((await depot.call('Order', { orderId, filling: 'x'.repeat(984) })).file);
  }
}

@Adapter({ system: 'depot', about: 'A depot to measure.', layouts: [layout], calls: { Order: once() }, operations: [DropOrder] })
class DepotAdapter {}

async function throughGateway(
  settings: Partial<FileSettings>,
  label: string,
  drops: number,
  callers: number,
): Promise<{ rate: number; cpuUs: number }> {
  const rig = await startRig({
    adapters: [DepotAdapter],
    transports: [new FileTransport()],
    systems: {
      depot: {
        settings: { concurrency: callers, callTimeoutMs: 60_000, backlog: drops + 1_000 },
        transports: { file: Object.assign(new FileSettings(), settings) },
      },
    },
  });
  try {
    await rig.gateway.desk.check('depot');
    const start = process.cpuUsage();
    const startMs = performance.now();
    for (let at = 0; at < drops; at += 100)
      await rig.gateway.intake.post(
        Array.from({ length: Math.min(100, drops - at) }, (_, index) => eventOf('bench.order.v1', { orderId: `${label}_${at + index}` })),
      );
    await rig.settled(600_000);
    const { user, system } = process.cpuUsage(start);
    const parked = (await rig.rows({ states: ['parked'] })).length;
    if (parked > 0) throw new Error(`${parked} drops are parked:\n${rig.logs.join('\n')}`);
    return { rate: (drops / (performance.now() - startMs)) * 1_000, cpuUs: (user + system) / drops };
  } finally {
    await rig[Symbol.asyncDispose]();
  }
}

function outOf(folder: string): string {
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  chmodSync(out, 0o777);
  return out;
}

/** Durable drops of 1 KB, local and over SFTP, through the gateway against a script that takes the same durable steps with nothing around them. */
export async function runDrops({ rounds, drops, say }: { rounds: number; drops: number; say: (text: string) => void }): Promise<DropsResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const sshd = await Sshd.start();
  const plain = await sftpScript(sshd, outOf(sshd.home));
  const remote: Partial<FileSettings> = {
    kind: 'sftp',
    directory: sshd.home,
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    key: new Secret('env:KEY', sshd.key),
    hostKeys: [sshd.fingerprint],
  };
  const contests: readonly (readonly [string, Partial<FileSettings>, Drop, string])[] = [
    ['local', { kind: 'local', directory: folder }, localScript(outOf(folder)), folder],
    ['sftp', remote, plain.drop, sshd.home],
  ];
  const results: DropsResult[] = [];
  for (const [contest, settings, script, home] of contests)
    for (const callers of [1, 10, 50]) {
      const ours: { rate: number; cpuUs: number }[] = [];
      const theirs: typeof ours = [];
      for (let round = 0; round < rounds; round += 1) {
        const before = readdirSync(join(home, 'out')).length;
        ours.push(await throughGateway(settings, `G${callers}_${round}`, drops, callers));
        if (readdirSync(join(home, 'out')).length !== before + drops) throw new Error('files are missing');
        theirs.push(await measured(script, `script${callers}_${round}`, drops, callers));
      }
      const result = {
        contest,
        callers,
        gateway: Math.round(median(ours.map(({ rate }) => rate))),
        script: Math.round(median(theirs.map(({ rate }) => rate))),
        ratio: Number(median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? rate))).toFixed(2)),
        gatewayCpuUs: Math.round(median(ours.map(({ cpuUs }) => cpuUs))),
        scriptCpuUs: Math.round(median(theirs.map(({ cpuUs }) => cpuUs))),
      };
      results.push(result);
      say(
        `drops: ${contest}, ${callers} at once: ${result.gateway} drops/s through the gateway, script ${result.script}, ratio ${result.ratio}; CPU ${result.gatewayCpuUs} and ${result.scriptCpuUs} µs a drop`,
      );
    }
  plain.close();
  await sshd.stop();
  rmSync(folder, { recursive: true });
  return results;
}
