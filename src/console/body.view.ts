import { type StoredBody } from '../contract/journal-reader.ts';

/** Bytes as the API answers them: `text` where they are UTF-8, `base64` otherwise, neither when they are no longer kept. */
export type BodyView = Omit<StoredBody, 'bytes'> & {
  readonly text?: string;
  readonly base64?: string;
  readonly masked?: true;
  readonly dropped?: true;
  /** Only the beginning is here, as was asked for; the whole is kept. */
  readonly cut?: true;
};
