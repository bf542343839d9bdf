import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { unprivileged } from '../support/unprivileged.ts';
import { placeContract } from './place.contract.ts';

placeContract('local', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-local-'));
  chmodSync(home, 0o777);
  return {
    home,
    cable: null,
    cannot: [],
    open: (folder) => openPlace('depot', Object.assign(new PlaceSettings(), { kind: 'local', directory: folder })),
    unprivileged,
    stop: async () => rmSync(home, { recursive: true, force: true }),
  };
});
