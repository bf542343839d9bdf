import { type EndScanner } from '../record-cutter.ts';

const [lt, gt, slash, bang, question, hyphen, bracket, quote, apostrophe] = [0x3c, 0x3e, 0x2f, 0x21, 0x3f, 0x2d, 0x5d, 0x22, 0x27];

/**
 * Cuts a document into its tags, texts and comments, and every element that has `ancestors` of them into one piece. It counts depth and
 * knows no names: whether the piece is well formed is looked at when it is read.
 */
export class XmlScanner implements EndScanner {
  readonly #ancestors: number;
  #state: 'text' | 'open' | 'bang' | 'tag' | 'quoted' | 'comment' | 'cdata' | 'instruction' = 'text';
  #depth = 0;
  #length = 0;
  #closing = false;
  #mark = 0;
  /** The two bytes before. */
  #before = 0;
  #last = 0;

  constructor(ancestors: number) {
    this.#ancestors = ancestors;
  }

  scan(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#state === 'text' && byte === lt && this.#length > 0 && this.#depth <= this.#ancestors) {
        this.#length = 0;
        return at;
      }
      this.#length += 1;
      const ended = this.#step(byte);
      [this.#before, this.#last] = ended ? [0, 0] : [this.#last, byte];
      if (ended && this.#depth <= this.#ancestors) {
        this.#length = 0;
        return at + 1;
      }
    }
    return -1;
  }

  /** @returns whether a tag, comment, section or instruction has ended */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'text':
        if (byte === lt) this.#state = 'open';
        return false;
      case 'open':
        this.#closing = byte === slash;
        this.#state = byte === bang ? 'bang' : byte === question ? 'instruction' : byte === lt ? 'open' : 'tag';
        this.#last = 0;
        return byte === gt && this.#end();
      case 'bang':
        if (byte === hyphen && this.#last === hyphen) this.#become('comment');
        // The second bracket of <![CDATA[
        else if (byte === 0x5b && this.#last === 0x41) this.#become('cdata');
        else if (byte === gt) return this.#end();
        return false;
      case 'tag':
        if (byte === quote || byte === apostrophe) {
          this.#state = 'quoted';
          this.#mark = byte;
        } else if (byte === gt) {
          if (this.#closing) this.#depth = Math.max(0, this.#depth - 1);
          else if (this.#last !== slash) this.#depth += 1;
          return this.#end();
        }
        return false;
      case 'quoted':
        if (byte === this.#mark) this.#state = 'tag';
        return false;
      case 'comment':
        return byte === gt && this.#last === hyphen && this.#before === hyphen && this.#end();
      case 'cdata':
        return byte === gt && this.#last === bracket && this.#before === bracket && this.#end();
      case 'instruction':
        return byte === gt && this.#last === question && this.#end();
    }
  }

  #become(state: 'comment' | 'cdata'): void {
    this.#state = state;
    this.#last = 0;
  }

  #end(): boolean {
    this.#state = 'text';
    return true;
  }
}
