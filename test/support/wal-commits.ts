import { readFileSync } from 'node:fs';

/**
 * How many transactions stand in the write-ahead log beside the database at `path`.
 *
 * @see https://www.sqlite.org/fileformat2.html#the_write_ahead_log
 */
export function walCommits(path: string): number {
  const wal = readFileSync(`${path}-wal`);
  const frame = 24 + wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frame <= wal.length && wal.subarray(at + 8, at + 16).equals(salt); at += frame)
    if (wal.readUInt32BE(at + 4) !== 0) commits += 1;
  return commits;
}
