import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from './needs.ts';
import { untilListening, unusedPort } from './shell-host.ts';

export interface TelnetHost {
  readonly port: number;
  stop(): Promise<void>;
}

/** The telnetd of GNU inetutils on a free port; it runs the script instead of login. */
export async function startTelnetHost(script: string): Promise<TelnetHost> {
  const telnetd = need('telnetd', 'inetutils-telnetd');
  const socat = need('socat', 'socat');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-telnetd-'));
  const file = join(folder, 'login');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  const port = await unusedPort();
  const child = spawn(socat, [`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,nodelay`, `EXEC:"${telnetd} -E ${file}"`], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  await untilListening(port, child);
  return {
    port,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
