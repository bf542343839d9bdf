import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow } from '../../../src/contract/journal-reader.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { PracticeStockroom } from '../../../src/practice/stockroom/stockroom.server.ts';
import { type StockroomScreen } from '../../../src/practice/stockroom/screens.ts';
import { type TerminalFault } from '../../../src/practice/terminal/terminal.faults.ts';
import { PoolSettings, TerminalUser } from '../../../src/transports/terminal/pool/pool.settings.ts';
import { TerminalSettings } from '../../../src/transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../../src/transports/terminal/terminal.transport.ts';
import { type Reply, event, payloadOf } from '../events.ts';
import { watchSessions } from '../sessions.ts';
import { type Backend, type Due, type Effect, type Load } from './backend.ts';
import { type BackendKind } from './backends.ts';
import { StockroomScreens } from './terminal.adapter.ts';

const password = 'practice';
/** Longer than a dialog takes on a busy machine: what did not happen is known only after it. */
const callTimeoutMs = 4_000;
/** How late a `commit-late` is carried out, ms: under `late` after the call's deadline, while the gateway starts again. */
const lateMs = (load: Load): number => (load === 'late' ? 5_000 : 250);
const nothingLeft = 'SKU-1013';

interface Place {
  readonly port: number;
  readonly hostKey: string;
  readonly users: readonly string[];
}

function settingsOf({ port, hostKey, users }: Place): TerminalSettings {
  return Object.assign(new TerminalSettings(), {
    protocol: 'ssh',
    host: '127.0.0.1',
    port,
    hostKeys: [hostKey],
    users: users.map((user) => Object.assign(new TerminalUser(), { user, password: new Secret('practice', password) })),
    screenTimeoutMs: 1_500,
    echoTimeoutMs: 4_000,
    pool: Object.assign(new PoolSettings(), { logInWaitMs: 100, maxLogInWaitMs: 500, recoverTimeoutMs: 1_000, unclearLogInsADay: 100 }),
  });
}

/** The stockroom on its screens over SSH: reservations that must happen once, with a probe and without one. */
export const terminal: BackendKind = {
  side: {
    system: 'stockroom',
    adapter: StockroomScreens,
    callTimeoutMs,
    transports: (place) => [{ transport: new TerminalTransport(), settings: settingsOf(JSON.parse(place) as Place) }],
    watch: watchSessions,
  },
  start: async (load) => {
    const users = load === 'all' || load === 'rounds' ? ['GATE1', 'GATE2', 'GATE3', 'GATE4'] : ['GATE1'];
    return new TerminalBackend(load, users, await PracticeStockroom.start({ user: users[0] ?? '', users: users.slice(1), password }));
  },
};

function stockWanted(id: string, sku = 'SKU-1001', customerId = id): CloudEvent {
  return event(id, 'com.acme.stock.wanted.v1', { requestId: id, customerId, sku, quantity: 1 });
}

const orderSent = (id: string): CloudEvent => event(id, 'com.acme.order.sent.v1', { orderId: id, sku: 'SKU-1002' });

/** `all`: two on one key, one refused, one without a probe, and one for each of the faults that a commit key meets. */
const loads: Readonly<Record<Load, readonly CloudEvent[]>> = {
  all: [
    stockWanted('s1', 'SKU-1001', 'one-key'),
    stockWanted('s2', 'SKU-1001', 'one-key'),
    stockWanted('busy-1'),
    stockWanted('refused-1', nothingLeft),
    stockWanted('lost-1'),
    stockWanted('late-1'),
    orderSent('o1'),
  ],
  late: [stockWanted('late-1')],
  one: [stockWanted('one-1')],
  rounds: [],
};

class TerminalBackend implements Backend {
  readonly place: string;
  readonly settleMs: number;
  readonly events: readonly CloudEvent[];
  readonly produces = [];
  readonly doubtful = [{ operation: 'order-blindly', call: 'ReserveBlindly' }];
  /** Long enough for a log-in and a dialog. */
  readonly killWithinMs = 2_500;
  readonly #practice: PracticeStockroom;
  readonly #load: Load;

