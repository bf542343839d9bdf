/** MD4, which OpenSSL 3 leaves out and NTLM needs. @see RFC 1320 */
export function md4(data: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((data.length + 9) / 64) * 64);
  data.copy(padded);
  padded[data.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(data.length) * 8n, padded.length - 8);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state as [number, number, number, number];
    for (let step = 0; step < 48; step += 1) {
      const { mix, constant, order, shifts } = rounds[Math.floor(step / 16)] ?? last;
      const word = padded.readUInt32LE(block + (order[step % 16] ?? 0) * 4);
      const sum = (a + mix(b, c, d) + word + constant) | 0;
      const shift = shifts[step % 4] ?? 0;
      [a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c];
    }
    [a, b, c, d].forEach((value, at) => (state[at] = ((state[at] ?? 0) + value) | 0));
  }
  const digest = Buffer.alloc(16);
  state.forEach((value, at) => digest.writeInt32LE(value | 0, at * 4));
  return digest;
}

interface Round {
  readonly mix: (x: number, y: number, z: number) => number;
  readonly constant: number;
  /** Which word of the block each step takes. */
  readonly order: readonly number[];
  readonly shifts: readonly number[];
}

const last: Round = {
  mix: (x, y, z) => x ^ y ^ z,
  constant: 0x6ed9eba1,
  order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  shifts: [3, 9, 11, 15],
};

const rounds: readonly Round[] = [
  {
    mix: (x, y, z) => (x & y) | (~x & z),
    constant: 0,
    order: Array.from({ length: 16 }, (_, word) => word),
    shifts: [3, 7, 11, 19],
  },
  {
    mix: (x, y, z) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    order: Array.from({ length: 16 }, (_, step) => (step % 4) * 4 + Math.floor(step / 4)),
    shifts: [3, 5, 9, 13],
  },
  last,
];
