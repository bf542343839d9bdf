import { type BodySearch } from '../contract/searched-bodies.ts';

/** It is never at this moment: what is committed is gathered first. */
const soonMs = 10_000;

/** What a text is looked for in beside ids, keys and codes, as a person says it. */
export function searchedWords({ systems, behind, upToMs }: BodySearch, nowMs: number, timeOf: (ms: number) => string): string {
  if (systems.length === 0) return 'What was said and answered is not searched: searchBodies in the settings of a system turns that on.';
  const names = systems.map(({ system }) => system).join(', ');
  const isBehind = behind > 0 && upToMs !== null && nowMs - upToMs > soonMs;
  const late = isBehind ? ` So far what arrived before ${timeOf(upToMs)}: ${behind} changes are still to be read.` : '';
  const partly = systems.filter(({ done }) => done < 1).map(({ system, done }) => `${Math.floor(done * 100)} % of ${system}`);
  const older = partly.length === 0 ? '' : ` Of what was there before, ${partly.join(', ')} can be found, the newest first.`;
  return `Whole words are found in what was said and answered, too (${names}); not what is masked.${late}${older}`;
}
