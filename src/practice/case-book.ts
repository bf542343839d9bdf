import { isDeepStrictEqual } from 'node:util';
import { CaseBook, type CaseEntry, type CaseResult } from '../contract/case-book.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Case, readJson } from './case-folder.ts';
import { type CaseOutcome } from './cases.ts';

type Cases = typeof import('./cases.ts');

/** The cases that lie beside the adapters. The practice systems are loaded when somebody asks for a case: a gateway that nobody asks has none of them. */
export class AdapterCases extends CaseBook {
  #cases: Promise<Cases> | null = null;
  #running: Promise<unknown> = Promise.resolve();

  async of(system: string): Promise<readonly CaseEntry[] | null> {
    const cases = await this.#load();
    const found = cases.allCases(system);
    return found.length === 0 ? null : found.map((each) => entryOf(each, cases));
  }

  async run(system: string, name: string): Promise<CaseResult> {
    const cases = await this.#load();
    const found = cases.allCases(system).find((each) => each.name === `${system}/${name}`);
    if (found === undefined) throw new GatehouseError('NOT_FOUND', `${system.slice(0, 64)} has no case '${name.slice(0, 100)}'`);
    const turn = this.#running.then(() => resultOf(found, name, cases));
    this.#running = turn;
    return turn;
  }

  #load(): Promise<Cases> {
    this.#cases ??= import('./cases.ts');
    return this.#cases;
  }
}

/** Never rejects: that a case cannot be run is its result. */
async function resultOf(each: Case, name: string, { runCase, expectedOf, agrees }: Cases): Promise<CaseResult> {
  const beganMs = performance.now();
  let differences: readonly string[];
  try {
    const [outcome, expected] = [await runCase(each, 'recorded'), expectedOf(each)];
    differences = agrees(outcome, expected, 'recorded') ? [] : differencesOf(outcome, expected);
  } catch (error) {
    differences = [asGatehouseError(error).message];
  }
  return { name, passed: differences.length === 0, differences, tookMs: Math.round(performance.now() - beganMs) };
}

function differencesOf(outcome: CaseOutcome, expected: CaseOutcome): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, is: unknown, should: unknown): void => {
    if (!isDeepStrictEqual(is, should)) found.push(`${what}: ${JSON.stringify(is)}; the case says ${JSON.stringify(should)}`);
  };
  if ('calls' in outcome && 'calls' in expected) {
    compare('the end', [outcome.state, outcome.code], [expected.state, expected.code]);
    compare('the replies', outcome.replies, expected.replies);
    for (const call of outcome.calls)
      if (!expected.calls.some((recorded) => isDeepStrictEqual(recorded, call))) found.push(`the case has no ${call.call} like this one`);
  } else if ('events' in outcome && 'events' in expected) {
    compare('the events', outcome.events, expected.events);
    compare('what is parked', outcome.parked, expected.parked);
  }
  return found.length === 0 ? ['it came to another end'] : found;
}

/** A folder that somebody is still writing is listed with what can be read of it. */
function entryOf(each: Case, { expectedOf }: Cases): CaseEntry {
  const name = each.name.slice(each.system.length + 1);
  const [of = '', words = ''] = name.split('--');
  const entry = { name, of, title: words.replaceAll('-', ' '), event: null, becomes: [], parked: [] };
  try {
    const expected = expectedOf(each);
    if ('events' in expected) return { ...entry, becomes: expected.events, parked: expected.parked };
    const { type, data } = readJson(each.folder, 'event.json') as { type: string; data: Json };
    return { ...entry, event: { type, data }, becomes: expected.replies, parked: expected.code === null ? [] : [expected.code] };
  } catch {
    return entry;
  }
}
