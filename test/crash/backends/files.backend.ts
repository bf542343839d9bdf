import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow } from '../../../src/contract/journal-reader.ts';
import { Secret } from '../../../src/contract/secret.ts';
import { FileSettings } from '../../../src/transports/file/file.settings.ts';
import { FileTransport } from '../../../src/transports/file/file.transport.ts';
import { PickupSettings } from '../../../src/transports/file/pickup/pickup.settings.ts';
import { PickupTransport } from '../../../src/transports/file/pickup/pickup.transport.ts';
import { type PlaceSettings } from '../../../src/transports/file/places/place.settings.ts';
import { sourceSettings } from '../../support/pickups.ts';
import { Sshd } from '../../support/sshd.ts';
import { type Reply, event, payloadOf } from '../events.ts';
import { type Backend, type Due, type Effect, type GatewaySide, type Inspected, type Load } from './backend.ts';
import { type BackendKind } from './backends.ts';
import { type BareWay, YardAdapter, type Way, bareWays, ways } from './files/yard.adapter.ts';
import { YardLeavings } from './files/yard.leavings.ts';
import { YardPartner, slowMs } from './files/yard.partner.ts';

const jobType = 'crash.job.wanted.v1';
const bareType = 'crash.bare.wanted.v1';
const muteType = 'crash.mute.wanted.v1';
const directories = ['out', 'in', 'left', 'extracts'] as const;
const temporaryPrefix = '.gatehouse-';
/** Longest that the gateway may need to read what has been left for it. */
const caughtUpMs = 20_000;

/** What the child must know of the directory: the settings of the place, and where the private key of its user is. */
interface YardPlace {
  readonly settings: Partial<PlaceSettings> & { readonly directory: string };
  readonly keyFile: string | null;
}

const side: GatewaySide = {
  system: 'yard',
  adapter: YardAdapter,
  // On a busy machine a write and three renames, each with a sync, may take seconds.
  callTimeoutMs: 2_000,
  transports: (place, open) => {
    const settings = Object.assign(new FileSettings(), placed(place), { pollMs: 20, temporaryPrefix });
    return [{ transport: new FileTransport(open), settings }];
  },
  sources: (place, open) => {
    const at = (directory: string): Partial<PlaceSettings> => ({ ...placed(place), directory: join(placed(place).directory, directory) });
    const sources = [sourceSettings('orders', at('left')), sourceSettings('customers', at('extracts'))];
    return [{ transport: new PickupTransport(open), settings: Object.assign(new PickupSettings(), { sources }) }];
  },
};

function placed(place: string): YardPlace['settings'] {
  const { settings, keyFile } = JSON.parse(place) as YardPlace;
  return keyFile === null ? settings : { ...settings, key: new Secret('file:key', readFileSync(keyFile, 'utf8')) };
}

/** A partner that takes, answers and leaves files: drops of every kind, replies by record, name and field, pickups and extracts. */
export const files: BackendKind = { side, start: async (load) => new FilesBackend(load, localYard()) };

/** The same behind a real SFTP server. */
export const filesOverSftp: BackendKind = { side, start: async (load) => new FilesBackend(load, await sftpYard()) };

/** A directory of the partner, and how the gateway comes to it. */
interface Yard {
  readonly root: string;
  readonly place: YardPlace;
  close(): Promise<void>;
}

function localYard(): Yard {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-yard-'));
  return { root, place: { settings: { directory: root }, keyFile: null }, close: async () => rmSync(root, { recursive: true, force: true }) };
}

let server: Promise<Sshd> | null = null;
let yards = 0;

/** All share one server; it goes with the last of them. */
async function sftpYard(): Promise<Yard> {
  yards += 1;
  const number = yards;
  server ??= Sshd.start();
  const sshd = await server;
  open.add(number);
  const root = join(sshd.home, `yard-${number}`);
  const keyFile = `${root}.key`;
  mkdirSync(root);
  chmodSync(root, 0o777);
  writeFileSync(keyFile, sshd.key, { mode: 0o600 });
  const settings = { kind: 'sftp' as const, directory: root, host: '127.0.0.1', port: sshd.port, user: sshd.user, hostKeys: [sshd.fingerprint] };
  return {
    root,
    place: { settings, keyFile },
    close: async () => {
      open.delete(number);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
      if (open.size > 0) return;
      server = null;
      await sshd.stop();
    },
  };
}

const open = new Set<number>();

const job = (id: string, by: Way, lot = 'lot'): CloudEvent => event(id, jobType, { ref: id, lot, by });
const bare = (id: string, by: BareWay, lot = 'lot'): CloudEvent => event(id, bareType, { ref: id, lot, by });
const mute = (id: string, lot = 'lot'): CloudEvent => event(id, muteType, { ref: id, lot });

