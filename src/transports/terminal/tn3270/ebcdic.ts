/** ASCII from blank to tilde in the code pages of EBCDIC that hosts of the west use; the rest of each page needs no table here. */
const ascii: Readonly<Record<string, string>> = {
  cp037:
    '405a7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6f7cc1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e9bae0bbb06d79818283848586878889919293949596979899a2a3a4a5a6a7a8a9c04fd0a1',
  cp273:
    '404f7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6fb5c1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e963ecfc5f6d79818283848586878889919293949596979899a2a3a4a5a6a7a8a943bbdc59',
  cp500:
    '404f7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6f7cc1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e94ae05a5f6d79818283848586878889919293949596979899a2a3a4a5a6a7a8a9c0bbd0a1',
  cp1047:
    '405a7f7b5b6c507d4d5d5c4e6b604b61f0f1f2f3f4f5f6f7f8f97a5e4c7e6e6f7cc1c2c3c4c5c6c7c8c9d1d2d3d4d5d6d7d8d9e2e3e4e5e6e7e8e9ade0bd5f6d79818283848586878889919293949596979899a2a3a4a5a6a7a8a9c04fd0a1',
};

/** The bytes of a text of ASCII in each of the code pages 037, 273, 500 and 1047; empty when it has other characters. */
export function ebcdicForms(text: string): readonly Buffer[] {
  if (!/^[ -~]+$/.test(text)) return [];
  return Object.values(ascii).map((hex) => {
    const table = Buffer.from(hex, 'hex');
    return Buffer.from([...text].map((character) => table[character.charCodeAt(0) - 0x20] ?? 0));
  });
}
