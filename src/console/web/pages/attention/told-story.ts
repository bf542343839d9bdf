import { type Story, type StoryCall, type StoryPart, type StoredBody } from '../../../../contract/journal-reader.ts';

/** A body as the API tells it: text where it is text, and never more than is kept. */
export type ToldBody = Omit<StoredBody, 'bytes'> & {
  readonly text?: string;
  readonly base64?: string;
  readonly masked?: true;
  readonly dropped?: true;
};
export type ToldPart = Omit<StoryPart, 'body'> & { readonly body: ToldBody };
export type ToldCall = Omit<StoryCall, 'parts'> & { readonly parts: readonly ToldPart[] };

/** `GET /api/translations/:id` */
export interface ToldStory extends Pick<Story, 'translation' | 'attempts' | 'actions'> {
  readonly event: { readonly attributes: Story['event']['attributes']; readonly data: ToldBody };
  readonly calls: readonly ToldCall[];
}