/** `all`: every kind of drop, two that want one name, replies that are doubled, come after the last moment, or never. */
const loads: Readonly<Record<Load, readonly CloudEvent[]>> = {
  all: [
    job('order-1', 'Order'),
    job('twice-order', 'Order'),
    job('pair-1', 'Pair'),
    job('twice-manifest', 'Manifest'),
    job('form-1', 'Form'),
    bare('note-1', 'Note'),
    bare('note-2', 'Note'),
    job('state-1', 'State'),
    job('gone-1', 'Gone'),
    ...[1, 2, 3, 4].flatMap((n) => [job(`batch-${n}`, 'Batch'), job(`confirmed-${n}`, 'Confirmed')]),
    bare('snatched-1', 'Snatched'),
    mute('tardy-1'),
    mute('mute-1'),
    job('order-2', 'Order'),
  ],
  late: [job('slow-1', 'Order')],
  one: [job('one-1', 'Order')],
  rounds: [],
};

class FilesBackend implements Backend {
  readonly place: string;
  readonly settleMs: number;
  readonly events: readonly CloudEvent[];
  readonly produces = YardLeavings.types;
  readonly doubtful = [...bareWays.map((call) => ({ operation: 'send-bare', call })), { operation: 'send-mute', call: 'Mute', unanswered: true }];
  readonly #yard: Yard;
  readonly #partner: YardPartner;
  readonly #leavings: YardLeavings;

  constructor(load: Load, yard: Yard) {
    this.#yard = yard;
    this.place = JSON.stringify(yard.place);
    this.settleMs = load === 'late' ? slowMs : 100;
    this.events = loads[load];
    for (const name of directories) {
      mkdirSync(join(yard.root, name));
      chmodSync(join(yard.root, name), 0o777);
    }
    this.#partner = new YardPartner(yard.root);
    this.#leavings = new YardLeavings(yard.root);
    if (load !== 'all') return;
    this.#leavings.orders(520, 1);
    this.#leavings.orders(40);
    this.#leavings.nextExtract(300);
    this.#leavings.nextExtract(320);
  }

  round(n: number, random: () => number): readonly CloudEvent[] {
    if (random() < 0.4) this.#leavings.orders(1 + Math.floor(random() * 600), random() < 0.2 ? 1 : 0);
    if (random() < 0.3) this.#leavings.nextExtract(50 + Math.floor(random() * 300));
    const lot = `lot${n}`;
    return Array.from({ length: 5 + Math.floor(random() * 15) }, (_, index) => {
      const mood = random() < 0.1 ? 'twice-' : '';
      const id = `${mood}r${n}-${index}`;
      const kind = random();
      if (kind < 0.05) return bare(id, 'Snatched', lot);
      if (kind < 0.15) return bare(id, 'Note', lot);
      if (kind < 0.18) return mute(`mute-${id}`, lot);
      if (kind < 0.21) return mute(`tardy-${id}`, lot);
      return job(id, ways[Math.floor(random() * ways.length)] ?? 'Order', lot);
    });
  }

  sitting(): boolean {
    return this.#partner.sitting;
  }

  /** What may be repeated is booked once, by the partner itself. */
  async ledger(): Promise<readonly Effect[]> {
    return this.#partner.bookings.map(({ ref, file, number }) => ({ name: `record ${ref}`, mark: isAnswered(file) ? number : file }));
  }

  due(cause: CloudEvent): Due {
    const { ref, by } = payloadOf(cause) as Record<string, string>;
    const parts = by === 'Pair' || by === 'Manifest' ? ['-a', '-b'] : [''];
    return {
      reply: 'crash.job.done.v1',
      effects: parts.map((part) => `record ${ref}${part}`),
      ...(ref?.startsWith('mute-') === true ? { unanswered: true } : {}),
    };
  }

  claims({ data }: Reply): readonly Effect[] {
    const { done = '' } = data as Record<string, string>;
    return done.split(',').map((each) => {
      const [ref = '', mark = ''] = each.split(' ');
      return { name: `record ${ref}`, mark };
    });
  }

  settle({ businessKey, operation }: TranslationRow): DeskAct {
    const booked = this.#partner.bookings.find(({ ref }) => ref === businessKey);
    if (booked === undefined) return { kind: 'did not' };
    const { ref, file, size, sha256, number } = booked;
    if (operation === 'send-bare') return { kind: 'happened', answer: { file, size, sha256 } };
    return { kind: 'happened', answer: { file: 'by telephone', record: 'ack', value: { kind: 'A', ref, mark: number } } };
  }

