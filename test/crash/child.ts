import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import { type Bus, type OutgoingEvent, type PublishOutcome } from '../../src/contract/bus.ts';
import { type DeskAct } from '../../src/contract/control.ts';
import { type CloudEvent } from '../../src/contract/event.ts';
import { type OpenPlace, openPlace } from '../../src/transports/file/places/open-place.ts';
import { startRig } from '../support/gateway.ts';
import { type BackendName, backendKind } from './backends/backends.ts';
import { watchDisk } from './disk.ts';
import { type Reply, replyOf } from './events.ts';
import { type BusKind, type RabbitmqPlace, rabbitmqBusOf } from './grounds.ts';
import { type KillAt, KillSwitch } from './kill-switch.ts';
import { type Plant, plantedJournal, plantedLink, plantedPlace, plantedSurroundings } from './plants.ts';

export interface ChildOptions {
  readonly folder: string;
  readonly backend: BackendName;
  /** Where that backend is, as it says itself. */
  readonly place: string;
  readonly killAt: KillAt | null;
  readonly plant: Plant | null;
  /** `outside`: replies go to a file, as to a broker that the journal knows nothing of. */
  readonly bus: BusKind;
  readonly rabbitmq: RabbitmqPlace | null;
  readonly settleMs: number;
  /** That of the backend when not given. */
  readonly callTimeoutMs?: number | undefined;
}

export type ToChild =
  { post: { attributes: CloudEvent['attributes']; data: string } } | { status: true } | { act: DeskAct; id: string; key: string } | { stop: true };
export type FromChild =
  | { ready: true }
  | { posted: string; error: string | null }
  | { open: number; known: number }
  | { acted: string; error: string | null }
  | { stopped: Record<string, number>; replies: Reply[] };

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const killSwitch = new KillSwitch(options.killAt);
const send = (message: FromChild): void => void process.send?.(message);

/** A bus that only confirms: what left stands in a file, whatever becomes of this process. */
function outside(bus: Bus): Bus {
  if (options.bus !== 'outside') return bus;
  const publish = async ({ event }: OutgoingEvent): Promise<PublishOutcome> => {
    appendFileSync(`${options.folder}/published.jsonl`, `${JSON.stringify(replyOf(event))}\n`);
    return { end: 'confirmed', routed: true };
  };
  return new Proxy(bus, { get: (target, property) => (property === 'publish' ? publish : bound(target, property)) });
}

function bound(target: object, property: PropertyKey): unknown {
  const value: unknown = Reflect.get(target, property, target);
  return typeof value === 'function' ? value.bind(target) : value;
}

const { system, adapter, callTimeoutMs, transports, watch, sources } = (await backendKind(options.backend)).side;
const { place, plant } = options;
const open: OpenPlace = (...args) => plantedPlace(killSwitch.wrap('place', openPlace(...args)), plant);
const connected = transports(place, open);
const watched = sources?.(place, open) ?? [];
watchDisk(killSwitch);
watch?.(killSwitch);

const rig = await startRig({
  adapters: [adapter],
  transports: connected.map(({ transport }) => transport),
  sourceTransports: watched.map(({ transport }) => transport),
  folder: options.folder,
  ...(options.rabbitmq === null ? {} : { bus: (parts) => rabbitmqBusOf(options.rabbitmq as RabbitmqPlace, parts) }),
  systems: {
    [system]: {
      // On a busy machine any call may take longer than its time: what is judged is loss and repetition, not how often it was tried.
      settings: {
        callTimeoutMs: options.callTimeoutMs ?? callTimeoutMs,
        settleMs: options.settleMs,
        concurrency: 4,
        retry: { attempts: 100, firstMs: 20, maxMs: 200 },
      },
      transports: Object.fromEntries([...connected, ...watched].map(({ transport, settings }) => [transport.name, settings])),
    },
  },
  fatal: (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(74);
  },
  wrap: {
    journal: (journal) =>
      killSwitch.wrap(
        'journal',
        plantedJournal(journal, plant, (bare) => killSwitch.wrap('commit', bare)),
      ),
    bus: (bus) => killSwitch.wrap('bus', outside(bus)),
    transport: (transport) =>
      new Proxy(transport, {
        get: (target, property) =>
          property === 'open'
            ? async (surroundings: Parameters<typeof target.open>[0]) =>
                killSwitch.wrap('link', plantedLink(await target.open(plantedSurroundings(surroundings, plant)), plant))
            : bound(target, property),
      }),
  },
});

process.on('message', (message: ToChild) => {
  void handle(message).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  });
});

async function handle(message: ToChild): Promise<void> {
  if ('post' in message) {
    const { attributes, data } = message.post;
    const error = await rig.gateway.intake.post([{ attributes, data: Buffer.from(data) }]).then(() => null, String);
    send({ posted: attributes.id, error });
  } else if ('act' in message) {
    const request = { key: message.key, translationId: message.id, version: null, who: 'harness', why: 'the ledger says so' };
    send({ acted: message.id, error: await rig.gateway.desk.act(request, message.act).then(() => null, String) });
  } else if ('status' in message) {
    const tallies = rig.journal.tallies();
    const open = tallies.filter(({ state }) => state === 'received' || state === 'running' || state === 'waiting' || state === 'answered');
    const total = (counted: typeof tallies): number => counted.reduce((sum, { count }) => sum + count, 0);
    // What a source has brought in is no translation: it is unfinished while the bus has not confirmed it.
    send({ open: total(open) + ((await rig.journal.outboxHolds(1)) ? 1 : 0), known: total(tallies) });
  } else {
    const replies = (await rig.replies()).map(replyOf);
    await rig.stop();
    process.stderr.write(rig.logs.filter((line) => !line.startsWith('info') && !line.startsWith('debug')).join('\n'));
    const last: FromChild = { stopped: Object.fromEntries(killSwitch.counts), replies };
    process.send?.(last, () => process.disconnect());
  }
}

send({ ready: true });
