/** Where compilers differ in the bytes they lay out. */
export interface Dialect {
  /** Bytes of a binary number. */
  binaryBytes(digits: number, signed: boolean): number;
  readonly comp5LittleEndian: boolean;
  readonly floats: { readonly format: 'ibm' | 'ieee'; readonly littleEndian: boolean };
  readonly nationalLittleEndian: boolean;
  /** Bytes that a SYNC item of this kind is aligned to; 1 for none. */
  alignment(kind: 'binary' | 'float', bytes: number): number;
  /** Whether padding goes before the outermost group that begins with the aligned item, or right before the item. */
  readonly slackBeforeGroup: boolean;
}

/** The fewest bytes that hold every number of so many digits. */
function fewestBytes(digits: number, signed: boolean): number {
  const most = 10n ** BigInt(digits) - 1n;
  let bytes = 1;
  while (1n << BigInt(8 * bytes - (signed ? 1 : 0)) <= most) bytes += 1;
  return bytes;
}

const aligned = (bytes: number): number => (bytes === 2 || bytes === 4 || bytes === 8 ? bytes : 1);

export const dialects = {
  /**
   * Halfword, fullword, doubleword; everything big-endian, floats hexadecimal. SYNC aligns five digits and more to a fullword.
   * @see Enterprise COBOL for z/OS Language Reference, SYNCHRONIZED clause
   */
  ibm: {
    binaryBytes: (digits) => (digits <= 4 ? 2 : digits <= 9 ? 4 : 8),
    comp5LittleEndian: false,
    floats: { format: 'ibm', littleEndian: false },
    nationalLittleEndian: false,
    alignment: (kind, bytes) => (kind === 'float' ? bytes : bytes === 2 ? 2 : 4),
    slackBeforeGroup: true,
  },
  /** 1, 2, 4 or 8 bytes (binary-size: 1-2-4-8), COMP big-endian, COMP-5 and floats as the machine has them: x86. @see GnuCOBOL default.conf */
  gnucobol: {
    binaryBytes: (digits) => (digits <= 2 ? 1 : digits <= 4 ? 2 : digits <= 9 ? 4 : 8),
    comp5LittleEndian: true,
    floats: { format: 'ieee', littleEndian: true },
    nationalLittleEndian: false,
    alignment: (_kind, bytes) => aligned(bytes),
    slackBeforeGroup: false,
  },
  /** As few bytes as hold the digits, 1 to 8; SYNC does nothing unless the directive IBMCOMP is set, which this is without. */
  microfocus: {
    binaryBytes: fewestBytes,
    comp5LittleEndian: true,
    floats: { format: 'ieee', littleEndian: true },
    nationalLittleEndian: false,
    alignment: () => 1,
    slackBeforeGroup: false,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof dialects;
