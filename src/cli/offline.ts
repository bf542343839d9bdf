import { existsSync } from 'node:fs';
import { Catalogue } from '../contract/catalogue.ts';
import { type Grouping, type ParkedGroups } from '../contract/groups.ts';
import { type OperatorAct } from '../contract/journal.ts';
import { type Page, storyOf } from '../contract/journal-reader.ts';
import { type BodySearch } from '../contract/searched-bodies.ts';
import { type JournalSettings } from '../journal/journal.settings.ts';
import { SystemClock } from '../gateway/clock.ts';
import { type SqliteJournal, openSqliteJournal } from '../journal/sqlite/sqlite.journal.ts';
import { type SearchQuery, filterOf } from '../console/search-filter.ts';
import { rowView, storyView } from '../console/story.view.ts';
import { NoGateway } from './exit.ts';
import { type Position, filled } from './pages.ts';
import { type ShownStory } from './story-words.ts';

/** The journal itself, when no gateway runs: under the same lock, so that none can start beside it (rule 39). */
export async function withJournal<T>(settings: JournalSettings, work: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  // Opening would make one: an empty list would look like an answer.
  if (!existsSync(settings.path)) throw new NoGateway(`no gateway answers, and there is no journal at ${settings.path}: see --url and --config`);
  const { journal } = await openSqliteJournal(settings, new SystemClock());
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

/** Sensitive fields are masked as the gateway masks them (rule 42). */
async function catalogue(): Promise<Catalogue> {
  const { ownParts } = await import('../app.module.ts');
  return new Catalogue(ownParts.adapters);
}

/** `searched`: of a search by text, what it looks into. */
export interface FoundPage extends Page {
  readonly searched: BodySearch | null;
}

/** `asked`: as in the address of a search. Whoever may read the file may look into all of it. */
export function listOffline(settings: JournalSettings, asked: SearchQuery, position: Position): Promise<FoundPage> {
  return withJournal(settings, async (journal) => {
    const known = await catalogue();
    const filter = filterOf(asked, { caller: { name: 'cli', role: 'operator' }, catalogue: known, nowMs: Date.now() });
    const { rows, next } = await filled(position, (each) => journal.reader.list(filter, each));
    const searched = filter.text === undefined ? null : await journal.reader.bodySearch();
    return { rows: rows.map((row) => rowView(row, known)), next, searched };
  });
}

export function groupsOffline(settings: JournalSettings, by: readonly Grouping[]): Promise<ParkedGroups> {
  return withJournal(settings, (journal) => journal.reader.groups(by, Date.now()));
}

/** `reveal`: with what is masked, which is recorded. */
export function storyOffline(settings: JournalSettings, id: string, reveal = false): Promise<ShownStory> {
  return withJournal(settings, async (journal) => {
    const story = await storyOf(journal.reader, id);
    if (reveal) await journal.audit({ who: 'cli', what: 'reveal', subject: story.translation.id, why: '', atMs: Date.now() });
    return storyView(story, await catalogue(), reveal) as ShownStory;
  });
}

/** What needs no adapter can be decided without a gateway; it takes effect at the next start. */
export function actOffline(settings: JournalSettings, id: string, act: OperatorAct, why: string, key: string): Promise<object> {
  return withJournal(settings, async (journal) => {
    const story = await storyOf(journal.reader, id);
    return journal.act({ key, translationId: story.translation.id, version: null, act, who: 'cli', why }, Date.now());
  });
}
