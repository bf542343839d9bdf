import { IsInt, IsString } from 'class-validator';
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Adapter } from '../../src/contract/adapter.ts';
import { EventType } from '../../src/contract/event.ts';
import { type Class } from '../../src/contract/json.ts';
import { type SourceDeclaration } from '../../src/contract/source.ts';
import { type Rig, type RigOptions, startRig } from '../../src/practice/workbench.ts';
import { delimited } from '../../src/transports/file/interchange/delimited/delimited.codec.ts';
import { type PickedRecord, pickup, snapshot } from '../../src/transports/file/pickup/pickup.ts';
import { PickupSettings, PickupSourceSettings } from '../../src/transports/file/pickup/pickup.settings.ts';
import { PickupTransport } from '../../src/transports/file/pickup/pickup.transport.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';

@EventType('test.order.found.v1')
export class OrderFound {
  @IsString()
  order: string;

  @IsInt()
  amount: number;
}

@EventType('test.customer.told.v1')
export class CustomerTold {
  @IsString()
  change: string;

  @IsString()
  customer: string;

  @IsString()
  name: string;
}

/** `order;amount`, and a last line with the number of rows. */
export const orderCodec = delimited({
  delimiter: ';',
  lineEnd: '\n',
  columns: ['order', { name: 'amount', is: 'integer' }],
  trailer: { tag: 'END', countAt: 2 },
});

const orderOf = ({ type, value }: PickedRecord): OrderFound | null =>
  type === 'row' ? Object.assign(new OrderFound(), { order: String(value['order']), amount: Number(value['amount']) }) : null;

export const orders: SourceDeclaration = pickup({ name: 'orders', codec: orderCodec, produces: [OrderFound], businessKey: 'order', map: orderOf });

export const customers = (more: { first?: 'events' | 'baseline'; maxGonePercent?: number } = {}): SourceDeclaration =>
  snapshot({
    name: 'customers',
    codec: delimited({ delimiter: ';', lineEnd: '\n', columns: ['customer', 'name'] }),
    produces: [CustomerTold],
    businessKey: 'customer',
    key: ({ value }) => String(value['customer']),
    map: ({ change, key, record }) =>
      Object.assign(new CustomerTold(), { change, customer: key, name: record === null ? '' : String(record.value['name']) }),
    ...more,
  });

/** An adapter that only brings in. */
export function adapterFrom(...sources: readonly SourceDeclaration[]): Class {
  class Incoming {}
  Adapter({ system: 'depot', about: 'A depot under test.', layouts: [], calls: {}, operations: [], sources })(Incoming);
  return Incoming;
}

/** A file of `rows` orders with its trailer. */
export function orderFile(rows: number, from = 1): string {
  const lines: string[] = [];
  for (let row = from; row < from + rows; row += 1) lines.push(`O-${row};${row % 1_000}`);
  return `${lines.join('\n')}\nEND;${rows}\n`;
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'gatehouse-pickup-'));

/** Fast looks, complete as soon as the name is there. */
export function sourceSettings(name: string, place: Partial<PlaceSettings>, more: Partial<PickupSourceSettings> = {}): PickupSourceSettings {
  return Object.assign(new PickupSourceSettings(), { name, pattern: '*.csv', pollMs: 15, complete: 'renamed', minAgeMs: 0 }, more, {
    place: Object.assign(new PlaceSettings(), place),
  });
}

export interface PickupRigOptions extends Omit<Partial<RigOptions>, 'systems'> {
  readonly sources: readonly SourceDeclaration[];
  readonly settings: readonly PickupSourceSettings[];
  readonly system?: NonNullable<RigOptions['systems'][string]['settings']>;
}

export function startPickupRig({ sources, settings, system, ...more }: PickupRigOptions): Promise<Rig> {
  return startRig({
    adapters: [adapterFrom(...sources)],
    transports: [],
    sourceTransports: [new PickupTransport()],
    systems: { depot: { settings: system ?? {}, transports: { pickup: Object.assign(new PickupSettings(), { sources: settings }) } } },
    ...more,
  });
}

/** A watched directory on this machine. */
export function watched(): { folder: string; in: (name: string) => string; archived: () => string[]; errors: () => string[] } {
  const folder = newFolder();
  const names = (directory: string) => (): string[] => {
    try {
      return readdirSync(join(folder, directory)).sort();
    } catch {
      return [];
    }
  };
  mkdirSync(folder, { recursive: true });
  return { folder, in: (name) => join(folder, name), archived: names('archive'), errors: names('error') };
}

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const untilMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when so many files are in the archive and all that came of them is published and counted. */
export async function broughtIn(rig: Rig, archived: () => readonly string[], files: number): Promise<void> {
  const idle = (): boolean => rig.gateway.desk.systems()[0]?.sources.every(({ state }) => state === 'idle') === true;
  await until(`${files} in the archive`, async () => archived().length === files && idle() && !(await rig.journal.outboxHolds(1))).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}: ${archived().join()}\n${rig.logs.join('\n')}`);
    },
  );
}
