import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuMs } from '../../../../../test/support/cpu-time.ts';
import { GatehouseError } from '../../../../contract/errors.ts';
import { linesOf, momentOf, parseFacts, parseLine } from './ftp.listing.ts';

const shown = (line: string, parse = parseLine): unknown => {
  const found = parse(line);
  return found === null ? null : [found.name.toString('latin1'), found.kind, found.size, found.modifiedMs];
};

describe('a line of LIST', () => {
  it.each([
    ['-rw-r--r--   1 ftp      ftp          1057 Dec 11 14:35 ORDERS 1.TXT', ['ORDERS 1.TXT', 'file', 1_057, null]],
    ['-rw-r--r--+  1 1000 1000 0 Jan  1  2024  leading', [' leading', 'file', 0, null]],
    ['drwxr-xr-x    2 ftp      ftp          4096 Nov 21 13:38 archive', ['archive', 'directory', 0, null]],
    ['lrwxrwxrwx    1 0 0 4 Nov 21 13:38 a -> /etc/passwd', ['a', 'link', 4, null]],
    ['crw-rw-rw- 1 root sys 3 Nov 21 13:38 null', ['null', 'other', 3, null]],
    ['-rw-r--r-- 1 DOMAIN\\user domain users 12 2024-01-05 10:00 x', ['x', 'file', 12, null]],
    ['12-24-26  03:04PM       <DIR>          archive', ['archive', 'directory', 0, null]],
    ['12-24-2026  15:04             1057 ORDERS 1.TXT', ['ORDERS 1.TXT', 'file', 1_057, null]],
    ['total 12', null],
    ['', null],
  ])('%s', (line, expected) => {
    const found = shown(line) as [string, string, number, null] | null;
    if (found !== null && found[1] === 'directory') found[2] = 0;
    expect(found).toEqual(expected);
  });

  it('the directory itself and its parent are no entries', () => {
    expect(parseLine('drwxr-xr-x 2 0 0 4096 Nov 21 13:38 .')).toBeNull();
    expect(parseLine('drwxr-xr-x 2 0 0 4096 Nov 21 13:38 ..')).toBeNull();
  });

  it('a line that no format fits is refused, as it may be a file', () => {
    expect(() => parseLine('ORDERS.TXT 1057')).toThrow(GatehouseError);
  });

  it('a hostile line takes no time worth speaking of', () => {
    const startMs = cpuMs();
    for (const line of [`-rw-r--r-- 1 ${'a '.repeat(8_000)}`, `-rw-r--r-- ${' '.repeat(16_000)}`, `-rw-r--r-- 1 ${'1 '.repeat(8_000)}x`])
      expect(() => parseLine(line)).toThrow(GatehouseError);
    expect(cpuMs() - startMs).toBeLessThan(2_000);
  });
});

describe('a line of MLSD', () => {
  it.each([
    ['type=file;size=12;modify=20261224175900; ORDERS 1.TXT', ['ORDERS 1.TXT', 'file', 12, Date.UTC(2026, 11, 24, 17, 59)]],
    ['Type=dir;Perm=el; archive', ['archive', 'directory', 0, null]],
    ['type=OS.unix=slink:/etc;size=4; a', ['a', 'link', 4, null]],
    ['type=cdir; .', null],
    ['type=pdir; ..', null],
  ])('%s', (line, expected) => {
    expect(shown(line, parseFacts)).toEqual(expected);
  });

  it('no line makes a reader throw anything but a refusal', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), (line) => {
        for (const parse of [parseFacts, parseLine])
          try {
            parse(line);
          } catch (error) {
            expect(error).toMatchObject({ code: 'ANSWER_INVALID' });
          }
      }),
    );
  });
});

it('a moment is UTC, with or without a fraction', () => {
  expect(momentOf('20261224175900.5')).toBe(Date.UTC(2026, 11, 24, 17, 59) + 500);
  expect(momentOf('yesterday')).toBeNull();
});

it('lines are cut anywhere, and one that never ends is refused', async () => {
  const chunks = async function* (...texts: string[]): AsyncIterable<Uint8Array> {
    for (const text of texts) yield Buffer.from(text, 'latin1');
  };
  const lines: string[] = [];
  for await (const batch of linesOf(chunks('a\r', '\nb\n', 'c\xff'))) lines.push(...batch);
  expect(lines).toEqual(['a', 'b', 'c\xff']);
  const endless = async (): Promise<void> => {
    for await (const _ of linesOf(chunks('x'.repeat(20_000)))) continue;
  };
  await expect(endless()).rejects.toMatchObject({ code: 'ANSWER_INVALID' });
});
