import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { codes } from '../contract/errors.ts';
import { type Failure } from '../contract/journal.ts';
import { type Story, type TranslationRow } from '../contract/journal-reader.ts';
import { mask } from '../contract/masking.ts';
import { sensitiveNamesOf } from '../contract/sensitive-names.ts';
import { quoting } from './masker.ts';
import { isSensitive, sightIn } from './sensitive.ts';
import { shownStory } from './shown-story.ts';
import { type StoryAnswer } from './story.answer.ts';

export { mask };

/** The whole story as JSON can carry it; sensitive values are masked wherever their text stands, unless `reveal` (rule 42). */
export const storyView = (story: Story, catalogue: Catalogue, reveal: boolean): StoryAnswer =>
  shownStory(story, reveal ? 'all' : sightIn(catalogue, story.translation));

/** A row of a list; keys that are sensitive fields are masked, and those of which nobody knows any more whether they are. */
export function rowView(row: TranslationRow, catalogue: Catalogue): TranslationRow {
  const operation = catalogue.operation(row.system, row.operation);
  const masked = (value: string | null, path: string | null | undefined): string | null =>
    value === null || (operation !== undefined && !isSensitive(operation, path ?? null)) ? value : mask;
  return {
    ...row,
    key: masked(row.key, operation?.key),
    businessKey: masked(row.businessKey, operation?.businessKey),
    failure: failureView(row.failure, row, catalogue),
  };
}

/** A failure without its story, so that nobody knows the values to look for: words that may quote one are those of the code. */
export function failureView(
  failure: Failure | null,
  { system, operation }: { readonly system: string | null; readonly operation: string | null },
  catalogue: Catalogue,
): Failure | null {
  if (failure === null || !quoting.has(failure.code)) return failure;
  const known = catalogue.operation(system ?? '', operation ?? '');
  if (known !== undefined && !holdsSensitive(known)) return failure;
  return { code: failure.code, message: `${codes[failure.code].means} ${mask}` };
}

export const holdsSensitive = ({ accepts, replies }: CataloguedOperation): boolean =>
  [accepts, ...replies.values()].some((payload) => sensitiveNamesOf(payload).size > 0);

/** Whether what a system says may be sensitive: one of its operations has such fields, or nobody knows its operations any more. */
export function mayHoldSensitive(catalogue: Catalogue, system: string): boolean {
  const operations = catalogue.systems.get(system)?.catalogued;
  return operations?.every((each) => !holdsSensitive(each)) !== true;
}
