import { type Command } from 'commander';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type SavedCase } from '../console/case.view.ts';
import { type DryRunView } from '../console/dry-run.view.ts';
import { GatehouseError } from '../contract/errors.ts';
import { Client } from './client.ts';
import { type Common } from './commands.ts';
import { dryRunWords } from './dry-run-words.ts';
import { safeText } from './safe-text.ts';

interface DryRunOptions {
  readonly system?: string;
  readonly operation?: string;
  readonly data?: string;
  readonly answers?: string;
  readonly reveal?: boolean;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);

export function addDryRuns(program: Command): void {
  program
    .command('dry-run')
    .description('what the adapter of now would do, and how it differs from what was done; sends nothing')
    .argument('[id]', 'translation id, or its first 6 digits and more')
    .option('--system <system>', 'without an id: the system of an operation to try')
    .option('--operation <operation>', 'with --system')
    .option('--data <file>', 'payload of the event in JSON, instead of the recorded one; - is standard input')
    .option('--answers <file>', 'answers in JSON, by the names of calls that have none in the recording')
    .option('--reveal', 'show masked fields; it is recorded')
    .action(async (id: string | undefined, options: DryRunOptions, command: Command) => {
      const { system, operation, data, answers, reveal } = options;
      const common = command.optsWithGlobals<Common>();
      if ((id === undefined) === (system === undefined)) command.error('give a translation id, or --system with --operation and --data');
      if (system !== undefined && (operation === undefined || data === undefined)) command.error('--system needs --operation and --data');
      const body = {
        ...(data === undefined ? {} : { data: readJson(data) }),
        ...(answers === undefined ? {} : { answers: readJson(answers) }),
      };
      const path =
        id === undefined
          ? `/api/operations/${encodeURIComponent(system ?? '')}/${encodeURIComponent(operation ?? '')}/dry-run`
          : `/api/translations/${encodeURIComponent(id)}/dry-run${reveal === true ? '?reveal=1' : ''}`;
      const dry = await new Client(common).post<DryRunView>(path, body);
      out(common.json === true ? JSON.stringify(dry) : dryRunWords(dry));
      if (dry.end.end !== 'replied') process.exitCode = 1;
    });

  program
    .command('save-case')
    .description('saves what became of an event as a case: a folder that is a test')
    .argument('<id>', 'translation id, or its first 6 digits and more')
    .option('--out <dir>', 'the folder to make (default: adapters/<system>/cases/<operation>--<words>)')
    .action(async (id: string, { out: given }: { out?: string }, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const saved = await new Client(common).get<SavedCase>(`/api/translations/${encodeURIComponent(id)}/case?as=json`);
      const folder = given ?? join('adapters', plain(saved.system), 'cases', plain(saved.name));
      writeCase(folder, saved);
      if (common.json === true) return out(JSON.stringify({ folder, files: Object.keys(saved.files), notes: saved.notes }));
      out(
        `${folder}: ${Object.keys(saved.files)
          .map((path) => safeText(path))
          .join(', ')}`,
      );
      for (const note of saved.notes) out(safeText(note));
      if (basename(dirname(folder)) === 'cases') out(`run it with: gatehouse cases ${plain(saved.system)} --recorded`);
      return undefined;
    });
}

/** @throws GatehouseError NOT_POSSIBLE when the folder is there already */
function writeCase(folder: string, { files }: SavedCase): void {
  if (existsSync(folder)) throw new GatehouseError('NOT_POSSIBLE', `${folder} is there already: name another with --out`);
  for (const [path, { base64 }] of Object.entries(files)) {
    // What a gateway names must stay inside the folder.
    const [first = '', second, ...more] = path.split('/');
    const inside = second === undefined ? /^[a-z]+\.json$/.test(first) : first === 'dropped' && more.length === 0 && !/^\.|[\\\p{Cc}]/u.test(second);
    if (!inside) throw new GatehouseError('NOT_POSSIBLE', `the gateway names a file that belongs to no case: ${safeText(path).slice(0, 100)}`);
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), Buffer.from(base64, 'base64'), { flag: 'wx' });
  }
}

/** A name from the gateway that becomes part of a path. */
function plain(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new GatehouseError('NOT_POSSIBLE', 'the gateway names a case in a way that is no folder: use --out');
  return name;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is no JSON' : 'cannot be read';
    throw new GatehouseError('NOT_POSSIBLE', `${file} ${why}`, { cause: error });
  }
}
