import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow } from '../../../src/contract/journal-reader.ts';
import { type Json } from '../../../src/contract/json.ts';
import { DepotAdapter } from '../../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../../src/practice/line/depot.server.ts';
import { LineSettings, LineTransport } from '../../../src/practice/line/line.transport.ts';
import { type Reply, event, payloadOf } from '../events.ts';
import { type Backend, type Due, type Effect, type Load } from './backend.ts';
import { type BackendKind } from './backends.ts';

const lateMs = 4_000;

/** The depot over the line protocol: reservations with a probe, orders without one, a nudge that may be repeated. */
export const depot: BackendKind = {
  side: {
    system: 'depot',
    adapter: DepotAdapter,
    callTimeoutMs: 200,
    transports: (place) => [{ transport: new LineTransport(), settings: Object.assign(new LineSettings(), { port: Number(place) }) }],
  },
  start: async (load) => new DepotBackend(load, await PracticeDepot.start({ orderMs: load === 'rounds' ? 10 : 5 })),
};

export function stockWanted(id: string, sku = 'BOLT', customerId = id): CloudEvent {
  return event(id, 'com.acme.stock.wanted.v1', { requestId: id, customerId, sku, quantity: 1 });
}

const pairWanted = (id: string): CloudEvent => event(id, 'com.acme.pair.wanted.v1', { requestId: id, left: 'NUT', right: 'BOLT' });
const orderSent = (id: string, sku = 'BOLT'): CloudEvent => event(id, 'com.acme.order.sent.v1', { orderId: id, sku });
const shelfNudged = (id: string): CloudEvent => event(id, 'com.acme.shelf.nudged.v1', { ref: id, sku: 'BOLT' });

/** `all`: two on one key, one refused, one that is tried again, two calls that must happen once, answers that come later. */
const loads: Readonly<Record<Load, readonly CloudEvent[]>> = {
  all: [
    stockWanted('s1', 'BOLT', 'one-key'),
    stockWanted('s2', 'BOLT', 'one-key'),
    stockWanted('busy-1'),
    stockWanted('refused-1', 'NONE'),
    pairWanted('p1'),
    orderSent('o1'),
    orderSent('o2', 'NONE'),
    shelfNudged('n1'),
  ],
  late: [stockWanted('late-1')],
  one: [stockWanted('one-1')],
  rounds: [],
};

const replyWhere = (sku: Json | undefined, done: string, refused: string): string => (sku === 'NONE' ? refused : done);

class DepotBackend implements Backend {
  readonly place: string;
  readonly settleMs: number;
  readonly events: readonly CloudEvent[];
  readonly produces = [];
  readonly doubtful = [{ operation: 'send-order', call: 'Order' }];
  readonly #depot: PracticeDepot;

  constructor(load: Load, practice: PracticeDepot) {
    this.#depot = practice;
    this.place = String(practice.port);
    this.settleMs = load === 'late' ? lateMs + 100 : 50;
    this.events = loads[load];
    if (load === 'all') practice.fault({ kind: 'busy', matching: 'busy-1', times: 1 });
    if (load === 'late') practice.fault({ kind: 'commit-late', matching: 'late-1', ms: lateMs, times: 1 });
  }

  round(n: number, random: () => number): readonly CloudEvent[] {
    return Array.from({ length: 5 + Math.floor(random() * 25) }, (_, index) => {
      const id = `r${n}-${index}`;
      const kind = random();
      if (kind < 0.5) return stockWanted(id, random() < 0.1 ? 'NONE' : 'BOLT', `customer-${Math.floor(random() * 20)}`);
      if (kind < 0.7) return orderSent(id);
      if (kind < 0.9) return pairWanted(id);
      return shelfNudged(id);
    });
  }

  sitting(): boolean {
    return this.#depot.faultsLeft() === 0;
  }

  /** A nudge may be repeated: it is no effect that is counted. */
  async ledger(): Promise<readonly Effect[]> {
    return this.#depot
      .ledger()
      .map(({ kind, ref }, index) => ({ kind, name: `${kind} ${ref}`, mark: kind === 'order' ? `O-${ref}` : `R${index + 1}` }))
      .filter(({ kind }) => kind !== 'nudge');
  }

  due(cause: CloudEvent): Due {
    const { id, type } = cause.attributes;
    const { sku } = payloadOf(cause);
    const refused = sku === 'NONE';
    switch (type) {
      case 'com.acme.stock.wanted.v1':
        return {
          reply: replyWhere(sku, 'com.acme.stock.reserved.v1', 'com.acme.stock.refused.v1'),
          effects: refused ? [] : [`reserve ${id}`],
        };
      case 'com.acme.pair.wanted.v1':
        return { reply: 'com.acme.pair.reserved.v1', effects: [`reserve ${id}-left`, `reserve ${id}-right`] };
      case 'com.acme.order.sent.v1':
        return {
          reply: replyWhere(sku, 'com.acme.order.confirmed.v1', 'com.acme.order.rejected.v1'),
          effects: refused ? [] : [`order ${id}`],
        };
      default:
        return { reply: null, effects: [] };
    }
  }

  claims({ type, data }: Reply): readonly Effect[] {
    const { requestId, orderId, reservation, left, right, order } = data as Record<string, string>;
    switch (type) {
      case 'com.acme.stock.reserved.v1':
        return [{ name: `reserve ${requestId}`, mark: String(reservation) }];
      case 'com.acme.pair.reserved.v1':
        return [
          { name: `reserve ${requestId}-left`, mark: String(left) },
          { name: `reserve ${requestId}-right`, mark: String(right) },
        ];
      case 'com.acme.order.confirmed.v1':
        return [{ name: `order ${orderId}`, mark: String(order) }];
      default:
        return [];
    }
  }

  settle({ businessKey }: TranslationRow, ledger: readonly Effect[]): DeskAct {
    const done = ledger.find(({ name }) => name === `order ${businessKey}`);
    return done === undefined ? { kind: 'did not' } : { kind: 'happened', answer: { order: done.mark } };
  }

  inspect(): readonly string[] {
    return [];
  }

  caughtUp(): Promise<void> {
    return this.#depot.caughtUp();
  }

  close(): Promise<void> {
    return this.#depot.close();
  }
}
