import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TelnetNegotiator } from './telnet.negotiator.ts';

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240];
const [binary, echo, timingMark, terminalType, windowSize, linemode] = [0, 1, 6, 24, 31, 34];
const fresh = (): TelnetNegotiator => new TelnetNegotiator('vt220', 24, 80);
const received = (negotiator: TelnetNegotiator, ...bytes: number[]): { data: number[]; reply: number[] } => {
  const { data, reply } = negotiator.receive(Uint8Array.from(bytes));
  return { data: [...data], reply: [...reply] };
};

describe('telnet', () => {
  it('what we can is agreed to once, what we cannot is refused each time (RFC 854, RFC 1143)', () => {
    const telnet = fresh();
    expect(received(telnet, IAC, WILL, echo).reply).toEqual([IAC, DO, echo]);
    expect(received(telnet, IAC, WILL, echo).reply).toEqual([]);
    expect(received(telnet, IAC, WONT, echo).reply).toEqual([IAC, DONT, echo]);
    expect(received(telnet, IAC, WONT, echo).reply).toEqual([]);
    expect(received(telnet, IAC, DO, linemode).reply).toEqual([IAC, WONT, linemode]);
    expect(received(telnet, IAC, DO, echo).reply).toEqual([IAC, WONT, echo]);
    expect(received(telnet, IAC, WILL, linemode).reply).toEqual([IAC, DONT, linemode]);
  });

  it('the size is told when it is asked for and when it changes, 255 doubled (RFC 1073)', () => {
    const telnet = new TelnetNegotiator('vt220', 24, 255);
    expect([...telnet.resize(24, 255)]).toEqual([]);
    expect(received(telnet, IAC, DO, windowSize).reply).toEqual([IAC, WILL, windowSize, IAC, SB, windowSize, 0, IAC, IAC, 0, 24, IAC, SE]);
    expect([...telnet.resize(43, 132)]).toEqual([IAC, SB, windowSize, 0, 132, 0, 43, IAC, SE]);
  });

  it('the terminal is named when it was agreed (RFC 1091)', () => {
    const ask = [IAC, SB, terminalType, 1, IAC, SE];
    expect(received(fresh(), ...ask).reply).toEqual([]);
    const telnet = fresh();
    received(telnet, IAC, DO, terminalType);
    expect(received(telnet, ...ask).reply).toEqual([IAC, SB, terminalType, 0, ...Buffer.from('VT220'), IAC, SE]);
  });

  it('a carriage return is followed by NUL both ways, unless binary is agreed', () => {
    const telnet = fresh();
    expect([...telnet.encode(Uint8Array.of(65, 13, IAC))]).toEqual([65, 13, 0, IAC, IAC]);
    expect(received(telnet, 65, 13, 0, 13, 10, IAC, IAC).data).toEqual([65, 13, 13, 10, IAC]);
    received(telnet, IAC, DO, binary, IAC, WILL, binary);
    expect([...telnet.encode(Uint8Array.of(13))]).toEqual([13]);
    expect(received(telnet, 13, 0).data).toEqual([13, 0]);
  });

  it('a timing mark is answered without an answer, and neither years of them nor of go-aheads end a session', () => {
    const telnet = fresh();
    for (let round = 0; round < 5_000; round += 1) {
      expect([...telnet.ping()]).toEqual([IAC, DO, timingMark]);
      const { reply, broken } = telnet.receive(Uint8Array.of(IAC, round % 2 === 0 ? WONT : WILL, timingMark, IAC, 249, IAC, 241));
      expect([reply.length, broken]).toEqual([0, null]);
    }
  });

  it('an option bomb is answered a bounded number of times and ends the connection', () => {
    const telnet = fresh();
    let replies = 0;
    let broken: string | null = null;
    for (let round = 0; round < 100_000; round += 1) {
      const end = telnet.receive(Uint8Array.of(IAC, WILL, echo, IAC, WONT, echo));
      replies += end.reply.length;
      broken ??= end.broken;
    }
    expect(broken).toBe('the host sent more than 1000 commands of telnet');
    expect(replies).toBeLessThan(4_000);
  });

  it('a subnegotiation without end is not kept, and the screen goes on after it', () => {
    const telnet = fresh();
    received(telnet, IAC, DO, terminalType, IAC, SB, terminalType, 1);
    for (let round = 0; round < 1_000; round += 1) expect(telnet.receive(new Uint8Array(10_000)).data).toHaveLength(0);
    expect(received(telnet, IAC, SE, 72, 73)).toEqual({ data: [72, 73], reply: [] });
  });

  it('commands come apart at any byte, and data comes through unchanged', () => {
    const text = fc.uint8Array({ maxLength: 200 });
    const command = fc.constantFrom([IAC, WILL, echo], [IAC, DO, linemode], [IAC, SB, terminalType, 1, IAC, SE], [IAC, 241], [IAC, DO, windowSize]);
    fc.assert(
      fc.property(fc.array(fc.oneof(text, command)), fc.array(fc.nat(30)), (parts, cuts) => {
        const wire = parts.flatMap((part) =>
          part instanceof Uint8Array ? [...part].flatMap((byte) => (byte === IAC ? [IAC, IAC] : byte === 13 ? [13, 0] : [byte])) : part,
        );
        const expected = parts.flatMap((part) => (part instanceof Uint8Array ? [...part] : []));
        const telnet = fresh();
        const data: number[] = [];
        for (let at = 0, cut = 0; at < wire.length; cut += 1) {
          const size = 1 + (cuts[cut % Math.max(1, cuts.length)] ?? 0);
          data.push(...telnet.receive(Uint8Array.from(wire.slice(at, at + size))).data);
          at += size;
        }
        // A NUL of the data right behind a carriage return cannot be told from padding only if the host did not pad.
        expect(data).toEqual(expected);
      }),
    );
  });

  it('no bytes whatever make it throw, and what we send comes out of it again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.array(fc.constantFrom(IAC, SB, SE, WILL, DO, WONT, DONT, 1, 24, 31)), (bytes, commands) => {
        const telnet = fresh();
        telnet.receive(Uint8Array.from(commands));
        telnet.receive(bytes);
        expect([...fresh().receive(fresh().encode(bytes)).data]).toEqual([...bytes]);
      }),
    );
  });
});
