/**
 * Single-byte code pages as Unicode by byte. Derived from two: 037, written out in full, and ISO-8859-1, which is Unicode's first 256; every
 * other one is one of these with the positions that differ, so that a page can be checked against its registration by eye. The specs compare
 * every byte of every page, both ways, with glibc's iconv.
 * @see IBM CDRA, code page registrations 00037, 00273, 00500, 01047, 01140, 01141, 01148
 */
export const codePageNames = [
  '037',
  '273',
  '500',
  '1047',
  '1140',
  '1141',
  '1148',
  'ascii',
  'iso-8859-1',
  'iso-8859-15',
  'windows-1252',
  'utf-8',
] as const;
export type CodePageName = (typeof codePageNames)[number];

/** Stands where a page has no character; Unicode promises never to make it one. */
export const noCharacter = 0xffff;

const cp037 =
  '000102039c09867f978d8e0b0c0d0e0f101112139d8508871819928f1c1d1e1f80818283840a171b88898a8b8c050607909116939495960498999a9b14159e1a' +
  '20a0e2e4e0e1e3e5e7f1a22e3c282b7c26e9eaebe8edeeefecdf21242a293bac2d2fc2c4c0c1c3c5c7d1a62c255f3e3ff8c9cacbc8cdcecfcc603a2340273d22' +
  'd8616263646566676869abbbf0fdfeb1b06a6b6c6d6e6f707172aabae6b8c6a4b57e737475767778797aa1bfd0dddeae5ea3a5b7a9a7b6bcbdbe5b5dafa8b4d7' +
  '7b414243444546474849adf4f6f2f3f57d4a4b4c4d4e4f505152b9fbfcf9faff5cf7535455565758595ab2d4d6d2d3d530313233343536373839b3dbdcd9da9f';

/** `byte:character` in hexadecimal; `-` where there is none. */
const differences: Readonly<Record<Exclude<CodePageName, '037' | 'iso-8859-1' | 'ascii' | 'utf-8'>, readonly [of: CodePageName, positions: string]>> =
  {
    '500': ['037', '4a:5b 4f:21 5a:5d 5f:5e b0:a2 ba:ac bb:7c'],
    '1047': ['037', '5f:5e ad:5b b0:ac ba:dd bb:a8 bd:5d'],
    '273': ['500', '43:7b 4a:c4 59:7e 5a:dc 63:5b 6a:f6 7c:a7 a1:df b5:40 c0:e4 cc:a6 d0:fc dc:7d e0:d6 ec:5c fc:5d'],
    '1140': ['037', '9f:20ac'],
    '1141': ['273', '9f:20ac'],
    '1148': ['500', '9f:20ac'],
    'iso-8859-15': ['iso-8859-1', 'a4:20ac a6:160 a8:161 b4:17d b8:17e bc:152 bd:153 be:178'],
    'windows-1252': [
      'iso-8859-1',
      '80:20ac 81:- 82:201a 83:192 84:201e 85:2026 86:2020 87:2021 88:2c6 89:2030 8a:160 8b:2039 8c:152 8d:- 8e:17d 8f:- ' +
        '90:- 91:2018 92:2019 93:201c 94:201d 95:2022 96:2013 97:2014 98:2dc 99:2122 9a:161 9b:203a 9c:153 9d:- 9e:17e 9f:178',
    ],
  };

/** Unicode by byte. */
export function unicodeByByte(name: Exclude<CodePageName, 'utf-8'>): Uint16Array {
  if (name === '037') return Uint16Array.from({ length: 256 }, (_, byte) => Number.parseInt(cp037.slice(2 * byte, 2 * byte + 2), 16));
  if (name === 'iso-8859-1') return Uint16Array.from({ length: 256 }, (_, byte) => byte);
  if (name === 'ascii') return Uint16Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? byte : noCharacter));
  const [of, positions] = differences[name];
  const table = unicodeByByte(of as Exclude<CodePageName, 'utf-8'>);
  for (const position of positions.split(' ')) {
    const [byte = '', character = ''] = position.split(':');
    table[Number.parseInt(byte, 16)] = character === '-' ? noCharacter : Number.parseInt(character, 16);
  }
  return table;
}