  inspect({ rows, unused, brought, inDoubt }: Inspected): readonly string[] {
    const parked = rows.filter(({ operation, state }) => operation === 'orders' && state === 'parked').length;
    return [
      ...this.#partner.wrong,
      ...this.#numbers(unused),
      ...this.#leftovers(inDoubt),
      ...this.#leavings.wrong(brought),
      ...(parked === this.#leavings.bad ? [] : [`${this.#leavings.bad} bad records were left, ${parked} are parked`]),
    ];
  }

  /** Every number has come once, or is listed as one that nobody uses. */
  #numbers(unused: Inspected['unused']): string[] {
    const counters = { ORDER: 'Order', MANIFEST: 'manifests', BATCH: 'Batch', CONFIRMED: 'Confirmed' };
    return Object.entries(counters).flatMap(([prefix, counter]) => {
      const seen = this.#partner.numbers.get(prefix) ?? [];
      const listed = unused.filter((each) => each.counter === counter && !each.inDoubt).map(({ number }) => number);
      const missing = Array.from({ length: Math.max(0, ...seen) }, (_, index) => index + 1).filter(
        (number) => !seen.includes(number) && !listed.includes(number),
      );
      const used = listed.filter((number) => seen.includes(number));
      return [
        ...(missing.length === 0 ? [] : [`numbers of ${counter} that never came and that nobody lists: ${missing.join()}`]),
        ...(used.length === 0 ? [] : [`numbers of ${counter} that came and are listed as never used: ${used.join()}`]),
      ];
    });
  }

  /** What must not lie about in the end, and what must lie in the archives. */
  #leftovers(inDoubt: number): string[] {
    const { root } = this.#yard;
    const count = (path: string): number => namesIn(root, path).filter((name) => name.endsWith('.csv')).length;
    const replies = namesIn(root, 'archive').map((name) => name.replace(/^\d{8}T\d{6}Z-[0-9a-f]{8}-/, ''));
    const unread = this.#partner.repliesWritten.filter((name) => !replies.includes(name));
    // Of a call in doubt its temporary file is the evidence; a check that was killed leaves the one that it tries the place with.
    const temporaries = everything(root).filter(
      (path) => path.split('/').at(-1)?.startsWith(temporaryPrefix) === true && !path.endsWith('-claims') && !isOfCheck(join(root, path)),
    );
    return [
      ...temporaries.slice(inDoubt),
      ...namesIn(root, 'out').filter((name) => !name.endsWith('.TXT')),
      ...namesIn(root, 'in'),
      ...everything(root).filter((path) => path.includes('claims/') && /\.(?:csv|TXT)$/.test(path)),
      ...namesIn(root, 'error'),
      ...[...directories].flatMap((name) => namesIn(root, `${name}/error`)),
      ...unread.map((name) => `${name}, not in the archive`),
      ...(replies.length > this.#partner.repliesWritten.length ? [`${replies.length - this.#partner.repliesWritten.length} replies too many`] : []),
      ...Object.entries(this.#leavings.files)
        .filter(([name, files]) => count(`${name}/archive`) !== files)
        .map(([name, files]) => `${count(`${name}/archive`)} of ${files} archived in ${name}`),
    ].map((what) => `left at the end: ${what}`);
  }

  shows(): readonly string[] {
    const { root } = this.#yard;
    const lies = everything(root).filter((path) => !path.includes('archive/') && !directories.some((name) => name === path));
    const temporaries = lies.filter((path) => path.includes(`/${temporaryPrefix}`) && lstatSync(join(root, path)).isFile());
    return [
      `lies there: ${lies.join(', ')}`,
      ...temporaries.map((path) => `${path}: ${readFileSync(join(root, path), 'latin1').slice(0, 300)}`),
      `booked: ${this.#partner.bookings.map(({ ref, file, number }) => `${ref} ${number} ${file}`).join(', ')}`,
      `replied: ${this.#partner.repliesWritten.join(', ')}`,
    ];
  }

  /** The gateway has read every reply and brought in every file, as the directories show. */
  async caughtUp(signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + caughtUpMs;
    while (!signal.aborted && performance.now() < untilMs && this.#isBehind()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #isBehind(): boolean {
    const { root } = this.#yard;
    if (this.#partner.sitting || this.#partner.repliesDue > 0 || namesIn(root, 'in').length > 0) return true;
    return (
      everything(root).some((path) => path.endsWith('.csv') && !path.includes('/archive/')) || everything(join(root, 'claims')).some(isFileOfOurs)
    );
  }

  async close(): Promise<void> {
    this.#partner.close();
    await this.#yard.close();
  }
}

const isOfCheck = (path: string): boolean => existsSync(path) && readFileSync(path, 'utf8') === 'gatehouse check\n';
const isFileOfOurs = (path: string): boolean => path.endsWith('.TXT');

/** Files whose reply tells the number of the booking; of the others only the name is known. */
const isAnswered = (file: string): boolean => /^(?:ORDER|MANIFEST|FORM|CONFIRMED|MUTE)_/.test(file);

function namesIn(root: string, path: string): string[] {
  return existsSync(join(root, path)) ? readdirSync(join(root, path)) : [];
}

function everything(root: string): string[] {
  return existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
}
