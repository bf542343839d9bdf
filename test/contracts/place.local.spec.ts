import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FilePath } from '../../src/transports/file/places/file-path.ts';
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

it('what a write leaves behind that was let go spoils no second one of that name', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-local-'));
  const place = openPlace('depot', Object.assign(new PlaceSettings(), { kind: 'local', directory: home }));
  try {
    const [temporary, target] = [place.temporary('t'), FilePath.parse('ORDERS.TXT')];
    const large = Buffer.alloc(1_000_000, 'x');
    let cut = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      const deadline = new AbortController();
      const first = place.write(temporary, large, deadline.signal).catch(() => (cut += 1));
      for (let n = turn % 12; n > 0; n -= 1) await setImmediate();
      deadline.abort();
      await first;
      const whole = `whole ${turn}`;
      await place.write(temporary, Buffer.from(whole), AbortSignal.timeout(30_000));
      await place.rename(temporary, target, { ifExists: 'replace' }, AbortSignal.timeout(30_000));
      expect(readFileSync(join(home, 'ORDERS.TXT'), 'utf8')).toBe(whole);
    }
    expect(cut).toBeGreaterThan(20);
  } finally {
    await place.close();
    rmSync(home, { recursive: true, force: true });
  }
});
