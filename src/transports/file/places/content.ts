import { type Hash, createHash } from 'node:crypto';
import { unlessAborted } from './effect.ts';
import { Lost, abortWords } from './faults.ts';
import { type Written } from './place.ts';

/** What the caller's own content threw, on its way past the classification: it is no failure of the place. */
export class ContentFailure extends Error {
  constructor(cause: unknown) {
    super('the content failed', { cause });
    this.name = 'ContentFailure';
  }
}

/** Content on its way to a place: counted, hashed, and left at the signal even when it never goes on. */
export class Outgoing {
  readonly #content: Uint8Array | AsyncIterable<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;

  constructor(content: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#content = content;
    this.#signal = signal;
  }

  /** In pieces of at most `maxBytes`. @throws ContentFailure, Lost */
  async *chunks(maxBytes: number): AsyncGenerator<Uint8Array> {
    if (this.#content instanceof Uint8Array) yield* this.#cut(this.#content, maxBytes);
    else {
      const iterator = this.#content[Symbol.asyncIterator]();
      let ended = false;
      try {
        for (;;) {
          const { done, value } = await this.#next(iterator);
          if (done === true) {
            ended = true;
            return;
          }
          yield* this.#cut(value, maxBytes);
        }
      } catch (error) {
        ended = error instanceof ContentFailure;
        throw error;
      } finally {
        // Not awaited: content that hangs would hold what has been given up.
        if (!ended) void iterator.return?.().catch(() => undefined);
      }
    }
  }

  get written(): Written {
    return { size: this.#size, sha256: this.#hash.copy().digest('hex') };
  }

  *#cut(bytes: Uint8Array, maxBytes: number): Generator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += maxBytes) {
      if (this.#signal.aborted) throw new Lost(abortWords(this.#signal), false);
      const chunk = bytes.subarray(at, at + maxBytes);
      this.#hash.update(chunk);
      this.#size += chunk.byteLength;
      yield chunk;
    }
  }

  async #next(iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    return unlessAborted(this.#signal, false, () =>
      iterator.next().catch((cause: unknown) => {
        throw new ContentFailure(cause);
      }),
    );
  }
}
