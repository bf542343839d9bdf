import 'reflect-metadata';
import { appendFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type OutgoingEvent, type PublishOutcome } from '../../src/contract/bus.ts';
import { Secret } from '../../src/contract/secret.ts';
import { type PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { customers, orders, sourceSettings, startPickupRig, until } from '../support/pickups.ts';
import { type KillAt, KillSwitch } from './kill-switch.ts';

export interface PickupChildOptions {
  readonly folder: string;
  readonly place: Partial<PlaceSettings>;
  readonly source: 'orders' | 'customers';
  /** The directory of the place on this machine, and how many files are done when it is over. */
  readonly home: string;
  readonly files: number;
  readonly killAt: KillAt | null;
  /** Where the private key of an SFTP place stands. */
  readonly keyFile?: string;
}

/** One life of a gateway that brings files in, and ends when all are in the archive. What left stands in a file that no crash takes back. */
const options = JSON.parse(process.argv[2] ?? '{}') as PickupChildOptions;
const killSwitch = new KillSwitch(options.killAt);
const key = options.keyFile === undefined ? {} : { key: new Secret('file:key', readFileSync(options.keyFile, 'utf8')) };

const publish = async ({ event }: OutgoingEvent): Promise<PublishOutcome> => {
  appendFileSync(join(options.folder, 'published.jsonl'), `${JSON.stringify([event.attributes.id, Buffer.from(event.data).toString()])}\n`);
  return { end: 'confirmed', routed: true };
};

const rig = await startPickupRig({
  sources: [options.source === 'orders' ? orders : customers()],
  settings: [sourceSettings(options.source, { ...options.place, ...key })],
  folder: options.folder,
  wrap: {
    journal: (journal) => killSwitch.wrap('journal', journal),
    bus: (bus) =>
      new Proxy(bus, {
        get: (target, name) => {
          if (name === 'publish') return publish;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
  },
});

const done = (): boolean => {
  try {
    return readdirSync(join(options.home, 'archive')).length >= options.files;
  } catch {
    return false;
  }
};
await until(`archived: ${rig.logs.join('\n')}`, done, 50_000);
await until('published', async () => (await rig.journal.unpublished(0, 1)).length === 0);
await rig.stop();
process.stdout.write(`${JSON.stringify(Object.fromEntries(killSwitch.counts))}\n`);
