/** What the API tells of a native exchange. Types only: the pages and the CLI know it by type. */
import { type Json } from '../contract/json.ts';

export interface NativeView {
  readonly translation: string;
  readonly system: string;
  readonly call: number;
  readonly name: string;
  /** `soap`, `file`, `terminal`: whose view it is. Null when the adapter does not declare the call any more. */
  readonly transport: string | null;
  /** What the exchange means: the `inspection.ts` of the transport says its type. Null when only the parts are there. */
  readonly view: Json | null;
  /** Why there is no view; null when there is one. */
  readonly why: string | null;
  /** Values are masked in it: an operator may reveal them. */
  readonly masked: boolean;
  readonly parts: readonly NativePart[];
}

export interface NativePart {
  readonly kind: 'sent' | 'received' | 'note';
  readonly atMs: number;
  readonly media: string;
  /** Bytes of all of it. */
  readonly size: number;
  /** Bytes that are kept: the first and the last ones, half of them each, when it is clipped; 0 when it is dropped. */
  readonly kept: number;
  readonly clipped: boolean;
  /** Null where it would tell something of what is masked. */
  readonly sha256: string | null;
  /** Whether its bytes can be had as they are now; otherwise only with `reveal=1`, or not at all when nothing is kept. */
  readonly open: boolean;
}
