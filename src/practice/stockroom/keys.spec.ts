import { array, assert, constantFrom, integer, oneof, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Key, KeyReader } from './keys.ts';

function read(...pieces: readonly (string | Uint8Array)[]): string[] {
  const keys: string[] = [];
  const reader = new KeyReader({
    key: (key: Key) => keys.push(key.name === 'char' ? key.char : `<${key.name}>`),
    answer: (text) => keys.push(`answer ${text}`),
  });
  for (const piece of pieces) reader.read(typeof piece === 'string' ? Buffer.from(piece) : piece);
  reader.stop();
  return keys;
}

describe('keys of a VT220', () => {
  it('are text, control characters and sequences', () => {
    expect(read('aé\t\r\x7f\x1bOP\x1bOR\x1b[17~\x1b[6~\x1b[Z')).toEqual([
      'a',
      'é',
      '<tab>',
      '<enter>',
      '<backspace>',
      '<f1>',
      '<f3>',
      '<f6>',
      '<page-down>',
      '<back-tab>',
    ]);
  });

  it('cursor keys count in application mode only', () => {
    expect(read('\x1bOA\x1bOB')).toEqual(['<up>', '<down>']);
    expect(read('\x1b[A')).toEqual(['<escape>', '[', 'A']);
  });

  it('Enter of telnet is CR LF or CR NUL and one press', () => {
    expect(read('\r\n', '\r\0', '\r', '\n', '\r\r')).toEqual(['<enter>', '<enter>', '<enter>', '<enter>', '<enter>']);
  });

  it("the terminal's answers are no keys", () => {
    expect(read('\x1b[?62;1;2c\x1b[24;80Rx')).toEqual(['answer [?62;1;2c', 'answer [24;80R', 'x']);
  });

  it('any bytes are keys, the same ones in whatever pieces they come', () => {
    const bytes = array(oneof(constantFrom(27, 91, 79, 126, 65, 13, 10, 0xc3, 0xa9, 49), integer({ min: 0, max: 255 })), { maxLength: 100 });
    assert(
      property(bytes, (sent) => {
        expect(read(...sent.map((byte) => Uint8Array.of(byte)))).toEqual(read(Uint8Array.from(sent)));
      }),
    );
  });
});
