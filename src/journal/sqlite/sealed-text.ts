import type { BodyCodec } from './bodies.ts';

const mark = '\u0001';
const sealed = /^(\d+):([A-Za-z0-9+/]*={0,2})$/;

/**
 * What people write (reasons, notes, the data of a refusal) as it stands in a column of text: as it is without a key, else encrypted as bodies
 * are. Rows of before and after a key was configured stand side by side.
 */
export function seal(codec: BodyCodec, text: string): string {
  const { codec: keyId, bytes } = codec.encode(Buffer.from(text));
  // A text that looks like a sealed one must not be taken for it.
  if (keyId === 0 && !text.startsWith(mark)) return text;
  return `${mark}${keyId}:${Buffer.from(bytes).toString('base64')}`;
}

/** @throws GatehouseError JOURNAL_BROKEN when the key is missing or the text was changed */
export function unseal(codec: BodyCodec, stored: string): string {
  const [, keyId, base64 = ''] = stored.startsWith(mark) ? (sealed.exec(stored.slice(mark.length)) ?? []) : [];
  return keyId === undefined ? stored : Buffer.from(codec.decode(Number(keyId), Buffer.from(base64, 'base64'))).toString();
}
