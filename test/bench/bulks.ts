import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { adapterWith, ask, reserve, startDepotRig } from '../support/depot.ts';
import { park } from '../support/parked.ts';

export interface BulksBench {
  readonly items: number;
  /** Selecting and freezing all of them, ms. */
  readonly frozenMs: number;
  readonly itemsPerSecond: number;
  /** From the post of an event to its durable receipt, at 100 events a second, ms. */
  readonly receipt: Readonly<
    Record<'alone' | 'besideFreezing' | 'besideBulk', { readonly p50: number; readonly p99: number; readonly most: number }>
  >;
}

const everyMs = 10;
const at = (sorted: readonly number[], share: number): number => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10;

/** A bulk of as many parked translations, without a limit, beside events that come in for a system which is held. */
export async function runBulkBench(items: number, say: (text: string) => void): Promise<BulksBench> {
  const depot = await PracticeDepot.start();
  const rig = await startDepotRig(depot, adapterWith(reserve), { settings: { backlog: 10_000_000, backlogWaiting: 10_000_000 } });
  try {
    await rig.gateway.desk.hold('depot', '', 'bench', 'only the journal is measured');
    await park(
      rig.journal,
      Array.from({ length: items }, (_, n) => ({ ref: `b${n}` })),
    );
    let times: number[] = [];
    let n = 0;
    const posting = setInterval(() => {
      const fromMs = performance.now();
      void ask(rig, `e${(n += 1)}`).then(() => times.push(performance.now() - fromMs));
    }, everyMs);
    const taken = (): { p50: number; p99: number; most: number } => {
      const sorted = times.sort((a, b) => a - b);
      times = [];
      return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), most: at(sorted, 1) };
    };
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const alone = taken();
    const beganMs = performance.now();
    const selection = { filter: { states: ['parked' as const] } };
    const seq = await rig.gateway.bulks.begin({ key: 'b', act: { kind: 'retry' }, selection, who: 'b', why: 'b', perSecond: 0, expected: items });
    const frozenMs = Math.round(performance.now() - beganMs);
    const besideFreezing = taken();
    const runningMs = performance.now();
    for (;;) {
      const row = await rig.journal.reader.bulk(seq);
      if (row?.state === 'done') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const itemsPerSecond = Math.round((items * 1_000) / (performance.now() - runningMs));
    clearInterval(posting);
    const result = { items, frozenMs, itemsPerSecond, receipt: { alone, besideFreezing, besideBulk: taken() } };
    say(
      `bulk of ${items}: frozen in ${frozenMs} ms, then ${itemsPerSecond} a second; receipt p99 ${result.receipt.alone.p99} ms alone, ${result.receipt.besideBulk.p99} ms beside it`,
    );
    return result;
  } finally {
    await rig[Symbol.asyncDispose]();
    await depot.close();
  }
}
