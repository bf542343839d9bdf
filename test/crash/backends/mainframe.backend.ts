import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow } from '../../../src/contract/journal-reader.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { PracticeMainframe } from '../../../src/practice/mainframe/mainframe.server.ts';
import { type MainframeScreen } from '../../../src/practice/mainframe/screens.ts';
import { type TerminalFault } from '../../../src/practice/terminal/terminal.faults.ts';
import { PoolSettings, TerminalUser } from '../../../src/transports/terminal/pool/pool.settings.ts';
import { TerminalSettings } from '../../../src/transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../../src/transports/terminal/terminal.transport.ts';
import { need } from '../../support/needs.ts';
import { type Reply, event, payloadOf } from '../events.ts';
import { watchSessions } from '../sessions.ts';
import { type Backend, type Due, type Effect, type Load } from './backend.ts';
import { type BackendKind } from './backends.ts';
import { MainframeScreens } from './mainframe.adapter.ts';

const password = 'practice';
/** Longer than a dialog takes on a busy machine: what did not happen is known only after it. */
const callTimeoutMs = 5_000;
/** How late a `commit-late` is carried out, ms: under `late` after the call's deadline, while the gateway starts again. */
const lateMs = (load: Load): number => (load === 'late' ? 6_000 : 250);
const noCustomer = '00099999';

interface Place {
  readonly port: number;
  readonly users: readonly string[];
}

function settingsOf({ port, users }: Place): TerminalSettings {
  return Object.assign(new TerminalSettings(), {
    protocol: 'tn3270',
    host: '127.0.0.1',
    port,
    users: users.map((user) => Object.assign(new TerminalUser(), { user, password: new Secret('practice', password) })),
    screenTimeoutMs: 2_000,
    pool: Object.assign(new PoolSettings(), { logInWaitMs: 100, maxLogInWaitMs: 500, recoverTimeoutMs: 1_000, unclearLogInsADay: 100 }),
  });
}

/** The customer file on a 3270: updates that must happen once, with a probe and without one. */
export const mainframe: BackendKind = {
  side: {
    system: 'mainframe',
    adapter: MainframeScreens,
    callTimeoutMs,
    transports: (place) => [{ transport: new TerminalTransport(), settings: settingsOf(JSON.parse(place) as Place) }],
    watch: watchSessions,
  },
  start: async (load) => {
    need('s3270', 's3270');
    const users = load === 'all' || load === 'rounds' ? ['GATE1', 'GATE2', 'GATE3', 'GATE4'] : ['GATE1'];
    const practice = await PracticeMainframe.start({ enhanced: true, user: users[0] ?? '', users: users.slice(1), password });
    return new MainframeBackend(load, users, practice);
  },
};

/** A name of its own each. A second save of one would change nothing, is refused by the host and seen in the reply. */
function updateRequested(requestId: string, customer: string): CloudEvent {
  return event(requestId, 'com.acme.customer.update-requested.v1', { requestId, customer, name: `NAME ${requestId}` });
}

const orderSent = (id: string, customer: string): CloudEvent => event(id, 'com.acme.order.sent.v1', { orderId: id, sku: customer });

/** `all`: two on one customer, one refused, one without a probe, and one for each of the faults that a save key meets. */
const loads: Readonly<Record<Load, readonly CloudEvent[]>> = {
  all: [
    updateRequested('s1', '00010001'),
    updateRequested('s2', '00010001'),
    updateRequested('busy-1', '00010002'),
    updateRequested('refused-1', noCustomer),
    updateRequested('unseen-1', '00010003'),
    updateRequested('late-1', '00010004'),
    orderSent('o1', '00010005'),
  ],
  late: [updateRequested('late-1', '00010004')],
  one: [updateRequested('one-1', '00010006')],
  rounds: [],
};

