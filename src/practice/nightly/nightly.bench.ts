import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LedgerAdapter } from '../../../adapters/ledger/ledger.adapter.ts';
import { FileSettings } from '../../transports/file/file.settings.ts';
import { FileTransport } from '../../transports/file/file.transport.ts';
import { PickupSettings, PickupSourceSettings } from '../../transports/file/pickup/pickup.settings.ts';
import { PickupTransport } from '../../transports/file/pickup/pickup.transport.ts';
import { PlaceSettings } from '../../transports/file/places/place.settings.ts';
import { type Bench } from '../bench.ts';
import { PracticeNightly } from './nightly.batch.ts';
import { type NightlyFault, type NightlyFile } from './outbox.ts';

/** How a gateway in this process reaches a nightly batch: `place` is where its folder is. Looks often. */
export function nightlySettings(place: Partial<PlaceSettings>, pollMs = 20): { file: FileSettings; pickup: PickupSettings } {
  const base = place.directory ?? '';
  const sources = ['statements', 'customers'].map((name) =>
    Object.assign(new PickupSourceSettings(), {
      name,
      place: Object.assign(new PlaceSettings(), place, { directory: base === '.' ? name : join(base, name) }),
      pattern: '*.DAT',
      complete: 'marker',
      pollMs,
    }),
  );
  return { file: Object.assign(new FileSettings(), place, { pollMs }), pickup: Object.assign(new PickupSettings(), { sources }) };
}

export const nightlyBench: Bench = {
  system: 'ledger',
  adapter: LedgerAdapter,
  casesFolder: resolve(import.meta.dirname, '../../../adapters/ledger/cases'),
  transports: () => [new FileTransport()],
  sourceTransports: () => [new PickupTransport()],
  start: async (faults) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-nightly-'));
    const practice = new PracticeNightly({ folder, everyMs: 50 });
    for (const fault of faults) practice.fault(fault as NightlyFault);
    return {
      settings: { ...nightlySettings({ directory: folder }) },
      dropped: () => practice.dropped(),
      leave: (source, name, content) => practice.leave(source as NightlyFile, name, content),
      stop: async () => {
        practice.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};
