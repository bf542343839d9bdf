import { type Effect } from '../contract/calls.ts';
import { type AnsweredBy, type DryEnd } from '../contract/dry-run.ts';
import { type EventAttributes } from '../contract/event.ts';
import { type CallState, type Failure } from '../contract/journal.ts';
import { type Json } from '../contract/json.ts';
import { type BodyView } from './body.view.ts';
import { type NativeView } from './native.view.ts';

/** What an operation would do with an event, as the adapter is now. Nothing was sent. */
export interface DryRunView {
  readonly system: string;
  readonly operation: string;
  /** The translation that it is compared with; null for an event that somebody made up. */
  readonly translationId: string | null;
  readonly edited: boolean;
  readonly event: { readonly attributes: EventAttributes; readonly data: BodyView };
  readonly calls: readonly DryCallView[];
  readonly replies: readonly DryReplyView[];
  readonly end: DryEnd;
  /** Sentences for people. */
  readonly notes: readonly string[];
}

export interface DryCallView {
  readonly name: string;
  readonly effect: Effect;
  readonly args: Json;
  readonly failure: Failure | null;
  readonly answer: Json | null;
  readonly answeredBy: AnsweredBy | null;
  /** The call that was made, which it is compared with. */
  readonly recorded: {
    readonly seq: number;
    readonly run: number;
    readonly state: CallState;
    readonly args: Json;
    readonly answer: Json | null;
  } | null;
  readonly parts: readonly DryPartView[];
  /** The parts as their protocol shows them; null unless they are asked for with `native=1`. */
  readonly native: DryNativeView | null;
}

/** `before`: the parts that they are compared with; null when there are none. */
export interface DryNativeView {
  readonly now: NativeView;
  readonly before: NativeView | null;
}

/** What would be sent, and what was sent then. `same` is null where there is nothing to compare with. */
export interface DryPartView {
  readonly kind: 'sent' | 'received' | 'note';
  readonly media: string;
  readonly body: BodyView;
  readonly recorded: BodyView | null;
  readonly same: boolean | null;
}

export interface DryReplyView {
  readonly type: string;
  readonly data: BodyView;
  readonly recorded: { readonly type: string; readonly data: BodyView } | null;
  readonly same: boolean | null;
}