class MainframeBackend implements Backend {
  readonly place: string;
  readonly settleMs: number;
  readonly events: readonly CloudEvent[];
  readonly produces = [];
  readonly doubtful = [{ operation: 'order-blindly', call: 'UpdateBlindly' }];
  /** Long enough for a log-in and a dialog. */
  readonly killWithinMs = 2_500;
  readonly #practice: PracticeMainframe;
  readonly #load: Load;

  constructor(load: Load, users: readonly string[], practice: PracticeMainframe) {
    this.#practice = practice;
    this.#load = load;
    this.place = JSON.stringify({ port: practice.port, users } satisfies Place);
    this.settleMs = load === 'late' ? lateMs(load) - callTimeoutMs + 500 : lateMs(load) + 150;
    this.events = loads[load];
    if (load === 'all') {
      this.#meets('busy-1', 'busy');
      this.#meets('unseen-1', 'unconfirmed');
    }
    if (load === 'all' || load === 'late') this.#meets('late-1', 'commit-late');
  }

  /** At the save key, over the screen that shows the reference. */
  #meets(id: string, kind: TerminalFault['kind']): void {
    const fault: TerminalFault<MainframeScreen> = { kind, screen: 'update', matching: id, ms: lateMs(this.#load), times: 1 };
    this.#practice.fault(fault);
  }

  round(n: number, random: () => number): readonly CloudEvent[] {
    return Array.from({ length: 2 + Math.floor(random() * 3) }, (_, index) => {
      const id = `r${n}-${index}.`;
      const customer = String(10_001 + Math.floor(random() * 30)).padStart(8, '0');
      const kind = random();
      // On the first Enter of that screen, which is not the save key.
      if (kind < 0.1) this.#meets(id, 'drop-before');
      else if (kind < 0.2) this.#meets(id, 'redisplay');
      else if (kind < 0.25) this.#meets(id, 'commit-late');
      else if (kind < 0.3) this.#meets(id, 'unconfirmed');
      else if (kind < 0.4) return updateRequested(id, noCustomer);
      else if (kind < 0.5) return orderSent(id, customer);
      return updateRequested(id, customer);
    });
  }

  sitting(): boolean {
    return this.#practice.faultsLeft() === 0;
  }

  async ledger(): Promise<readonly Effect[]> {
    return this.#practice.ledger().map(({ ref, number }) => ({ name: `update ${ref}`, mark: number }));
  }

  due(cause: CloudEvent): Due {
    const { type, id } = cause.attributes;
    if (type === 'com.acme.order.sent.v1') return { reply: 'com.acme.order.confirmed.v1', effects: [`update ${id}`] };
    if (payloadOf(cause)['customer'] === noCustomer) return { reply: 'com.acme.customer.update-refused.v1', effects: [] };
    return { reply: 'com.acme.customer.update-saved.v1', effects: [`update ${id}`] };
  }

  claims({ type, data }: Reply): readonly Effect[] {
    const { requestId, update, orderId, order } = data as Record<string, string>;
    if (type === 'com.acme.order.confirmed.v1') return [{ name: `update ${orderId}`, mark: String(order) }];
    return type === 'com.acme.customer.update-saved.v1' ? [{ name: `update ${requestId}`, mark: String(update) }] : [];
  }

  settle({ businessKey }: TranslationRow, ledger: readonly Effect[]): DeskAct {
    const done = ledger.find(({ name }) => name === `update ${businessKey}`);
    return done === undefined ? { kind: 'did not' } : { kind: 'happened', answer: { update: done.mark } };
  }

  /** The password is right: none is called wrong and no user id is revoked. No terminal program outlives its gateway. */
  inspect(): readonly string[] {
    const signOns = this.#practice.signOns();
    const wrong = signOns.filter(({ is }) => is === 'wrong-password' || is === 'locked');
    const { attached } = this.#practice.sessions();
    return [...wrong.map(({ user, is }) => `the host said ${is} to ${user}`), ...(attached > 0 ? [`${attached} sessions are still attached`] : [])];
  }

  caughtUp(): Promise<void> {
    return this.#practice.caughtUp();
  }

  close(): Promise<void> {
    return this.#practice.close();
  }
}
