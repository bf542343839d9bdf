import { type OperatorAct } from '../contract/journal.ts';
import { type TranslationFilter, type Page } from '../contract/journal-reader.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type JournalSettings } from '../journal/journal.settings.ts';
import { SystemClock } from '../gateway/clock.ts';
import { type SqliteJournal, openSqliteJournal } from '../journal/sqlite/sqlite.journal.ts';
import { type ShownBody, type ShownStory } from './story-words.ts';

/** The journal itself, when no gateway runs: under the same lock, so that none can start beside it (rule 39). */
export async function withJournal<T>(settings: JournalSettings, work: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  const { journal } = await openSqliteJournal(settings, new SystemClock());
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

export const listOffline = (settings: JournalSettings, filter: TranslationFilter, limit: number): Promise<Page> =>
  withJournal(settings, (journal) => journal.reader.list(filter, { limit }));

export function storyOffline(settings: JournalSettings, id: string): Promise<ShownStory> {
  return withJournal(settings, async (journal) => {
    const story = await journal.reader.story(id);
    if (story === null) throw new GatehouseError('NOT_FOUND', `there is no translation '${id}'`);
    return {
      ...story,
      event: { ...story.event, data: shown(story.event.data) },
      calls: story.calls.map((call) => ({ ...call, parts: call.parts.map((part) => ({ ...part, body: shown(part.body) })) })),
      replies: story.replies.map((reply) => ({ ...reply, data: shown(reply.data) })),
    };
  });
}

function shown({ bytes, ...body }: { bytes: Uint8Array | null; size: number; sha256: string | null; clipped: boolean }): ShownBody {
  if (bytes === null) return body;
  try {
    return { ...body, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { ...body, base64: Buffer.from(bytes).toString('base64') };
  }
}

/** What needs no adapter can be decided without a gateway; it takes effect at the next start. */
export function actOffline(settings: JournalSettings, id: string, act: OperatorAct, why: string, key: string): Promise<object> {
  return withJournal(settings, async (journal) => {
    const story = await journal.reader.story(id);
    if (story === null) throw new GatehouseError('NOT_FOUND', `there is no translation '${id}'`);
    return journal.act({ key, translationId: story.translation.id, version: null, act, who: 'cli', why }, Date.now());
  });
}
