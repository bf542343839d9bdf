import { type Command } from 'commander';
import { type CandidateView } from '../console/candidate.view.ts';
import { type ReplyStatus } from '../contract/transport.ts';
import { Client } from './client.ts';
import { type Common } from './commands.ts';
import { safeText } from './safe-text.ts';

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** One line of `systems`. */
export function replyLine({ kind, reason, last, lastMs, files, refused, verdicts }: ReplyStatus): string {
  const when = last === null || lastMs === null ? '' : `, last ${safeText(last)} at ${new Date(lastMs).toISOString()}`;
  const { answered, evidence, candidate } = verdicts;
  return `${kind.padEnd(16)} ${(reason === null ? 'watched' : 'failing').padEnd(8)} ${files} reply files, ${refused} refused; ${answered} answered, ${evidence} late or repeated, ${candidate} awaited by nobody${when}${reason === null ? '' : `  ${safeText(reason)}`}`;
}

/** A reply that nobody awaits: what it names, and in which file it came. */
function candidateLine({ correlation, atMs, answer, masked }: CandidateView): string {
  const { file, refused, badRecords } = typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? answer : {};
  const from = typeof file === 'string' ? `  in ${safeText(file)}` : '';
  const why = typeof refused === 'string' ? `  ${safeText(refused)}` : typeof badRecords === 'number' ? `  ${badRecords} bad records` : '';
  return `${new Date(atMs).toISOString()}  ${safeText(correlation)}${masked ? '  (masked: see it with --reveal)' : `${from}${why}`}`;
}

export function addReplies(program: Command): void {
  program
    .command('replies')
    .description('replies of a system that nobody awaits, and reply files that could not be read, newest first')
    .argument('<system>')
    .option('--reveal', 'show what may be sensitive; it is recorded')
    .action(async (system: string, { reveal }: { reveal?: boolean }, command: Command) => {
      const common = command.optsWithGlobals<Common>();
      const words = reveal === true ? '?reveal=1' : '';
      const candidates = await new Client(common).get<CandidateView[]>(`/api/candidates/${encodeURIComponent(system)}${words}`);
      if (common.json === true) return out(JSON.stringify(candidates));
      if (candidates.length === 0) return out(`no reply of ${safeText(system)} waits for somebody to look at it`);
      for (const candidate of candidates) out(candidateLine(candidate));
      return undefined;
    });
}
