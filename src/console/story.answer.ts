import { type Story, type StoryCall, type StoryPart, type StoryReply } from '../contract/journal-reader.ts';
import { type BodyView } from './body.view.ts';

export type PartAnswer = Omit<StoryPart, 'body'> & { readonly body: BodyView };
export type CallAnswer = Omit<StoryCall, 'parts'> & { readonly parts: readonly PartAnswer[] };
export type ReplyAnswer = Omit<StoryReply, 'data'> & { readonly data: BodyView };

/** What `GET /api/translations/:id` answers. */
export type StoryAnswer = Omit<Story, 'event' | 'calls' | 'replies'> & {
  readonly event: Omit<Story['event'], 'data'> & { readonly data: BodyView };
  readonly calls: readonly CallAnswer[];
  readonly replies: readonly ReplyAnswer[];
};
