/** What XML 1.0 cannot carry, not even escaped. @see https://www.w3.org/TR/xml/#charsets */
// eslint-disable-next-line no-control-regex
const unspeakable = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** Whether every character of `text` may stand in XML 1.0. */
export const isSpeakable = (text: string): boolean => !unspeakable.test(text) && text.isWellFormed();

const inText = /[&<>\r]/;
const inAttribute = /[&<>"\r\n\t]/;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\n': '&#xA;',
  '\t': '&#x9;',
};
const entity = (character: string): string => entities[character] as string;

/** Element content. A carriage return would be read as a line feed: it goes as a reference. */
export const escapeText = (text: string): string => (inText.test(text) ? text.replaceAll(/[&<>\r]/g, entity) : text);

/** An attribute's value between double quotes. */
export const escapeAttribute = (text: string): string => (inAttribute.test(text) ? text.replaceAll(/[&<>"\r\n\t]/g, entity) : text);

/** `xs:token` and all types but string and normalizedString: blanks at the ends go, those between are one. */
export const collapse = (text: string): string => (/^\S*$/.test(text) ? text : text.replaceAll(/[\t\n\r ]+/g, ' ').replaceAll(/^ | $/g, ''));

const declared = /^[\s\uFEFF]*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/;

/**
 * The text of an XML document. The byte order mark decides, then `charset` (of the media type), then the XML declaration, then UTF-8.
 * @throws TypeError or RangeError when the bytes are not of that encoding, or it is unknown
 * @see RFC 7303, section 3
 */
export function decodeXml(bytes: Uint8Array, charset?: string): string {
  const mark =
    bytes[0] === 0xfe && bytes[1] === 0xff
      ? 'utf-16be'
      : bytes[0] === 0xff && bytes[1] === 0xfe
        ? 'utf-16le'
        : bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
          ? 'utf-8'
          : undefined;
  const encoding =
    mark ?? charset ?? declared.exec(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1'))?.[1] ?? 'utf-8';
  if (/^utf-?8$/i.test(encoding)) return utf8.decode(bytes);
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