  constructor(load: Load, users: readonly string[], practice: PracticeStockroom) {
    this.#practice = practice;
    this.#load = load;
    const place: Place = { port: practice.sshPort, hostKey: practice.fingerprint, users };
    this.place = JSON.stringify(place);
    this.settleMs = load === 'late' ? lateMs(load) - callTimeoutMs + 500 : lateMs(load) + 150;
    this.events = loads[load];
    if (load === 'all') {
      this.#meets('busy-1', 'busy');
      this.#meets('lost-1', 'drop-after');
    }
    if (load === 'all' || load === 'late') this.#meets('late-1', 'commit-late');
  }

  /** On the screen of the commit key, which shows the reference. */
  #meets(id: string, kind: TerminalFault['kind']): void {
    const fault: TerminalFault<StockroomScreen> = { kind, screen: 'confirm', matching: id, ms: lateMs(this.#load), times: 1 };
    this.#practice.fault(fault);
  }

  round(n: number, random: () => number): readonly CloudEvent[] {
    return Array.from({ length: 3 + Math.floor(random() * 6) }, (_, index) => {
      const id = `r${n}-${index}.`;
      const kind = random();
      if (kind < 0.1) this.#meets(id, 'drop-after');
      else if (kind < 0.2) this.#meets(id, 'drop-before');
      else if (kind < 0.25) this.#meets(id, 'commit-late');
      else if (kind < 0.3) this.#meets(id, 'unconfirmed');
      else if (kind < 0.4) return stockWanted(id, nothingLeft);
      else if (kind < 0.5) return orderSent(id);
      return stockWanted(id, `SKU-${1_018 + Math.floor(random() * 30)}`, `customer-${Math.floor(random() * 20)}`);
    });
  }

  sitting(): boolean {
    return this.#practice.faultsLeft() === 0;
  }

  async ledger(): Promise<readonly Effect[]> {
    return this.#practice.ledger().map(({ ref, number }) => ({ name: `reserve ${ref}`, mark: number }));
  }

  due(cause: CloudEvent): Due {
    const { type, id } = cause.attributes;
    if (type === 'com.acme.order.sent.v1') return { reply: 'com.acme.order.confirmed.v1', effects: [`reserve ${id}`] };
    if (payloadOf(cause)['sku'] === nothingLeft) return { reply: 'com.acme.stock.refused.v1', effects: [] };
    return { reply: 'com.acme.stock.reserved.v1', effects: [`reserve ${id}`] };
  }

  claims({ type, data }: Reply): readonly Effect[] {
    const { requestId, reservation, orderId, order } = data as Record<string, string>;
    if (type === 'com.acme.order.confirmed.v1') return [{ name: `reserve ${orderId}`, mark: String(order) }];
    return type === 'com.acme.stock.reserved.v1' ? [{ name: `reserve ${requestId}`, mark: String(reservation) }] : [];
  }

  settle({ businessKey }: TranslationRow, ledger: readonly Effect[]): DeskAct {
    const done = ledger.find(({ name }) => name === `reserve ${businessKey}`);
    return done === undefined ? { kind: 'did not' } : { kind: 'happened', answer: { number: done.mark, quantity: 1 } };
  }

  /** The password is right: none is called wrong and no user id is locked. Who signed on once more has left no session behind; who did not need to leaves it to run out. */
  inspect(): readonly string[] {
    const signOns = this.#practice.signOns();
    const wrong = signOns.filter(({ is }) => is === 'wrong-password' || is === 'locked');
    const { attached, held } = this.#practice.sessions();
    const again = (this.#load === 'one' || this.#load === 'late') && signOns.length > 1;
    return [
      ...wrong.map(({ user, is }) => `the host said ${is} to ${user}`),
      ...(attached > 0 ? [`${attached} sessions are still attached`] : []),
      ...(again && held > 0 ? [`${held} sessions still stand at the host`] : []),
    ];
  }

  caughtUp(): Promise<void> {
    return this.#practice.caughtUp();
  }

  close(): Promise<void> {
    return this.#practice.close();
  }
}
