import { type Effect } from './calls.ts';
import { type EventAttributes } from './event.ts';
import { type Story, type StoryCall } from './journal-reader.ts';
import { type Failure } from './journal.ts';
import { type Json } from './json.ts';
import { type DraftPart } from './transport.ts';

/** What a dry run begins with: the event of a translation, as it was or edited, or one that somebody makes up. */
export type DryRunSubject =
  | {
      readonly translationId: string;
      readonly data?: Json;
      /** With the ids that it would have if the event came for the first time: what a case is run with. */
      readonly asFirst?: boolean;
    }
  | { readonly system: string; readonly operation: string; readonly data: Json };

export type DryRunRequest = DryRunSubject & {
  /** Answers by the name of the call, for calls that the recording has no answer to these arguments for. */
  readonly answers?: Readonly<Record<string, Json>>;
};

/** `recorded`: to these arguments. `assumed`: recorded for the call of this name in this place, whose arguments were others. */
export type AnsweredBy = 'recorded' | 'given' | 'assumed';

export interface DryPart extends DraftPart {
  /** Which part of the recorded call it is compared with. */
  readonly recorded: number | null;
  /** Null when there is nothing to compare with. */
  readonly same: boolean | null;
}

/** A call that the operation would make. */
export interface DryCall {
  readonly name: string;
  readonly effect: Effect;
  readonly args: Json;
  /** What it would send. */
  readonly parts: readonly DryPart[];
  /** Why it would not be sent. */
  readonly failure: Failure | null;
  readonly answer: Json | null;
  readonly answeredBy: AnsweredBy | null;
  /** The call that was made, which it is compared with. */
  readonly recorded: StoryCall | null;
}

export interface DryReply {
  readonly type: string;
  readonly data: Uint8Array;
  /** Which reply of the translation it is compared with. */
  readonly recorded: number | null;
  readonly same: boolean | null;
}

export type DryEnd =
  | { readonly end: 'replied' }
  /** These calls have no answer in the recording, and none was given. */
  | { readonly end: 'needs answer'; readonly calls: readonly string[] }
  | { readonly end: 'parked'; readonly failure: Failure }
  | { readonly end: 'waits'; readonly failure: Failure | null };

/** What an operation would do with an event, as the adapter is now. */
export interface DryRun {
  readonly system: string;
  readonly operation: string;
  readonly event: { readonly attributes: EventAttributes; readonly data: Uint8Array };
  readonly edited: boolean;
  readonly calls: readonly DryCall[];
  readonly replies: readonly DryReply[];
  readonly end: DryEnd;
  /** What else is to be known, in sentences without payload. */
  readonly notes: readonly string[];
  /** The translation that it is compared with. */
  readonly story: Story | null;
}
