import { type Json } from './json.ts';

/** What a person can do about a call that may or may not have happened. Its evidence is in the story, under the same `seq`. */
export interface Doubt {
  readonly seq: number;
  readonly name: string;
  /** Why the gateway cannot look by itself; null when it has a probe. */
  readonly noProbe: string | null;
  /** Why no answer can be taken for it; null when one can. */
  readonly noAnswer: string | null;
  /** The shape of an answer, its values left out. */
  readonly skeleton: Json;
  /** Where the shape comes from: a translation whose call of this name was answered; null when there is none yet. */
  readonly skeletonOf: string | null;
  /** What is wrong with an empty answer, in the words of the link: what an answer needs. */
  readonly wants: readonly string[];
}
