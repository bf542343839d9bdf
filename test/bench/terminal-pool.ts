import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { type Protocol, noAbort, openPool } from '../support/pools.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const protocols: readonly Protocol[] = ['ssh', 'telnet', 'tn3270'];

export interface PoolFigures {
  /** From asking for a warm session until the driver has sent the first key, ms. */
  readonly firstKeyMs: { readonly median: number; readonly p99: number };
  /** From asking until it was given back, verified at both ends, ms. */
  readonly turnMs: number;
  /** Heap and buffers of a warm session, in this process. */
  readonly sessionKiB: number;
}

const at = (values: readonly number[], share: number): number =>
  Number((values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN).toFixed(3));

/** A pool on the practice hosts over loopback; they are in this process too, and so the host's half of a session is counted in its memory. */
export async function runPool(turns: number, say: (text: string) => void): Promise<Record<string, PoolFigures>> {
  const figures: Record<string, PoolFigures> = {};
  for (const protocol of protocols) {
    const users = Array.from({ length: 20 }, (_, n) => `GATE${n}`);
    const host = await (protocol === 'tn3270' ? PracticeMainframe : PracticeStockroom).start({ users });
    const { pool } = await openPool(protocol, host, { users, pool: { maxUses: 0 } });
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed + process.memoryUsage().external;
    };
    try {
      await (await pool.take(noAbort())).giveBack('home');
      const before = used();
      const all = await Promise.all(users.map(() => pool.take(noAbort())));
      const sessionKiB = Math.round((used() - before) / 1_024 / (users.length - 1));
      await Promise.all(all.map((lent) => lent.giveBack('home')));
      const [firstKeys, whole]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < turns; turn += 1) {
        const startedMs = performance.now();
        const lent = await pool.take(noAbort());
        // A key that is answered with the menu itself.
        await lent.session.press(protocol === 'tn3270' ? 'enter' : 'ctrl-l');
        firstKeys.push(performance.now() - startedMs);
        await lent.session.wait({ name: 'menu', anchors: [{ text: '10', at: { row: 1, column: 4 } }] }, 10_000);
        await lent.giveBack('home');
        whole.push(performance.now() - startedMs);
      }
      figures[protocol] = { firstKeyMs: { median: at(firstKeys, 0.5), p99: at(firstKeys, 0.99) }, turnMs: at(whole, 0.5), sessionKiB };
      say(`pool over ${protocol}: ${JSON.stringify(figures[protocol])}`);
    } finally {
      await pool.close();
      await host.close();
    }
  }
  return figures;
}
