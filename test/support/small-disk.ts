import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** A directory in which everybody may write, with room for at most 1 MB. */
  readonly folder: string;
  close(): void;
}

const maxFilled = 256 * 1_048_576;

/** A disk that is soon full: a tmpfs where one may be mounted, otherwise /dev/shm, filled up, where that is small, as in a container. */
export function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0777', 'tmpfs', folder], { stdio: 'ignore' });
    return {
      folder,
      close: () => {
        execFileSync('umount', ['-l', folder]);
        rmSync(folder, { recursive: true });
      },
    };
  } catch {
    rmSync(folder, { recursive: true });
  }
  const { bavail, bsize } = statfsSync('/dev/shm');
  if (bavail * bsize > maxFilled)
    throw new Error('the tests need a disk to fill: run them where tmpfs may be mounted, or with a /dev/shm of at most 256 MB');
  const shared = mkdtempSync('/dev/shm/gatehouse-disk-');
  chmodSync(shared, 0o777);
  writeFileSync(join(shared, '.filler'), Buffer.alloc(Math.max(0, bavail * bsize - 1_048_576)));
  return { folder: shared, close: () => rmSync(shared, { recursive: true }) };
}
