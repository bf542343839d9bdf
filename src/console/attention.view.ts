import { type Doubt } from '../contract/doubt.ts';
import { type Code, type FailureClass } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';

/** `GET /api/codes`: every failure code, what it means and what to do. */
export type CodesView = Readonly<Record<Code, { readonly class: FailureClass; readonly means: string; readonly remedy: string }>>;

/** `GET /api/translations/:id/doubts`: the calls of which nobody knows whether they happened. */
export interface DoubtsView {
  readonly calls: readonly Doubt[];
}

/** A reply that an operation declares, and a draft of its data. */
export interface RefusalDraft {
  readonly type: string;
  readonly data: Readonly<Record<string, Json>>;
}

/** `GET /api/operations/:system/:operation/refusals`: what may be published when a translation is given up. */
export interface RefusalsView {
  readonly refusals: readonly RefusalDraft[];
}
