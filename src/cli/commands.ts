import { type Command, InvalidArgumentError } from 'commander';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pc from 'picocolors';
import { type BatchAct } from '../contract/batch.ts';
import { type CheckLine, type DeskAct, type SourceStatus, type SystemStatus } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type BatchRow, type TranslationRow, type UnusedNumber } from '../contract/journal-reader.ts';
import { type JournalSettings } from '../journal/journal.settings.ts';
import { Client } from './client.ts';
import { NoGateway } from './exit.ts';
import { actOffline, storyOffline } from './offline.ts';
import { replyLine } from './replies-command.ts';
import { safeText } from './safe-text.ts';
import { type ShownStory, storyWords } from './story-words.ts';
import { batchLine, rowLine } from './words.ts';

export interface Common {
  readonly url: string;
  readonly tokenFile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

interface Taken {
  readonly events: readonly {
    source: string;
    id: string;
    translations: readonly { id: string; system: string; operation: string; outcome: string }[];
  }[];
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** The settings of the journal, for commands that open it themselves. */
async function journalSettings(common: Common): Promise<JournalSettings> {
  const { readConfig } = await import('../app.module.ts');
  return readConfig(common.config).journal;
}

/** Asks the gateway; when none runs, the journal itself. */
export async function either<T>(
  common: Common,
  online: (client: Client) => Promise<T>,
  offline: (settings: JournalSettings) => Promise<T>,
): Promise<T> {
  try {
    return await online(new Client(common));
  } catch (error) {
    // A gateway on another machine has another journal.
    if (!(error instanceof NoGateway) || !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostOf(common.url))) throw error;
    note(pc.dim(`no gateway runs at ${common.url}: the journal is opened directly`));
    return offline(await journalSettings(common));
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

export function whole(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.');
  return Number(text);
}

export function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('a port is needed: 0 to 65535.');
  return Number(text);
}

export function addReading(program: Command): void {
  program
    .command('show')
    .description('the whole story of one translation, down to the native bytes')
    .argument('<id>', 'translation id, or its first 6 digits and more')
    .action(async (id: string, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const story = await either<ShownStory>(
        common,
        (client) => client.get(`/api/translations/${encodeURIComponent(id)}`),
        (settings) => storyOffline(settings, id),
      );
      out(common.json === true ? JSON.stringify(story) : storyWords(story));
    });

  program
    .command('tail')
    .description('translations as they change; goes on after a broken connection')
    .action(async (_options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const aborter = new AbortController();
      process.once('SIGINT', () => aborter.abort());
      for await (const { data } of new Client(common).stream('/api/changes', null, aborter.signal))
        out(common.json === true ? data : rowLine(JSON.parse(data) as TranslationRow));
    });
}

export function addSending(program: Command): void {
  program
    .command('emit')
    .description('sends an event to the gateway')
    .argument('[file]', 'a CloudEvent in JSON; - is standard input')
    .option('--type <type>', 'event type, instead of a file')
    .option('--data <json>', 'payload, with --type')
    .option('--id <id>', 'event id; a new one otherwise')
    .option('--source <source>', 'event source', '/cli')
    .option('--wait', 'wait until it is published, parked or discarded')
    .action(
      async (file: string | undefined, options: { type?: string; data?: string; id?: string; source: string; wait?: boolean }, command: Command) => {
        const common = command.optsWithGlobals<Common>();
        if ((file === undefined) === (options.type === undefined)) command.error('give a file, or --type with --data');
        const event: unknown =
          file === undefined
            ? {
                specversion: '1.0',
                id: options.id ?? randomUUID(),
                source: options.source,
                type: options.type,
                data: parseJson('--data', options.data ?? '{}'),
              }
            : parseJson(file, readFileSync(file === '-' ? 0 : file, 'utf8'));
        const client = new Client(common);
        const taken = await client.post<Taken>('/events', event, 'application/cloudevents+json');
        if (common.json === true && options.wait !== true) return out(JSON.stringify(taken));
        for (const { id, translations } of taken.events) {
          if (translations.length === 0 && common.json !== true) out(`${id}  published to the bus`);
          for (const { id: translation, system, operation, outcome } of translations)
            if (common.json !== true) out(`${translation}  ${system} ${operation}  ${outcome}`);
          if (options.wait !== true) continue;
          for (const translation of translations.length > 0 ? translations.map((each) => each.id) : await translationsOf(client, id))
            await waitFor(client, common, translation);
        }
        return undefined;
      },
    );
}

/** What a published event became, once it has come back from the bus. */
async function translationsOf(client: Client, eventId: string): Promise<string[]> {
  for (;;) {
    const { rows } = await client.get<{ rows: readonly TranslationRow[] }>(`/api/translations?eventId=${encodeURIComponent(eventId)}`);
    if (rows.length > 0) return rows.map(({ id }) => id);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function waitFor(client: Client, common: Common, id: string): Promise<void> {
  const finals = new Set(['published', 'parked', 'discarded']);
  for (;;) {
    const story = await client.get<ShownStory>(`/api/translations/${id}`);
    if (finals.has(story.translation.state)) {
      out(common.json === true ? JSON.stringify(story) : rowLine(story.translation));
      if (story.translation.state !== 'published') process.exitCode = 1;
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function parseJson(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatehouseError('NOT_POSSIBLE', `${what} is no JSON`);
  }
}

async function act(command: Command, id: string, wanted: DeskAct, why: string): Promise<void> {
  const common = command.optsWithGlobals<Common>();
  const key = randomUUID();
  const offline = (settings: JournalSettings): Promise<object> => {
    if (wanted.kind !== 'retry' && wanted.kind !== 'pass' && !(wanted.kind === 'discard' && wanted.reply === undefined))
      throw new NoGateway(`'${wanted.kind}' needs a running gateway, which knows the adapter`);
    return actOffline(settings, id, { kind: wanted.kind }, why, key);
  };
  const result = await either<object>(
    common,
    (client) => client.post(`/api/translations/${encodeURIComponent(id)}/actions`, { act: wanted, why, key }),
    offline,
  );
  const { translationId, state } = result as { translationId: string; state: string };
  out(common.json === true ? JSON.stringify(result) : `${translationId}  ${state}`);
}

export function addDeciding(program: Command): void {
  const simple = [
    ['retry', 'tries a parked or waiting translation again; recorded answers are kept'],
    ['pass', 'lets those behind a parked or waiting translation go by'],
    ['republish', 'sends replies again that were refused or reached no queue'],
    ['replay', 'makes a new translation of the same event'],
  ] as const;
  for (const [name, description] of simple)
    program
      .command(name)
      .description(description)
      .argument('<id>', 'translation id')
      .requiredOption('--why <reason>', 'the reason; it is recorded')
      .action((id: string, options: { why: string }, command: Command) => act(command, id, { kind: name }, options.why));

  program
    .command('discard')
    .description('gives a translation up; what waits behind its key goes on')
    .argument('<id>', 'translation id')
    .option('--reply-type <type>', 'publishes one of the replies that the operation declares')
    .option('--reply-data <json>', 'the payload of that reply')
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .action((id: string, options: { replyType?: string; replyData?: string; why: string }, command: Command) => {
      if ((options.replyType === undefined) !== (options.replyData === undefined)) command.error('--reply-type and --reply-data go together');
      const reply =
        options.replyType === undefined
          ? {}
          : { reply: { type: options.replyType, data: parseJson('--reply-data', options.replyData ?? '') as never } };
      return act(command, id, { kind: 'discard', ...reply }, options.why);
    });

  program
    .command('settle')
    .description('decides what became of a call that is in doubt')
    .argument('<id>', 'translation id')
    .option('--happened <answer>', 'it happened; the answer to use, as JSON')
    .option('--did-not', 'it did not happen: call again')
    .option('--probe', 'run the probe: the gateway looks in the system')
    .option('--call <seq>', 'which call, when several are in doubt')
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .action((id: string, options: { happened?: string; didNot?: boolean; probe?: boolean; call?: string; why: string }, command: Command) => {
      const chosen = [options.happened !== undefined, options.didNot === true, options.probe === true].filter(Boolean).length;
      if (chosen !== 1) command.error('say one of --happened <answer>, --did-not, --probe');
      const callSeq = options.call === undefined ? {} : { callSeq: Number(options.call) };
      if (options.happened !== undefined)
        return act(command, id, { kind: 'happened', answer: parseJson('--happened', options.happened) as never, ...callSeq }, options.why);
      return act(command, id, { kind: options.didNot === true ? 'did not' : 'probe', ...callSeq }, options.why);
    });
}

function sourceLine({ source, state, reason, last, lastMs, consignments, events, parked }: SourceStatus): string {
  const when = last === null || lastMs === null ? '' : `, last ${safeText(last)} at ${new Date(lastMs).toISOString()}`;
  return `${source.padEnd(16)} ${state.padEnd(8)} ${consignments} brought in, ${events} events, ${parked} parked${when}${reason === null ? '' : `  ${safeText(reason)}`}`;
}

/** `terminal  GATE01  idle  served 12, 340 s old`. */
function sessionLines({ transport, sessions, waiting }: SystemStatus['sessions'][number]): string[] {
  return [
    ...sessions.map(
      ({ user, state, uses, ageMs, error }) =>
        `${transport}  ${safeText(user)}  ${state}  served ${uses}, ${Math.round(ageMs / 1_000)} s old${error === null ? '' : `  ${safeText(error)}`}`,
    ),
    ...(waiting === 0 ? [] : [`${transport}  ${waiting} calls wait for a session`]),
  ];
}

async function actOnBatch(command: Command, batch: string, act: BatchAct, why: string): Promise<void> {
  const common = command.optsWithGlobals<Common>();
  const row = await new Client(common).post<BatchRow>(`/api/batches/${whole(batch)}/actions`, { act, why, key: randomUUID() });
  out(common.json === true ? JSON.stringify(row) : batchLine(row));
}

export function addSystems(program: Command): void {
  program
    .command('systems')
    .description('the systems, whether they take calls, their backlog, sources and reply files')
    .action(async (_options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const systems = await new Client(common).get<SystemStatus[]>('/api/systems');
      if (common.json === true) return out(JSON.stringify(systems));
      for (const { system, availability, reason, running, concurrency, backlog, sources, sessions, replies } of systems) {
        out(
          `${system.padEnd(16)} ${availability.padEnd(8)} ${running}/${concurrency} at work, backlog ${backlog}${reason === null ? '' : `  ${safeText(reason)}`}`,
        );
        for (const source of sources) out(`  ${sourceLine(source)}`);
        for (const status of sessions) for (const line of sessionLines(status)) out(`  ${line}`);
        for (const reply of replies) out(`  ${replyLine(reply)}`);
      }
      return undefined;
    });
  for (const turn of ['hold', 'resume'] as const)
    program
      .command(turn)
      .description(turn === 'hold' ? 'no more calls to a system, or of one operation' : 'takes a hold away')
      .argument('<system>')
      .argument('[operation]')
      .requiredOption('--why <reason>', 'the reason; it is recorded')
      .action(async (system: string, operation: string | undefined, options: { why: string }, command: Command) => {
        const common = command.optsWithGlobals<Common>();
        const status = await new Client(common).post<SystemStatus>(`/api/systems/${encodeURIComponent(system)}/${turn}`, {
          why: options.why,
          ...(operation === undefined ? {} : { operation }),
        });
        out(common.json === true ? JSON.stringify(status) : `${status.system}  ${status.availability}`);
      });
  program
    .command('numbers')
    .description('sequence numbers of a system that nobody uses')
    .argument('<system>')
    .action(async (system: string, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const numbers = await new Client(common).get<UnusedNumber[]>(`/api/numbers/${encodeURIComponent(system)}`);
      if (common.json === true) return out(JSON.stringify(numbers));
      if (numbers.length === 0) return out(`every number of ${safeText(system)} is used`);
      for (const { counter, number, translationId, givenMs, inDoubt } of numbers)
        out(
          `${safeText(counter)} ${number}  ${translationId.slice(0, 12)}  ${new Date(givenMs).toISOString()}${inDoubt ? '  in doubt: the system may have seen it' : ''}`,
        );
      return undefined;
    });
  program
    .command('batches')
    .description('batches of a system that are open, closing or in doubt')
    .argument('<system>')
    .action(async (system: string, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const batches = await new Client(common).get<BatchRow[]>(`/api/batches/${encodeURIComponent(system)}`);
      if (common.json === true) return out(JSON.stringify(batches));
      if (batches.length === 0) return out(`no batch of ${safeText(system)} is open, closing or in doubt`);
      for (const batch of batches) out(batchLine(batch));
      return undefined;
    });
  program
    .command('close')
    .description('closes a batch now')
    .argument('<batch>', 'its number, as batches shows it')
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .action((batch: string, options: { why: string }, command: Command) => actOnBatch(command, batch, 'close', options.why));
  program
    .command('settle-batch')
    .description('decides what became of a batch that is in doubt, for all its members')
    .argument('<batch>', 'its number, as batches shows it')
    .option('--happened', 'it happened')
    .option('--did-not', 'it did not happen: make it again')
    .option('--probe', 'run the probe: the gateway looks in the system')
    .requiredOption('--why <reason>', 'the reason; it is recorded')
    .action((batch: string, options: { happened?: boolean; didNot?: boolean; probe?: boolean; why: string }, command: Command) => {
      const chosen = (
        [
          ['happened', options.happened],
          ['did not', options.didNot],
          ['probe', options.probe],
        ] as const
      ).filter(([, said]) => said === true);
      const [[act] = []] = chosen;
      if (act === undefined || chosen.length !== 1) return command.error('say one of --happened, --did-not, --probe');
      return actOnBatch(command, batch, act, options.why);
    });
  program
    .command('check')
    .description('asks every system something harmless')
    .argument('[system]')
    .action(async (system: string | undefined, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const results = await new Client(common).post<CheckLine[]>('/api/systems/check', system === undefined ? {} : { system });
      if (common.json === true) out(JSON.stringify(results));
      else
        for (const result of results)
          out(`${result.ok ? pc.green('ok    ') : pc.red('failed')} ${result.system} over ${result.transport}: ${safeText(result.message)}`);
      if (results.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}
