import { type Command } from 'commander';
import { type SearchCondition, durationMs, searchConditions, searchNames } from '../console/search-conditions.ts';

/** Options of a search as commander gives them: a flag is true. */
export type SearchOptions = Readonly<Record<string, unknown>>;

const helped: Partial<Readonly<Record<SearchCondition, string>>> = { overMs: `${searchConditions.overMs.about}: 1500, 90s, 5min, 2h` };

/** Everything that a search may ask for. `otherwise`: what is meant where a condition is not given. */
export function addConditions(command: Command, otherwise: Partial<Readonly<Record<SearchCondition, string>>> = {}): Command {
  for (const name of searchNames) {
    const { option, about } = searchConditions[name];
    const unless = otherwise[name] === undefined ? '' : ` (${otherwise[name]} when not given)`;
    command.option(option, `${helped[name] ?? about}${unless}`);
  }
  return command;
}

/** The options as a search names them. What is no duration goes on as it is, to be refused with the other parameters. */
export function queryOf(options: SearchOptions): Record<string, string> {
  const query: Record<string, string> = {};
  for (const name of searchNames) {
    const value = options[name === 'overMs' ? 'over' : name];
    if (value === true) query[name] = '1';
    else if (typeof value === 'string') query[name] = name === 'overMs' ? String(durationMs(value) ?? value) : value;
  }
  return query;
}
