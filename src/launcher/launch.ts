import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';

/** The first version with everything the gateway uses: node:sqlite without a flag, and more. */
const neededMajor = 24;

/**
 * V8 takes memory as if the machine were its own: more than twice of what a busy gateway needs. A smaller nursery and a slower growth cost
 * a twentieth of its speed. The nursery can only be set on the command line.
 */
export const memoryFlags = ['--max-semi-space-size=16', '--heap-growing-percent=60'] as const;

export const isNewEnough = (version: string): boolean => Number(version.split('.')[0]) >= neededMajor;

/** The Node that npm installed beside the gateway. */
export function pinnedNode(from: string): string | null {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    const path = join(dirname(createRequire(from).resolve(`${name}/package.json`)), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/** Runs `script` on a Node that is new enough: this one, or the pinned one, with its signals and its exit code passed on. */
export function launch(from: string, version: string, args: readonly string[], here: () => Promise<number>): void {
  if (isNewEnough(version)) {
    void here().then((code) => {
      process.exitCode = code;
    });
    return;
  }
  const node = pinnedNode(from);
  if (node === null) {
    process.stderr.write(
      `gatehouse needs Node ${neededMajor} or newer and this is ${version}: install it, or run 'npm ci' without --omit=optional, which brings it\n`,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [...memoryFlags, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both of us: passed on once more it would be the second signal, which ends the gateway at once.
  const passOn = process.stdin.isTTY || process.stdout.isTTY ? (['SIGTERM'] as const) : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  for (const signal of passOn) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`gatehouse needs Node ${neededMajor} or newer, this is ${version}, and ${node} does not run: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 1 : constants.signals[signal]);
  });
}
