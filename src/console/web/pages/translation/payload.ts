import { type BodyView } from '../../../body.view.ts';

/** `512 bytes`, `4.2 kB`, `20.0 MB`. */
export function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} byte${bytes === 1 ? '' : 's'}`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** What is not as it came, in sentences: nothing is left out silently. */
export function remarksOf({ clipped, cut, masked, dropped, size, sha256, text, base64 }: BodyView): readonly string[] {
  const shown = text?.length ?? (base64 === undefined ? 0 : Math.floor((base64.length * 3) / 4));
  return [
    ...(dropped === true || (text === undefined && base64 === undefined) ? [`The ${sizeOf(size)} of it are no longer kept.`] : []),
    ...(clipped ? [`Clipped: head and tail of ${sizeOf(size)} were kept${sha256 === null ? '' : `, SHA-256 of the whole ${sha256}`}.`] : []),
    ...(cut === true ? [`The first ${sizeOf(shown)} of ${sizeOf(size)} are shown.`] : []),
    ...(masked === true ? ['Sensitive values are masked.'] : []),
  ];
}

const perLine = 16;

/** `000010  47 61 …  Ga…`: sixteen bytes a line; bytes that are no printable ASCII are points. */
export function hexLines(bytes: Uint8Array, from: number, lines: number): string {
  const shown: string[] = [];
  for (let at = from; at < bytes.length && shown.length < lines; at += perLine) {
    const row = [...bytes.subarray(at, at + perLine)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    shown.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(perLine * 3 - 1)}  ${text}`);
  }
  return shown.join('\n');
}
