import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** One installation at a time on this machine, whichever spec file asks: apt gives up at once when another holds its lists. */
const lockFile = '/var/lock/gatehouse-tests-apt.lock';
const lockWithinS = 300;

/**
 * The path of a program the tests need: from PATH, else installed from its Debian packages when root on Debian or Ubuntu. `serves` says
 * whether the program found will do, for one that is nothing without a module of its own package.
 * @throws Error that says what to install
 */
export function need(program: string, debianPackages: string | readonly string[], serves: (path: string) => boolean = () => true): string {
  const packages = typeof debianPackages === 'string' ? [debianPackages] : debianPackages;
  const usable = (): string | null => {
    const path = which(program);
    return path !== null && serves(path) ? path : null;
  };
  const found = usable();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) install(packages);
  const installed = usable();
  if (installed === null) {
    throw new Error(
      `the tests need '${program}': install it (Debian ${packages.length === 1 ? 'package' : 'packages'} ${packages.join(', ')}) and put it on PATH`,
    );
  }
  return installed;
}

/** Who waited for the lock finds the packages there and apt-get has nothing to do. */
function install(packages: readonly string[]): void {
  const missing = packages.map((name) => `dpkg-query -W -f '\${Status}' ${name} 2>/dev/null | grep -q 'ok installed'`).join(' && ');
  const script = `${missing} || { apt-get update; apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 ${packages.join(' ')}; }`;
  spawnSync('flock', ['--timeout', String(lockWithinS), lockFile, 'sh', '-c', script], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function which(program: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
