import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { layout as mainframe } from '../../adapters/mainframe/mainframe.layout.ts';
import { layout as stockroom } from '../../adapters/stockroom/stockroom.layout.ts';
import { type Json } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import { PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom } from '../../src/practice/stockroom/stockroom.server.ts';
import { Film } from '../../src/transports/terminal/film.ts';
import { Loan } from '../../src/transports/terminal/pool/loan.ts';
import { TerminalUser } from '../../src/transports/terminal/pool/pool.settings.ts';
import { exchangeOver } from '../support/exchange.ts';
import { type KeysByHand, customer, password, s3270ByHand, sku, sshByHand } from './contestants/keys.ts';
import { terminalLink } from '../support/terminal-link.ts';

/** Sessions side by side, each with a user id of its own. */
const most = 10;
/** As the adapter has it: 50 ms a screen, three screens an enquiry. */
const settled = 'vt dialog, settled for 50 ms';
const usersOf = (contestant: string): string[] => Array.from({ length: most }, (_, n) => `${contestant}${n}`);

interface Hosts {
  readonly ssh: number;
  readonly fingerprint: string;
  readonly tn3270: number;
}

/** One way to make enquiries: from the menu to the answer and back to the menu. */
interface Contestant {
  enquire(session: number): Promise<void>;
  close(): Promise<unknown>;
  /** Held while it is measured. */
  readonly without?: () => Disposable;
}

// The hosts have a thread of their own: what they cost is not the gateway's.
if (!isMainThread && workerData === 'practice hosts') {
  const users = ['byHand', 'link', 'hasty'].flatMap(usersOf);
  const [vt, tn3270] = [await PracticeStockroom.start({ users, password }), await PracticeMainframe.start({ users, password })];
  parentPort?.postMessage({ ssh: vt.sshPort, fingerprint: vt.fingerprint, tn3270: tn3270.port } satisfies Hosts);
}

async function byHand(open: (user: string) => Promise<KeysByHand>): Promise<Contestant> {
  const all = await Promise.all(usersOf('byHand').map(open));
  return { enquire: async (at) => all[at]?.enquire(), close: () => Promise.all(all.map((one) => one.close())) };
}

type LinkSettings = Parameters<typeof terminalLink>[1];

async function overLink(
  layout: Parameters<typeof terminalLink>[0],
  name: string,
  settings: LinkSettings,
  call: string,
  args: Json,
): Promise<Contestant> {
  const users = usersOf(name).map((user) => Object.assign(new TerminalUser(), { user, password: new Secret('env:HOST_PASSWORD', password) }));
  const link = await terminalLink(layout, { ...settings, users });
  return {
    enquire: async () => {
      const { outcome } = await exchangeOver(link, call, args, { timeoutMs: 60_000 });
      if (outcome.end !== 'answer') throw new Error(`${call} ended ${outcome.end}`, { cause: outcome });
    },
    close: () => link.close(),
  };
}

/** Dialogs as they were without films: nothing is observed, nothing sealed. */
function withoutFilms(): Disposable {
  const { observe } = Loan.prototype;
  const { mark, parts } = Film.prototype;
  Object.assign(Loan.prototype, { observe: () => undefined });
  Object.assign(Film.prototype, { mark: () => undefined, parts: async () => [] });
  return {
    [Symbol.dispose]: () => {
      Object.assign(Loan.prototype, { observe });
      Object.assign(Film.prototype, { mark, parts });
    },
  };
}

/** The stockroom's layout with screens that need no time to settle: their anchors and cursor are all that is waited for. */
function unsettled(): typeof stockroom {
  const copy = structuredClone(stockroom);
  for (const map of copy.maps) Object.assign(map, { settledMs: 0 });
  return copy;
}

async function rate({ enquire, without }: Contestant, sessions: number, enquiries: number): Promise<number> {
  using _ = without?.();
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: sessions }, async (_, session) => {
      for (let done = 0; done < enquiries; done += 1) await enquire(session);
    }),
  );
  return (sessions * enquiries * 1_000) / (performance.now() - startedMs);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Enquiries a second through the link and by hand, in interleaved rounds; ratios are of the same round. */
export async function runDialogs({ rounds, trips, say }: { rounds: number; trips: number; say: (text: string) => void }): Promise<object> {
  const worker = new Worker(new URL(import.meta.url), { workerData: 'practice hosts' });
  const [{ ssh, fingerprint, tn3270 }] = (await once(worker, 'message')) as [Hosts];
  const vtHost: LinkSettings = { protocol: 'ssh', port: ssh, hostKeys: [fingerprint] };
  const hasty = await overLink(unsettled(), 'hasty', vtHost, 'EnquireItem', { sku });
  const of3270 = await overLink(mainframe, 'link', { protocol: 'tn3270', port: tn3270 }, 'EnquireCustomer', { customer });
  const contestants: Record<string, Contestant> = {
    'vt by hand': await byHand((user) => sshByHand(ssh, user)),
    [settled]: await overLink(stockroom, 'link', vtHost, 'EnquireItem', { sku }),
    'vt dialog': hasty,
    'vt dialog without film': { ...hasty, without: withoutFilms },
    '3270 by hand': await byHand((user) => s3270ByHand(tn3270, user)),
    '3270 dialog': of3270,
    '3270 dialog without film': { ...of3270, without: withoutFilms },
  };
  const compared: readonly (readonly [string, string])[] = [
    [settled, 'vt by hand'],
    ['vt dialog', 'vt by hand'],
    ['3270 dialog', '3270 by hand'],
    ['vt dialog', 'vt dialog without film'],
    ['3270 dialog', '3270 dialog without film'],
  ];
  const rates = new Map<string, number[]>();
  try {
    for (const one of Object.values(contestants)) await rate(one, most, one === contestants[settled] ? 2 : 30);
    for (let round = 0; round < rounds; round += 1)
      for (const sessions of [1, most])
        for (const [name, one] of Object.entries(contestants)) {
          const key = `${name} ×${sessions}`;
          const measured = await rate(one, sessions, Math.ceil(trips / (name === settled ? 200 : 10) / Math.sqrt(sessions)));
          rates.set(key, [...(rates.get(key) ?? []), measured]);
          say(`${key}: ${measured.toFixed(1)} enquiries/s`);
        }
    const ratios = [1, most].flatMap((sessions) =>
      compared.map(([one, other]): [string, number] => {
        const others = rates.get(`${other} ×${sessions}`) ?? [];
        const each = (rates.get(`${one} ×${sessions}`) ?? []).map((rate, at) => rate / (others[at] ?? Number.NaN));
        return [`${one} / ${other} ×${sessions}`, Number(median(each).toFixed(3))];
      }),
    );
    return {
      perSecond: Object.fromEntries([...rates].map(([key, values]) => [key, Number(median(values).toFixed(1))])),
      ratios: Object.fromEntries(ratios),
    };
  } finally {
    await Promise.all(Object.values(contestants).map((one) => one.close()));
    await worker.terminate();
  }
}
