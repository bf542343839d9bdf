import { array, assert, constantFrom, integer, oneof, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TelnetReader, escapeIac, negotiate, subnegotiate, telnet, telnetOption } from './telnet.codec.ts';

interface Heard {
  readonly data: number[];
  readonly commands: (readonly [string, number])[];
  readonly told: (readonly [number, readonly number[]])[];
}

function read(pieces: readonly Uint8Array[]): Heard {
  const heard: Heard = { data: [], commands: [], told: [] };
  const reader = new TelnetReader({
    data: (bytes) => void heard.data.push(...bytes),
    negotiation: (command, option) => void heard.commands.push([command, option]),
    subnegotiation: (option, payload) => void heard.told.push([option, [...payload]]),
    command: (code) => void heard.commands.push(['command', code]),
  });
  for (const piece of pieces) reader.read(piece);
  return heard;
}

const likely = constantFrom(telnet.iac, telnet.sb, telnet.se, telnet.will, telnet.do, telnet.eor, telnetOption.ttype, 13, 65);
const pieces = array(uint8Array({ maxLength: 20 }), { maxLength: 10 });

describe('the telnet codec', () => {
  it('data is what was sent, however it is cut', () => {
    assert(
      property(pieces, array(integer({ min: 1, max: 9 })), (sent, cuts) => {
        const bytes = escapeIac(Buffer.concat(sent));
        const parts: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          parts.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        expect(read([...parts, bytes.subarray(at)])).toEqual({ data: Array.from(Buffer.concat(sent)), commands: [], told: [] });
      }),
    );
  });

  it('commands and subnegotiations come between the data, IAC inside them undoubled', () => {
    const sent = [
      Buffer.from('a'),
      negotiate('will', telnetOption.naws),
      subnegotiate(telnetOption.naws, 0, 255, 0, 24),
      Buffer.from('b'),
      Uint8Array.of(telnet.iac, telnet.eor),
    ];
    const expected = {
      data: [97, 98],
      commands: [
        ['will', telnetOption.naws],
        ['command', telnet.eor],
      ],
      told: [[telnetOption.naws, [0, 255, 0, 24]]],
    };
    expect(read(sent)).toEqual(expected);
    expect(read(Array.from(Buffer.concat(sent)).map((byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  it('any bytes are read to their end, and in whatever pieces they come they mean the same', () => {
    assert(
      property(array(oneof(likely, integer({ min: 0, max: 255 })), { maxLength: 200 }), (bytes) => {
        expect(read(bytes.map((byte) => Uint8Array.of(byte)))).toEqual(read([Uint8Array.from(bytes)]));
      }),
    );
  });

  it('a subnegotiation past 512 bytes is forgotten, and what comes after it is not', () => {
    const flood = Buffer.alloc(1_000_000, 65);
    const heard = read([Uint8Array.of(telnet.iac, telnet.sb, 24), flood, Uint8Array.of(telnet.iac, telnet.se), Buffer.from('x')]);
    expect(heard).toEqual({ data: [120], commands: [], told: [] });
  });
});
