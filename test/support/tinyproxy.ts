import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { need } from './needs.ts';

/** A real HTTP proxy that wants a user and a password. */
export async function startTinyproxy(user: string, password: string): Promise<{ url: string; stop(): Promise<void> }> {
  const program = need('tinyproxy', 'tinyproxy-bin');
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tinyproxy-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const file = join(folder, 'tinyproxy.conf');
  writeFileSync(file, `Port ${port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\nBasicAuth ${user} ${password}\n`);
  const child = spawn(program, ['-d', '-c', file], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  while (!(await answers(port))) if (child.exitCode !== null) throw new Error('tinyproxy did not start');
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => setTimeout(resolve, 20, false));
  });
