import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StockroomAdapter } from '../../adapters/stockroom/stockroom.adapter.ts';
import { type Bus } from '../../src/contract/bus.ts';
import { type Json } from '../../src/contract/json.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type SystemSettings } from '../../src/contract/settings.ts';
import { Metrics } from '../../src/http/metrics.ts';
import { stockroomSettings } from '../../src/practice/stockroom/stockroom.bench.ts';
import { PracticeStockroom, type StockroomOptions } from '../../src/practice/stockroom/stockroom.server.ts';
import { PoolSettings } from '../../src/transports/terminal/pool/pool.settings.ts';
import { type TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { TerminalTransport } from '../../src/transports/terminal/terminal.transport.ts';
import { type Rig, startRig } from './gateway.ts';

export const canary = 'Zeisig7Nest';
/** Of the canary: as it is, hexadecimal, the EBCDIC of the west in bytes and hexadecimal, Base64 at each offset. */
const forms: readonly Buffer[] = [
  canary,
  '5a6569736967374e657374',
  '5A6569736967374E657374',
  'e98589a28987f7d585a2a3',
  'E98589A28987F7D585A2A3',
  Buffer.from('e98589a28987f7d585a2a3', 'hex'),
  'WmVpc2lnN05lc3',
  'plaXNpZzdOZXN0',
  'aZWlzaWc3TmVzd',
].map((form) => Buffer.from(form));

export interface GroundOptions {
  readonly line?: 'ssh' | 'telnet';
  readonly host?: StockroomOptions;
  readonly terminal?: Partial<TerminalSettings>;
  readonly settings?: Partial<SystemSettings>;
}

/** A practice stockroom with a gateway in front of it that may be started more than once. Its password is the canary. */
export interface StockroomGround extends AsyncDisposable {
  readonly practice: PracticeStockroom;
  readonly folder: string;
  /** With what it must not do at a stop: wait. */
  gateway(drainMs?: number): Promise<Rig>;
  /** Every place where the canary was found: files of the gateway, its log, its metrics, all that it tells of its work. */
  leaks(rig: Rig): Promise<string[]>;
}

export async function stockroomGround({ line = 'telnet', host = {}, terminal = {}, settings = {} }: GroundOptions = {}): Promise<StockroomGround> {
  const practice = await PracticeStockroom.start({ password: canary, ...host });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stockroom-'));
  const rigs: Rig[] = [];
  const users = (host.users ?? []).map((user) => ({ user, password: new Secret('env:STOCK_PASSWORD', canary) }));
  return {
    practice,
    folder,
    gateway: async (drainMs = 2_000) => {
      const rig = await startRig({
        adapters: [StockroomAdapter],
        transports: [new TerminalTransport()],
        folder,
        drainMs,
        systems: {
          stockroom: {
            settings: { callTimeoutMs: 8_000, settleMs: 200, ...settings },
            transports: {
              terminal: stockroomSettings(practice, {
                protocol: line,
                password: new Secret('env:STOCK_PASSWORD', canary),
                users,
                pool: Object.assign(new PoolSettings(), { logInWaitMs: 50, unclearLogInsADay: 20 }),
                ...terminal,
              }),
            },
          },
        },
      });
      rigs.push(rig);
      return rig;
    },
    leaks: (rig) => leaksOf(rig, folder),
    [Symbol.asyncDispose]: async () => {
      for (const rig of rigs) await rig.stop();
      await practice.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function leaksOf(rig: Rig, folder: string): Promise<string[]> {
  const stories = await Promise.all((await rig.rows()).map(({ id }) => rig.story(id)));
  const bodies = stories.flatMap(({ calls }) => calls.flatMap(({ parts }) => parts.map(({ body }) => Buffer.from(body.bytes ?? []))));
  const places: [string, Buffer][] = [
    ...readdirSync(folder).map((file): [string, Buffer] => [file, readFileSync(join(folder, file))]),
    ['the log', Buffer.from(rig.logs.join('\n'))],
    ['the metrics', Buffer.from(await new Metrics(rig.gateway.desk, rig.journal.reader, rig.bus as Bus).text())],
    ['systems', Buffer.from(JSON.stringify(rig.gateway.desk.systems()))],
    ['stories', Buffer.from(JSON.stringify(stories))],
    ['traces', Buffer.concat(bodies)],
  ];
  return places.filter(([, bytes]) => forms.some((form) => bytes.includes(form))).map(([place]) => place);
}

/** Asks for a reservation. @returns its translation */
export const askToReserve = (rig: Rig, reference: string, more: object = {}): Promise<string> =>
  rig.post('com.acme.reservation.requested.v1', { reference, sku: 'SKU-1001', quantity: 2, ...more });

/** Sorted: events side by side are answered in any order. */
export async function repliesOf(rig: Rig): Promise<Json[]> {
  const texts = (await rig.replies()).map(({ data }) => Buffer.from(data).toString());
  return texts.sort().map((text) => JSON.parse(text) as Json);
}

/** `published`, `parked IN_DOUBT`. */
export async function endOf(rig: Rig, id: string): Promise<string> {
  const { state, failure } = (await rig.story(id)).translation;
  return [state, failure?.code].filter(Boolean).join(' ');
}

/** The references in the ledger of the host, sorted. */
export const booked = ({ practice }: StockroomGround): string[] =>
  practice
    .ledger()
    .map(({ ref }) => ref)
    .sort();
