import { ServiceNowAdapter } from '../../../adapters/servicenow/servicenow.adapter.ts';
import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow } from '../../../src/contract/journal-reader.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { PracticeServiceNow, type ServiceNowFaultKind } from '../../../src/practice/servicenow/servicenow.server.ts';
import { SoapSettings } from '../../../src/transports/soap/soap.settings.ts';
import { SoapTransport } from '../../../src/transports/soap/soap.transport.ts';
import { type Reply, event, payloadOf } from '../events.ts';
import { type Backend, type Due, type Effect, type Load } from './backend.ts';
import { type BackendKind } from './backends.ts';

const user = 'gatehouse';
const password = 'practice';
const opened = 'com.acme.incident.opened.v1';
const refused = 'com.acme.incident.refused.v1';

/** How late a `commit-late` is carried out, ms: after the call's deadline of 200 ms; under `late`, while the gateway starts again. */
const lateMs = (load: Load): number => (load === 'late' ? 4_000 : 250);

/** ServiceNow over SOAP with basic authentication: every insert must happen once and has a probe, by its correlation_id. */
export const servicenow: BackendKind = {
  side: {
    system: 'servicenow',
    adapter: ServiceNowAdapter,
    callTimeoutMs: 200,
    transports: (place) => [
      {
        transport: new SoapTransport(),
        settings: Object.assign(new SoapSettings(), { url: place, user, password: new Secret('practice', password) }),
      },
    ],
  },
  start: async (load) => new ServiceNowBackend(load, await PracticeServiceNow.start({ user, password })),
};

function serviceRequested(id: string, callerId = id): CloudEvent {
  return event(id, 'com.acme.service.requested.v1', { requestId: id, callerId, summary: `Please see to ${id}`, urgency: 'high' });
}

/** `all`: two on one key, one refused, and one for each of the faults that an insert meets. */
const loads: Readonly<Record<Load, readonly CloudEvent[]>> = {
  all: [
    serviceRequested('s1', 'one-caller'),
    serviceRequested('s2', 'one-caller'),
    serviceRequested('busy-1'),
    serviceRequested('refused-1', 'nobody'),
    serviceRequested('lost-1'),
    serviceRequested('late-1'),
  ],
  late: [serviceRequested('late-1')],
  one: [serviceRequested('one-1')],
  rounds: [],
};

class ServiceNowBackend implements Backend {
  readonly place: string;
  readonly settleMs: number;
  readonly events: readonly CloudEvent[];
  readonly produces = [];
  readonly doubtful = [];
  readonly #practice: PracticeServiceNow;
  readonly #load: Load;

  constructor(load: Load, practice: PracticeServiceNow) {
    this.#practice = practice;
    this.#load = load;
    this.place = practice.url;
    this.settleMs = lateMs(load) + 150;
    this.events = loads[load];
    if (load === 'all') {
      this.#meets('busy-1', 'busy');
      this.#meets('lost-1', 'commit-then-drop');
    }
    if (load === 'all' || load === 'late') this.#meets('late-1', 'commit-late');
  }

  #meets(id: string, kind: ServiceNowFaultKind): void {
    this.#practice.fault({ kind, matching: `>${id}<`, ms: lateMs(this.#load), times: 1 });
  }

  round(n: number, random: () => number): readonly CloudEvent[] {
    return Array.from({ length: 5 + Math.floor(random() * 25) }, (_, index) => {
      const id = `r${n}-${index}`;
      const kind = random();
      if (kind < 0.1) this.#meets(id, 'commit-then-drop');
      else if (kind < 0.2) this.#meets(id, 'commit-late');
      else if (kind < 0.3) this.#meets(id, 'busy');
      else if (kind < 0.4) return serviceRequested(id, 'nobody');
      return serviceRequested(id, `caller-${Math.floor(random() * 20)}`);
    });
  }

  sitting(): boolean {
    return this.#practice.faultsLeft() === 0;
  }

  async ledger(): Promise<readonly Effect[]> {
    return this.#practice.ledger().map(({ correlationId, number, sysId }) => ({ name: `insert ${correlationId}`, mark: `${number} ${sysId}` }));
  }

  due(cause: CloudEvent): Due {
    const { requestId, callerId } = payloadOf(cause);
    return callerId === 'nobody' ? { reply: refused, effects: [] } : { reply: opened, effects: [`insert ${String(requestId)}`] };
  }

  claims({ type, data }: Reply): readonly Effect[] {
    const { requestId, number, sysId } = data as Record<string, string>;
    return type === opened ? [{ name: `insert ${requestId}`, mark: `${number} ${sysId}` }] : [];
  }

  settle({ businessKey }: TranslationRow, ledger: readonly Effect[]): DeskAct {
    const done = ledger.find(({ name }) => name === `insert ${businessKey}`);
    const [number = '', sys_id = ''] = done?.mark.split(' ') ?? [];
    return done === undefined ? { kind: 'did not' } : { kind: 'happened', answer: { sys_id, number } };
  }

  inspect(): readonly string[] {
    return [];
  }

  caughtUp(): Promise<void> {
    return this.#practice.caughtUp();
  }

  close(): Promise<void> {
    return this.#practice.stop();
  }
}
