import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/**
 * The path of a program the tests need: from PATH, else installed from its Debian package when root on Debian or Ubuntu.
 * @throws Error that says what to install
 */
export function need(program: string, debianPackage: string): string {
  const found = which(program);
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update'], { stdio: 'ignore', env });
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { stdio: 'ignore', env });
  }
  const installed = which(program);
  if (installed === null) throw new Error(`the tests need '${program}': install it (Debian package ${debianPackage}) and put it on PATH`);
  return installed;
}

function which(program: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
