import { GatehouseError } from '../../../contract/errors.ts';

/** A file name that can do no harm at any place. Only `safeName` makes one. */
export type SafeName = string & { readonly [safe]: true };
declare const safe: unique symbol;

const maxBytes = 255;

/** Devices of Windows, with or without extension. @see learn.microsoft.com, "Naming Files, Paths, and Namespaces" */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** What is wrong with a text as a file name; null when nothing is. */
export function unsafeBecause(text: string): string | null {
  if (text === '') return 'is empty';
  if (!text.isWellFormed()) return 'is no well-formed Unicode';
  if (text !== text.normalize('NFC')) return 'is not in Unicode normal form C';
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return `has ${bytes} bytes, and ${maxBytes} is the most`;
  if (/[/\\]/.test(text)) return 'has a separator';
  // Cc is what moves a cursor, Cf what turns a text round or hides in it, Zl and Zp are line ends.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return 'has a control character';
  if (/[<>:"|?*]/.test(text)) return 'has one of < > : " | ? *';
  if (/^[-.~\s]/.test(text)) return 'begins with a dash, a dot, a tilde or a space';
  if (/[.\s]$/.test(text)) return 'ends with a dot or a space';
  if (reserved.test(text)) return 'is the name of a device';
  return null;
}

/**
 * The text, once it is sure to be the name of one file in the directory it is joined to, on Linux and on Windows: at most 255 bytes UTF-8.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS when it is not
 * @example safeName('MANIFEST_20261224_000017.TXT')
 */
export function safeName(text: string): SafeName {
  const why = unsafeBecause(text);
  if (why !== null) throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `the file name '${shown(text)}' ${why}; nothing was sent`);
  return text as SafeName;
}

/** Printable and short: what a hostile name cannot change the look of. */
function shown(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e\u00a1-\u00ac\u00ae-\u024f]/g, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return printable.length > 80 ? `${printable.slice(0, 77)}...` : printable;
}
