import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const child = resolve(import.meta.dirname, '../../dist/test/crash/killer-child.js');

describe('rule 6: an event that kills the gateway', () => {
  it.each(['loop', 'memory'])('by %s, at concurrency 10: exactly that one is parked, all others are done', (how) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-killer-'));
    try {
      const ends: string[] = [];
      for (let life = 1; life <= 5; life += 1) {
        const run = spawnSync(process.execPath, ['--max-old-space-size=96', child, folder, how, life === 1 ? 'post' : 'no'], {
          encoding: 'utf8',
          timeout: 60_000,
        });
        ends.push(run.signal ?? String(run.status));
        if (run.status !== 0) continue;
        expect(JSON.parse(run.stdout)).toEqual({
          tallies: expect.arrayContaining([
            { state: 'published', count: 11 },
            { state: 'parked', count: 1 },
          ]),
          parked: ['killer KILLS_THE_GATEWAY'],
        });
        break;
      }
      // Dies with the others beside it, dies again alone, and is known by that.
      expect(ends).toHaveLength(3);
      expect(ends.at(-1)).toBe('0');
      if (how === 'loop') expect(ends.slice(0, 2)).toEqual(['SIGKILL', 'SIGKILL']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
