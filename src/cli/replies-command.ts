import { type Command } from 'commander';
import { type Json } from '../contract/json.ts';
import { type ReplyStatus } from '../contract/transport.ts';
import { Client } from './client.ts';
import { type Common } from './commands.ts';
import { safeText } from './safe-text.ts';

interface Candidate {
  readonly correlation: string;
  readonly atMs: number;
  readonly answer: Json;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** One line of `systems`. */
export function replyLine({ kind, reason, last, lastMs, files, refused, verdicts }: ReplyStatus): string {
  const when = last === null || lastMs === null ? '' : `, last ${safeText(last)} at ${new Date(lastMs).toISOString()}`;
  const { answered, evidence, candidate } = verdicts;
  return `${kind.padEnd(16)} ${(reason === null ? 'watched' : 'failing').padEnd(8)} ${files} reply files, ${refused} refused; ${answered} answered, ${evidence} late or repeated, ${candidate} awaited by nobody${when}${reason === null ? '' : `  ${safeText(reason)}`}`;
}

/** A reply that nobody awaits: what it names, and in which file it came. */
function candidateLine({ correlation, atMs, answer }: Candidate): string {
  const { file, refused, badRecords } = typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer : {};
  const from = typeof file === 'string' ? `  in ${safeText(file)}` : '';
  const why = typeof refused === 'string' ? `  ${safeText(refused)}` : typeof badRecords === 'number' ? `  ${badRecords} bad records` : '';
  return `${new Date(atMs).toISOString()}  ${safeText(correlation)}${from}${why}`;
}

export function addReplies(program: Command): void {
  program
    .command('replies')
    .description('replies of a system that nobody awaits, and reply files that could not be read, newest first')
    .argument('<system>')
    .action(async (system: string, _options: object, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const candidates = await new Client(common).get<Candidate[]>(`/api/candidates/${encodeURIComponent(system)}`);
      if (common.json === true) return out(JSON.stringify(candidates));
      if (candidates.length === 0) return out(`no reply of ${safeText(system)} waits for somebody to look at it`);
      for (const candidate of candidates) out(candidateLine(candidate));
      return undefined;
    });
}
