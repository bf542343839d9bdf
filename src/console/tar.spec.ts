import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tarOf } from './tar.ts';

describe('a tar archive', () => {
  it('is unpacked by tar, whatever the sizes, with long paths and names that are not ASCII', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tar-'));
    const files = new Map<string, Uint8Array>([
      ['a/empty', Buffer.alloc(0)],
      ['a/block', Buffer.alloc(512, 1)],
      ['a/more', Buffer.alloc(513, 2)],
      [`${'p'.repeat(150)}/dropped/${'ü'.repeat(40)}.txt`, Buffer.from('long')],
    ]);
    try {
      writeFileSync(join(folder, 'x.tar'), tarOf(files, Date.parse('2026-11-20T12:00:00Z')));
      expect(
        execFileSync('tar', ['-xvf', 'x.tar'], { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
          .trim()
          .split('\n'),
      ).toHaveLength(4);
      for (const [path, bytes] of files) expect(Buffer.compare(readFileSync(join(folder, path)), bytes)).toBe(0);
      expect(() => tarOf(new Map([[`a/${'x'.repeat(101)}`, Buffer.of()]]), 0)).toThrow(/does not fit/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
