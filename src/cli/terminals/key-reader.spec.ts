import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../transports/terminal/vt/vt.keys.ts';
import { type Key, namedKeys } from '../../transports/terminal/keys.ts';
import { KeyReader, type Stroke } from './key-reader.ts';

const read = (...pieces: (string | Uint8Array)[]): Stroke[] => {
  const reader = new KeyReader();
  return [...pieces.flatMap((piece) => reader.push(Buffer.from(piece as string))), ...reader.flush()];
};
const key = (name: Key): Stroke => ({ kind: 'key', key: name });
const text = (character: string): Stroke => ({ kind: 'text', text: character });

describe('the keyboard of a person', () => {
  it.each(['vt220', 'xterm', 'xterm-256color', 'vt100'])('every key that a %s sends is read as that key', (terminal) => {
    let read1 = 0;
    for (const name of namedKeys)
      for (const application of [false, true]) {
        const bytes = bytesOf(name, terminal, application);
        if (bytes === null) continue;
        expect([name, read(bytes)]).toEqual([name, [key(name)]]);
        read1 += 1;
      }
    expect(read1).toBeGreaterThan(20);
  });

  it('characters, control keys, Alt and Ctrl-\\ are told apart, also when they come at once', () => {
    expect(read('aé日\x01\x1c\x1b1\r\x7f')).toEqual([
      text('a'),
      text('é'),
      text('日'),
      key('ctrl-a'),
      { kind: 'prompt' },
      { kind: 'alt', text: '1' },
      key('enter'),
      key('backspace'),
    ]);
    expect(read('\x1b[[A\x1b[1;2P\x1b[24;2~\x1b[15;5~')).toEqual([key('f1'), key('f13'), key('f24'), key('f5')]);
  });

  it('an escape is a key only when nothing follows it', () => {
    expect(read('\x1b')).toEqual([key('escape')]);
    expect(read('\x1b', '[A')).toEqual([key('up')]);
    expect(read('\x1b\x1b[A')).toEqual([key('escape'), key('up')]);
  });

  it('a character in two pieces is one, and answers of the terminal are no keys', () => {
    expect(read(Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1))).toEqual([text('é')]);
    expect(read('\x1b[?62;1;6c\x1b[12;40R\x1b]11;rgb:0/0/0\x07\x1bP1$r0m\x1b\\\x1b[<0;3;4Mx')).toEqual([text('x')]);
  });

  it('whatever is sent, in whatever pieces, it is read to its end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom(Buffer.from('\x1b['), Buffer.from('\x1bO'), Buffer.from('\x1b]'))), {
          maxLength: 8,
        }),
        (pieces) => {
          const reader = new KeyReader();
          const strokes = [...pieces.flatMap((piece) => reader.push(piece)), ...reader.flush()];
          for (const stroke of strokes) if (stroke.kind === 'text') expect(stroke.text).not.toMatch(/\p{Cc}/u);
          expect(reader.push(Buffer.from('\x07\x1b\\z')).at(-1)).toEqual(text('z'));
        },
      ),
    );
  });
});
