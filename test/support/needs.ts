import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** One installation at a time on this machine, whichever spec file asks: apt gives up at once when another holds its lists. */
const lockFile = '/var/lock/gatehouse-tests-apt.lock';
const lockWithinS = 300;
/** Of all specs: they are installed together, because most of an installation is reading the lists. */
const everyPackage = [
  'abook chromium curl dialog inetutils-telnet inetutils-telnetd libxml2-utils openssh-client openssh-server openssl php-cli php-soap',
  'proftpd-mod-crypto python3 rabbitmq-server s3270 socat strace tinyproxy-bin tmux xmlsec1 xsltproc',
].flatMap((line) => line.split(' '));
const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

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
  if (mayInstall()) spawnSync(...installing(packages), { stdio: 'ignore', env: quietly() });
  const installed = usable();
  if (installed === null) {
    throw new Error(
      `the tests need '${program}': install it (Debian ${packages.length === 1 ? 'package' : 'packages'} ${packages.join(', ')}) and put it on PATH`,
    );
  }
  return installed;
}

/** Begins to install what the specs will need, beside those that need nothing. Who asks for a program meanwhile waits for the lock. */
export function fetchNeeds(): void {
  if (mayInstall()) spawn(...installing(everyPackage), { stdio: 'ignore', detached: true, env: quietly() }).unref();
}

/** Who waited for the lock finds the packages there and apt-get has nothing to do. */
function installing(packages: readonly string[]): [string, string[]] {
  const there = packages.map((name) => `dpkg-query -W -f '\${Status}' ${name} 2>/dev/null | grep -q 'ok installed'`).join(' && ');
  const install = 'apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120';
  const all = [...new Set([...everyPackage, ...packages])].join(' ');
  // One that this release does not have keeps none of the others away.
  const script = `${there} || { apt-get update; ${install} ${all} || ${install} ${packages.join(' ')}; }`;
  return ['flock', ['--timeout', String(lockWithinS), lockFile, 'sh', '-c', script]];
}

/** Without the folder of the run, by which its processes are known: an installation is not broken off. */
function quietly(): NodeJS.ProcessEnv {
  const { TMPDIR: _folder, NODE_COMPILE_CACHE: _cache, ...env } = process.env;
  return { ...env, DEBIAN_FRONTEND: 'noninteractive' };
}

function which(program: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
