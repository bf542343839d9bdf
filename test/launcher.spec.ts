import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const launcher = resolve(import.meta.dirname, '../src/launcher/launch.ts');

/** A launcher that takes itself for Node 20 and runs `script` on the Node that npm brought. */
function launched(script: string): ReturnType<typeof spawn> {
  const program = `import { launch } from ${JSON.stringify(launcher)}; launch(${JSON.stringify(launcher)}, '20.1.0', ['-e', ${JSON.stringify(script)}]);`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe('a process that the launcher started', () => {
  it('passes its exit code on', async () => {
    const [code] = (await once(launched('process.exit(6)'), 'exit')) as [number];
    expect(code).toBe(6);
  });

  it('that died of a signal shows as 128 and the signal, as in a shell', async () => {
    const [code] = (await once(launched("process.kill(process.pid, 'SIGKILL')"), 'exit')) as [number];
    expect(code).toBe(137);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gets %s when there is no terminal', async (signal) => {
    const child = launched(`process.on('${signal}', () => process.exit(42)); setInterval(() => {}, 1000); console.log('ready')`);
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(42);
  });
});
