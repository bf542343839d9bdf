import { type Json } from '../contract/json.ts';

/** A reply from a system that nobody awaited. */
export interface CandidateView {
  readonly correlation: string;
  readonly atMs: number;
  /** A mask instead of all of it where `masked`: nobody can tell which of its values are sensitive. */
  readonly answer: Json;
  /** It is shown with `reveal=1`, which needs operator and is recorded. */
  readonly masked: boolean;
}
