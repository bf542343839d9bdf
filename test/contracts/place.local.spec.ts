import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
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

it('who looks what became of a rename that was let go sees the end of it', async () => {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-local-'));
  const place = openPlace('depot', Object.assign(new PlaceSettings(), { kind: 'local', directory: home }));
  const patience = AbortSignal.timeout(50_000);
  const disk = slowLinks();
  try {
    const [temporary, between, target] = [place.temporary('t'), place.temporary('t between'), FilePath.parse('ORDERS.TXT')];
    await place.write(temporary, Buffer.from('order'), patience);
    const deadline = new AbortController();
    const rename = place.rename(temporary, target, { ifExists: 'fail', between }, deadline.signal);
    await disk.asked;
    deadline.abort();
    await expect(rename).rejects.toMatchObject({ code: 'NO_ANSWER' });

    const looked = place.look(temporary, patience);
    const other = Promise.all([1, 2, 3].map((n) => place.look(FilePath.parse(`${n}.TXT`), patience)));
    expect(await Promise.race([looked.then(() => 'while it hung'), other.then(() => 'not while it hung')])).toBe('not while it hung');
    disk.goOn();
    expect(await looked).toBeNull();
    expect(await place.look(between, patience)).toBeNull();
    expect(await place.look(target, patience)).toMatchObject({ size: 5 });
  } finally {
    disk.goOn();
    disk.restore();
    await place.close();
    rmSync(home, { recursive: true, force: true });
  }
});

/** link(2) of this process waits until it may go on, as on a mount that hangs. */
function slowLinks(): { readonly asked: Promise<void>; goOn(): void; restore(): void } {
  const { link } = promises;
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const set = (to: typeof link): void => {
    Object.assign(promises, { link: to });
    syncBuiltinESMExports();
  };
  set(async (...args) => {
    asked.resolve();
    await gate.promise;
    return link(...args);
  });
  return { asked: asked.promise, goOn: () => gate.resolve(), restore: () => set(link) };
}
