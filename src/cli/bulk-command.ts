import { Argument, type Command, InvalidArgumentError } from 'commander';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { type BulkSelectionView, type BulkStoryView, type BulkView, type BulksView } from '../console/bulk.view.ts';
import { GatehouseError } from '../contract/errors.ts';
import { bulkLine, progressWords, selectionLines, troubleLine } from './bulk-words.ts';
import { Client } from './client.ts';
import { type Common } from './commands.ts';
import { type SearchOptions, addConditions, queryOf } from './search-options.ts';

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const lookEveryMs = 500;
/** Where lines cannot be written over. */
const sayEveryMs = 5_000;

interface BulkOptions extends SearchOptions {
  readonly replyType?: string;
  readonly replyData?: string;
  readonly rate?: number;
  readonly why: string;
  readonly yes?: boolean;
  readonly wait: boolean;
}

function perSecond(text: string): number {
  const rate = Number(text);
  if (text.trim() === '' || !(rate === 0 || rate >= 0.01)) throw new InvalidArgumentError('how many a second: 0.01 and more, or 0 for no limit.');
  return rate;
}

function seqOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('the number of a bulk action is needed, as bulks shows it.');
  return Number(text);
}

function replyOf({ replyType: type, replyData }: BulkOptions): object {
  if (type === undefined) return {};
  try {
    return { reply: { type, data: JSON.parse(replyData ?? '') as unknown } };
  } catch {
    throw new GatehouseError('NOT_POSSIBLE', '--reply-data is no JSON');
  }
}

async function agreed(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(question);
  asking.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

/** Says how it goes until it ends or is stopped. @returns how it ended */
async function follow(client: Client, seq: number): Promise<BulkStoryView> {
  const leave = (): void => {
    note(`\nbulk ${seq} goes on without you; to stop it: gatehouse bulks stop ${seq} --why …`);
    process.exit(0);
  };
  process.once('SIGINT', leave);
  for (let saidMs = -Infinity; ;) {
    const bulk = await client.get<BulkStoryView>(`/api/bulks/${seq}`);
    const over = bulk.state === 'done' || bulk.state === 'stopped';
    if (process.stderr.isTTY) process.stderr.write(`\r\u{1b}[K${progressWords(bulk)}${over ? '\n' : ''}`);
    else if (!over && performance.now() - saidMs >= sayEveryMs) {
      saidMs = performance.now();
      note(progressWords(bulk));
    }
    if (over) {
      process.off('SIGINT', leave);
      return bulk;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function show(bulk: BulkStoryView, json: boolean): void {
  if (json) out(JSON.stringify(bulk));
  else {
    out(bulkLine(bulk));
    for (const trouble of bulk.troubles) out(troubleLine(trouble));
    const more = bulk.failed + bulk.skipped - bulk.troubles.length;
    if (more > 0) note(pc.dim(`and ${more} more: GET /api/bulks/${bulk.seq}/items?state=failed`));
  }
}

async function begin(kind: string, options: BulkOptions, command: Command): Promise<void> {
  const common = command.optsWithGlobals<Common>();
  if ((options.replyType === undefined) !== (options.replyData === undefined)) command.error('--reply-type and --reply-data go together');
  if (options.replyType !== undefined && kind !== 'discard') command.error('only a discard publishes a reply');
  const act = { kind: kind === 'did-not' ? 'did not' : kind, ...replyOf(options) };
  const filter = queryOf(options);
  const client = new Client(common);
  const selection = await client.post<BulkSelectionView>('/api/bulks/selection', { filter });
  if (common.json !== true) for (const line of selectionLines(selection)) note(line);
  if (selection.count > 0 && options.yes !== true) {
    if (!process.stdin.isTTY) throw new GatehouseError('NOT_POSSIBLE', `${selection.count} translations fit: add --yes to ${kind} them`);
    if (!(await agreed(`${kind} these? [y/N] `))) return note('nothing was done');
  }
  const { why, rate } = options;
  const body = { act, filter, why, key: randomUUID(), expected: Math.max(1, selection.count), ...(rate === undefined ? {} : { rate }) };
  const { seq } = await client.post<BulkView>('/api/bulks', body);
  const bulk = options.wait ? await follow(client, seq) : await client.get<BulkStoryView>(`/api/bulks/${seq}`);
  show(bulk, common.json === true);
  if (bulk.failed > 0 || bulk.note !== null || (options.wait && bulk.state !== 'done')) process.exitCode = 1;
  return undefined;
}

async function turn(command: Command, seq: number, to: string, body: object): Promise<void> {
  const common = command.optsWithGlobals<Common>();
  const bulk = await new Client(common).post<BulkView>(`/api/bulks/${seq}/${to}`, { ...body, key: randomUUID() });
  out(common.json === true ? JSON.stringify(bulk) : bulkLine(bulk));
}

export function addBulks(program: Command): void {
  const bulk = program
    .command('bulk')
    .description('does one thing to every translation that a search finds, shows how it goes, and can be stopped and resumed')
    .addArgument(new Argument('<act>', 'what').choices(['retry', 'replay', 'discard', 'pass', 'did-not', 'probe']));
  addConditions(bulk, { state: 'parked' })
    .option('--reply-type <type>', 'with discard: publishes one of the replies that the operation declares')
    .option('--reply-data <json>', 'its payload; {{reason}}, {{businessKey}}, {{event.order.id}} stand for the values of each translation')
    .option('--rate <n>', 'at most so many a second, 0 for no limit (default: 50)', perSecond)
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .option('--yes', 'does not ask')
    .option('--no-wait', 'does not wait for the end')
    .action(begin);

  const bulks = program
    .command('bulks')
    .description('bulk actions, newest first; show, stop, resume them or change their rate')
    .action(async (_options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const view = await new Client(common).get<BulksView>('/api/bulks');
      if (common.json === true) return out(JSON.stringify(view));
      if (view.rows.length === 0) return out('there is no bulk action; begin one with: gatehouse bulk --help');
      for (const bulk of view.rows) out(bulkLine(bulk));
      return undefined;
    });
  bulks
    .command('show')
    .description('how one goes, and the first that failed or were skipped')
    .argument('<n>', 'its number', seqOf)
    .action(async (seq: number, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      show(await new Client(common).get<BulkStoryView>(`/api/bulks/${seq}`), common.json === true);
    });
  for (const to of ['stop', 'resume'] as const)
    bulks
      .command(to)
      .description(to === 'stop' ? 'stops one where it is' : 'lets a stopped one go on')
      .argument('<n>', 'its number', seqOf)
      .requiredOption('--why <reason>', 'the reason; it is recorded')
      .action((seq: number, { why }: { why: string }, command: Command) => turn(command, seq, to, { why }));
  bulks
    .command('rate')
    .description('changes how many a second it may do at most')
    .argument('<n>', 'its number', seqOf)
    .argument('<rate>', 'a second; 0 for no limit', perSecond)
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .action((seq: number, rate: number, { why }: { why: string }, command: Command) => turn(command, seq, 'rate', { rate, why }));
}
