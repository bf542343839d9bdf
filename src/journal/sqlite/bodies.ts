import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { GatehouseError } from '../../contract/errors.ts';
import type { StoredBody } from '../../contract/journal-reader.ts';
import type { Json } from '../../contract/json.ts';
import type { Database } from './database.ts';

const inlineBytes = 65_536;
const chunkBytes = 262_144;
const plain = 0;

/** Plain (0), or AES-256-GCM under the key of that id: nonce, tag, text (rule 25). */
export class BodyCodec {
  readonly #keyId: number;
  readonly #keys: ReadonlyMap<number, Uint8Array>;

  constructor(keys: ReadonlyMap<number, Uint8Array> = new Map()) {
    this.#keys = keys;
    this.#keyId = [...keys.keys()].at(-1) ?? plain;
  }

  encode(bytes: Uint8Array): { codec: number; bytes: Uint8Array } {
    const key = this.#keys.get(this.#keyId);
    if (key === undefined) return { codec: plain, bytes };
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return { codec: this.#keyId, bytes: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
  }

  /** @throws GatehouseError JOURNAL_BROKEN when the key is missing or the bytes were changed */
  decode(codec: number, bytes: Uint8Array): Uint8Array {
    if (codec === plain) return bytes;
    const key = this.#keys.get(codec);
    if (key === undefined) throw new GatehouseError('JOURNAL_BROKEN', `a body is encrypted with the key ${codec}, which is not configured`);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    } catch (error) {
      throw new GatehouseError('JOURNAL_BROKEN', `a body cannot be decrypted with the key ${codec}`, { cause: error });
    }
  }
}

/** A body on its way into the journal; its chunks, if any, are written in records before the one that uses it. */
export interface PendingBody {
  readonly id: number;
  readonly codec: number;
  readonly size: number;
  readonly sha256: string | null;
  readonly clipped: boolean;
  /** Null when it is in chunks. */
  readonly inline: Uint8Array | null;
  readonly chunks: readonly Uint8Array[];
}

/** Turns bytes into rows and back. Ids are given out here, so that chunks can be written before their body. */
export class Bodies {
  readonly codec: BodyCodec;
  readonly #evidenceMaxBytes: number;
  #lastId: number;

  constructor(codec: BodyCodec, evidenceMaxBytes: number, lastId: number) {
    this.codec = codec;
    this.#evidenceMaxBytes = evidenceMaxBytes;
    this.#lastId = lastId;
  }

  whole(bytes: Uint8Array): PendingBody {
    return this.#pending(bytes, bytes.byteLength, null, false);
  }

  json(value: Json): PendingBody {
    return this.whole(Buffer.from(JSON.stringify(value)));
  }

  /** Evidence: head and tail of what is too long, with the size and SHA-256 of all of it. */
  evidence(bytes: Uint8Array): PendingBody {
    const max = this.#evidenceMaxBytes;
    if (bytes.byteLength <= max) return this.whole(bytes);
    const head = Math.ceil(max / 2);
    const kept = Buffer.concat([bytes.subarray(0, head), bytes.subarray(bytes.byteLength - (max - head))]);
    return this.#pending(kept, bytes.byteLength, createHash('sha256').update(bytes).digest('hex'), true);
  }

  #pending(bytes: Uint8Array, size: number, sha256: string | null, clipped: boolean): PendingBody {
    const encoded = this.codec.encode(bytes);
    const chunks: Uint8Array[] = [];
    const inline = encoded.bytes.byteLength <= inlineBytes;
    if (!inline) for (let at = 0; at < encoded.bytes.byteLength; at += chunkBytes) chunks.push(encoded.bytes.subarray(at, at + chunkBytes));
    return { id: (this.#lastId += 1), codec: encoded.codec, size, sha256, clipped, inline: inline ? encoded.bytes : null, chunks };
  }
}

export function insertBody(db: Database, body: PendingBody): number {
  if (body.inline === null && db.get<{ n: number }>('SELECT count(*) AS n FROM body_chunk WHERE body = ?', body.id)?.n !== body.chunks.length)
    throw new GatehouseError('JOURNAL_FULL', `a body of ${body.size} bytes could not be stored whole`);
  db.run('INSERT INTO body VALUES (?, ?, ?, ?, ?, ?)', body.id, body.codec, body.size, body.sha256, body.clipped ? 1 : 0, body.inline);
  return body.id;
}

export function insertChunk(db: Database, body: PendingBody, n: number): void {
  db.run('INSERT INTO body_chunk VALUES (?, ?, ?)', body.id, n, body.chunks[n] ?? new Uint8Array());
}

/** What no record came to use: it was a duplicate, it failed, or the process ended in between. `id` null: every one there is. */
export function deleteStrayChunks(db: Database, id: number | null): void {
  if (id === null) db.run('DELETE FROM body_chunk WHERE body NOT IN (SELECT id FROM body)');
  else db.run('DELETE FROM body_chunk WHERE body = ? AND NOT EXISTS (SELECT 1 FROM body WHERE id = ?)', id, id);
}

export function deleteBody(db: Database, id: number | null): void {
  if (id === null) return;
  const chunked = db.get<{ bytes: unknown }>('SELECT bytes IS NULL AS bytes FROM body WHERE id = ?', id)?.bytes === 1;
  if (chunked) db.run('DELETE FROM body_chunk WHERE body = ?', id);
  db.run('DELETE FROM body WHERE id = ?', id);
}

export function readBody(db: Database, codec: BodyCodec, id: number | null): StoredBody {
  const row =
    id === null
      ? undefined
      : db.get<{ codec: number; size: number; sha256: string | null; clipped: number; bytes: Uint8Array | null }>(
          'SELECT * FROM body WHERE id = ?',
          id,
        );
  if (row === undefined) return { size: 0, sha256: null, clipped: false, bytes: null };
  const stored =
    row.bytes ??
    Buffer.concat(db.all<{ bytes: Uint8Array }>('SELECT bytes FROM body_chunk WHERE body = ? ORDER BY n', id).map((chunk) => chunk.bytes));
  return { size: row.size, sha256: row.sha256, clipped: row.clipped === 1, bytes: codec.decode(row.codec, stored) };
}

export function readJson(db: Database, codec: BodyCodec, id: number | null): Json | undefined {
  const { bytes } = readBody(db, codec, id);
  return bytes === null ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as Json);
}
