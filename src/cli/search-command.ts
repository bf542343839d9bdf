import { type Command } from 'commander';
import pc from 'picocolors';
import { groupingOf } from '../console/groups.controller.ts';
import { type ParkedGroup, type ParkedGroups, groupings } from '../contract/groups.ts';
import { type Page } from '../contract/journal-reader.ts';
import { type BodySearch } from '../contract/searched-bodies.ts';
import { searchedWords } from '../console/searched-words.ts';
import { type Common, either, whole } from './commands.ts';
import { type FoundPage, groupsOffline, listOffline } from './offline.ts';
import { type Position, filled } from './pages.ts';
import { safeText } from './safe-text.ts';
import { type SearchOptions, addConditions, queryOf } from './search-options.ts';
import { rowLine } from './words.ts';

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

type ListOptions = Position & SearchOptions;

export function addSearching(program: Command): void {
  addConditions(program.command('list').description('translations, newest first'))
    .option('--before <n>', 'the next page: what the last one gave as next', whole)
    .option('--limit <n>', 'how many, at most 500', whole, 50)
    .action(async ({ limit, before, ...options }: ListOptions, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const query = queryOf(options);
      const position = { limit, ...(before === undefined ? {} : { before }) };
      const { searched, ...page } = await either<FoundPage>(
        common,
        async (client) => ({
          ...(await filled(position, (each) => client.get<Page>(`/api/translations?${new URLSearchParams({ ...query, ...textOf(each) })}`))),
          searched: query['text'] === undefined ? null : await client.get<BodySearch>('/api/translations/searched'),
        }),
        (settings) => listOffline(settings, query, position),
      );
      if (searched !== null) note(pc.dim(searchedWords(searched, Date.now(), time)));
      if (common.json === true) return out(JSON.stringify(page));
      if (page.rows.length === 0) return out('no translation fits; send an event with: gatehouse emit --help');
      for (const row of page.rows) out(rowLine(row));
      if (page.next !== null) note(pc.dim(`there are more: add --before ${page.next}, raise --limit, or narrow the search`));
      return undefined;
    });

  program
    .command('groups')
    .description('what needs a person, by what it has in common')
    .option('--by <names>', `one or more of ${groupings.join(', ')}, with commas between them`, 'code,system,operation')
    .action(async ({ by }: { by: string }, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const asked = groupingOf(by);
      const groups = await either<ParkedGroups>(
        common,
        (client) => client.get(`/api/groups?by=${asked.join(',')}`),
        (settings) => groupsOffline(settings, asked),
      );
      if (common.json === true) return out(JSON.stringify(groups));
      if (groups.groups.length === 0) return out('nothing is parked: nothing needs a person');
      for (const group of groups.groups) out(groupLine(group));
      if (groups.more) note(pc.dim('there are more groups: group by less'));
      return undefined;
    });
}

const textOf = (position: Position): Record<string, string> => Object.fromEntries(Object.entries(position).map(([name, n]) => [name, String(n)]));

const bars = ' ▁▂▃▄▅▆▇█';

/** `    12  IN_DOUBT crm book   2026-11-20T08:00:00Z … 2026-11-21T09:14:03Z  ▁    ▂█  3 in doubt  (ann) note`. */
export function groupLine({ by, count, inDoubt, firstMs, lastMs, spark, note: noted }: ParkedGroup): string {
  const most = Math.max(1, ...spark);
  const line = spark.map((n) => bars[Math.ceil((n / most) * (bars.length - 1))]).join('');
  const values = groupings.flatMap((name) => (by[name] === undefined ? [] : [by[name] ?? '-']));
  const doubt = inDoubt === 0 ? '' : `  ${inDoubt} in doubt`;
  const known = noted === null ? '' : `  ${noted.owner === '' ? '' : `(${noted.owner}) `}${noted.note.split('\n')[0] ?? ''}`;
  return `${String(count).padStart(7)}  ${safeText(values.join(' ')).padEnd(40)}  ${time(firstMs)} … ${time(lastMs)}  ${line}${doubt}${safeText(known)}`;
}

const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
