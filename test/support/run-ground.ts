import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchNeeds } from './needs.ts';

/* The ground of one run of the tests: a folder that everything temporary lies in, and an end that leaves neither it nor a process behind. */

const memory = '/dev/shm';
/** What the tests put down at once, with room to spare. */
const roomBytes = 4_000_000_000;

/** Where a sync costs nothing: each gateway under test makes dozens. Nothing of the tests outlives the power. */
function temporary(): string {
  try {
    const mounted = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === memory);
    const { bavail, bsize } = statfsSync(memory);
    return mounted !== undefined && !mounted.split(' ')[3]?.split(',').includes('noexec') && bavail * bsize > roomBytes ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Ends what was started with this folder in its environment or, as a server that writes over that, in its command; on Linux alone. */
function endAllOf(folder: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc')) {
    try {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
      const told = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      if (told.some((text) => text.includes(folder))) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or belongs to somebody else.
    }
  }
}

export function setup(): void {
  const folder = mkdtempSync(join(temporary(), 'gatehouse-tests-'));
  // Servers that root starts work as nobody, and some tests too: for all, as the folder it stands for.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  // Workers and children load the same modules hundreds of times.
  process.env['NODE_COMPILE_CACHE'] = join(folder, 'compiled');
  // Also when the run is interrupted; not before the reporters have told what they have to tell.
  process.once('exit', () => {
    endAllOf(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  // A run of one spec asks for its own.
  if (process.env['npm_lifecycle_event'] === 'test') fetchNeeds();
}
