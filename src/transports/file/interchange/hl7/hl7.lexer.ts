import { type EndScanner } from '../record-cutter.ts';

/** @see HL7 v2, appendix C, minimal lower layer protocol: <SB> data <EB><CR> */
export const [startBlock, endBlock, carriageReturn] = [0x0b, 0x1c, 0x0d];

/** A frame, or what stands between two frames. A start block ends whatever is open: none can stand in a message. */
export class MllpScanner implements EndScanner {
  #state: 'between' | 'junk' | 'frame' | 'ended' = 'between';

  scan(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at];
      if (this.#state === 'ended') {
        this.#state = 'between';
        return byte === carriageReturn ? at + 1 : at;
      }
      if (byte === startBlock) {
        const open = this.#state !== 'between';
        this.#state = open ? 'between' : 'frame';
        if (open) return at;
      } else if (this.#state === 'between') this.#state = 'junk';
      else if (this.#state === 'frame' && byte === endBlock) this.#state = 'ended';
    }
    return -1;
  }
}
