import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packets, ProtocolError, decodeAnswer, encodeInit, encodeRequest, freeBlocks, maxPacketBytes } from './sftp.codec.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

describe('requests', () => {
  it('are what the draft says, byte for byte', () => {
    expect(encodeInit().toString('hex')).toBe('000000050100000003');
    expect(encodeRequest('open', 7, ['/a', 1, 0])).toEqual(hex('00000013 03 00000007 00000002 2f61 00000001 00000000'));
    expect(encodeRequest('write', 8, [hex('00ff'), 5n, Buffer.from('hi')])).toEqual(
      hex('00000019 06 00000008 00000002 00ff 0000000000000005 00000002 6869'),
    );
    expect(encodeRequest('extended', 9, ['fsync@openssh.com', hex('01')]).length).toBe(4 + 1 + 4 + 4 + 17 + 4 + 1);
  });
});

describe('answers', () => {
  it('are read as the draft says', () => {
    expect(decodeAnswer(hex('02 00000003 00000003 666f6f 00000001 31'))).toEqual({
      kind: 'version',
      version: 3,
      extensions: new Map([['foo', '1']]),
    });
    expect(decodeAnswer(hex('65 00000007 00000002 00000002 6e6f 00000000'))).toEqual({
      kind: 'status',
      id: 7,
      status: 'SSH_FX_NO_SUCH_FILE',
      words: 'no',
    });
    expect(decodeAnswer(hex('65 00000007 00000063'))).toMatchObject({ status: 'SSH_FX_99', words: '' });
    expect(decodeAnswer(hex('69 00000007 0000000d 000000000000000a 000081a4 00000001 00000002'))).toEqual({
      kind: 'attributes',
      id: 7,
      attributes: { size: 10, mode: 0o100_644, modifiedMs: 2_000 },
    });
    expect(decodeAnswer(hex('68 00000007 00000001 00000002 ff0a 00000000 00000000'))).toMatchObject({
      names: [{ name: hex('ff0a'), attributes: { size: null, mode: null, modifiedMs: null } }],
    });
    expect(freeBlocks(Buffer.concat([Buffer.alloc(32), hex('0000000000000005'), Buffer.alloc(48)]))).toBe(5n);
  });

  it('no bytes make the reader throw anything but a protocol error', () => {
    assert(
      property(uint8Array({ minLength: 1, maxLength: 64 }), integer({ min: 100, max: 106 }), (bytes, type) => {
        for (const body of [Buffer.from(bytes), Buffer.from([type, ...bytes])])
          try {
            decodeAnswer(body);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
      }),
      { numRuns: 5_000 },
    );
  });

  it('a count of names that cannot be true costs no memory', () => {
    expect(() => decodeAnswer(hex('68 00000007 ffffffff 00000000'))).toThrow(ProtocolError);
  });
});

describe('packets', () => {
  it('come out whole, however the stream is cut', () => {
    assert(
      property(array(uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 }), integer({ min: 1, max: 20 }), (bodies, cut) => {
        const stream = Buffer.concat(
          bodies.map((body) => {
            const head = Buffer.alloc(4);
            head.writeUInt32BE(body.length);
            return Buffer.concat([head, body]);
          }),
        );
        const packets = new Packets();
        const found: Buffer[] = [];
        for (let at = 0; at < stream.length; at += cut) for (const body of packets.push(stream.subarray(at, at + cut))) found.push(Buffer.from(body));
        expect(found).toEqual(bodies.map((body) => Buffer.from(body)));
      }),
    );
  });

  it.each([0, maxPacketBytes + 1, 0xffff_ffff])('a length of %s is refused before it is waited for', (length) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    expect(() => [...new Packets().push(head)]).toThrow(ProtocolError);
  });
});
