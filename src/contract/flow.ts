import { type TranslationRow } from './journal-reader.ts';

/** An event of a flow: one that came, one that was published, or both. */
export interface FlowEvent {
  /** Names it in `edges`. */
  readonly node: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** What became of it as a reply; null for one that came from outside. */
  readonly state: 'pending' | 'published' | 'refused' | null;
  /** False: no queue was bound. */
  readonly routed: boolean | null;
  /** In the log of the embedded bus: `GET /events` reads it, whether a queue is bound or not. */
  readonly readable: boolean;
  readonly publishedMs: number | null;
}

export interface FlowEdge {
  /** Node of an event, or id of a translation. */
  readonly from: string;
  readonly to: string;
  readonly kind: 'starts' | 'publishes' | 'is replayed as';
}

/** All that one correlation id connects: events, the translations that they started, and the replies that started others. */
export interface Flow {
  readonly correlation: string;
  /** The oldest first; at most 500. */
  readonly translations: readonly TranslationRow[];
  readonly events: readonly FlowEvent[];
  readonly edges: readonly FlowEdge[];
  /** There are more translations or replies than are told. */
  readonly more: boolean;
}
