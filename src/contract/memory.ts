import { type Json } from './json.ts';

/**
 * What a transport remembers of one system over restarts: a few small values, each replaced as a whole. Never a secret, nothing from which
 * one could be found out, and no payload. What is asked in one turn of the event loop shares a commit with everything else of that turn.
 */
export interface Memory {
  /** Null when nothing is remembered under the key. */
  get(key: string): Promise<Json | null>;
  /** Resolves when it is durable. */
  put(key: string, value: Json): Promise<void>;
  remove(key: string): Promise<void>;
}
