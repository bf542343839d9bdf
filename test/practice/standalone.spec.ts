import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const gatehouse = resolve(import.meta.dirname, '../../dist/gatehouse.js');
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

describe('gatehouse practice', () => {
  it.each([
    ['carrier', /listens on 127\.0\.0\.1:(\d+) \(SHA256:\S{43}\), user clerk/, 'SSH-2.0-'],
    ['stockroom', /SSH (\d+) \(SHA256:\S{43}\), telnet \d+, user clerk/, 'SSH-2.0-'],
    ['mainframe', /listens on 127\.0\.0\.1:(\d+), user clerk/, '\xff\xfd'],
  ])('%s listens where it says, greets in its protocol, and ends on SIGTERM', async (system, said, greeting) => {
    const child = spawn(process.execPath, [gatehouse, 'practice', system, '--port', '0', '--user', 'clerk'], { stdio: ['ignore', 'ignore', 'pipe'] });
    running.push(child);
    let text = '';
    child.stderr?.on('data', (bytes: Buffer) => (text += bytes.toString()));
    await expect.poll(() => text).toMatch(said);
    expect(text).toContain('user clerk, password practice\n');
    const socket = connect({ host: '127.0.0.1', port: Number(said.exec(text)?.[1]) });
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString('latin1').startsWith(greeting)).toBe(true);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
