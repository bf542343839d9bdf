import { GatehouseError } from '../contract/errors.ts';

const block = 512;

/**
 * Files as a tar archive, in this order, owned by nobody in particular.
 * @throws GatehouseError NOT_POSSIBLE when a path is too long for one: 155 bytes to its first slash and 100 after it
 * @see POSIX.1-2024, pax, section "ustar Interchange Format"
 */
export function tarOf(files: ReadonlyMap<string, Uint8Array>, mtimeMs: number): Uint8Array {
  const pieces = [...files].flatMap(([path, bytes]) => [
    headerOf(path, bytes.byteLength, mtimeMs),
    bytes,
    Buffer.alloc((block - (bytes.byteLength % block)) % block),
  ]);
  return Buffer.concat([...pieces, Buffer.alloc(2 * block)]);
}

function headerOf(path: string, size: number, mtimeMs: number): Uint8Array {
  const header = Buffer.alloc(block);
  const octal = (value: number, digits: number): string => `${Math.floor(value).toString(8).padStart(digits, '0')}\0`;
  const slash = Buffer.byteLength(path) > 100 ? path.indexOf('/') : -1;
  const [prefix, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)].map((text) => Buffer.from(text)) as [Buffer, Buffer];
  if (name.byteLength > 100 || prefix.byteLength > 155)
    throw new GatehouseError('NOT_POSSIBLE', `a path of ${Buffer.byteLength(path)} bytes does not fit an archive`);
  name.copy(header, 0);
  prefix.copy(header, 345);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(mtimeMs / 1_000, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
