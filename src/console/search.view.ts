import { type Flow } from '../contract/flow.ts';
import { type GroupNote, type ParkedGroups } from '../contract/groups.ts';
import { type Changes, type Page, type StateCounts, type TranslationRow } from '../contract/journal-reader.ts';
import { type BodySearch } from '../contract/searched-bodies.ts';

/** `GET /api/translations`. A short page with a `next` has looked at as much as one question may: ask on from there. */
export type PageView = Page;

/** `GET /api/translations/counts` */
export type CountsView = StateCounts;

/** `GET /api/translations/searched` */
export type SearchedView = BodySearch;

/** `GET /api/changes`: the data of each message, whose id is the number of the change. One without data says how far it has looked. */
export type ChangedView = TranslationRow;

/** `GET /api/changes`: the data of a message about one that does not fit, and may have before: it leaves the list. */
export type LeftView = Changes['left'][number] & { readonly left: true };

/** `GET /api/flows/:correlation` */
export type FlowView = Flow;

/** `PUT /api/groups/note`: as it stands now; null when nothing is noted any more. */
export interface GroupNoteView {
  readonly note: GroupNote | null;
}

/** `GET /api/groups` */
export type GroupsView = ParkedGroups;
