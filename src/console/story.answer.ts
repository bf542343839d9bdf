import { type Story, type StoredBody, type StoryCall, type StoryPart, type StoryReply } from '../contract/journal-reader.ts';

/** A body as JSON can carry it: UTF-8 as `text`, other bytes as `base64`, neither when it is no longer kept. */
export type BodyAnswer = Omit<StoredBody, 'bytes'> & {
  readonly text?: string;
  readonly base64?: string;
  /** Sensitive values in it are replaced. */
  readonly masked?: true;
  /** Retention or payload mode `none` has dropped it. */
  readonly dropped?: true;
  /** Only the beginning is here, as was asked for; the whole is kept. */
  readonly cut?: true;
};

export type PartAnswer = Omit<StoryPart, 'body'> & { readonly body: BodyAnswer };
export type CallAnswer = Omit<StoryCall, 'parts'> & { readonly parts: readonly PartAnswer[] };
export type ReplyAnswer = Omit<StoryReply, 'data'> & { readonly data: BodyAnswer };

/** What `GET /api/translations/:id` answers. */
export type StoryAnswer = Omit<Story, 'event' | 'calls' | 'replies'> & {
  readonly event: Omit<Story['event'], 'data'> & { readonly data: BodyAnswer };
  readonly calls: readonly CallAnswer[];
  readonly replies: readonly ReplyAnswer[];
};
