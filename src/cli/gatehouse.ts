import 'reflect-metadata';
import { Argument, Command } from 'commander';
import pc from 'picocolors';
import { asGatehouseError } from '../contract/errors.ts';
import { addDeciding, addReading, addSending, addSystems, portNumber } from './commands.ts';
import { addDocuments } from './documents.ts';
import { addDryRuns } from './dry-run-command.ts';
import { NoGateway, exitCodeOf, exitCodes } from './exit.ts';
import { addLayout } from './layout-command.ts';
import { addReplies } from './replies-command.ts';
import { type PracticeSystem } from '../practice/standalone.ts';
import { safeText } from './safe-text.ts';
import { addScreens } from './terminals/screens-command.ts';
import { addTerminal } from './terminals/terminal-command.ts';
import { addTypes } from './types-command.ts';

/** Written out here: the practice systems themselves are loaded only when one is run. */
const practiceSystems: readonly PracticeSystem[] = ['servicenow', 'carrier', 'stockroom', 'mainframe', 'ledger'];

/** The command line, without running it: its help is documentation too. */
export function commandLine(): Command {
  const program = new Command('gatehouse')
    .description('A gateway in front of systems that cannot speak events.')
    .option('--url <url>', 'the running gateway', process.env['GATEHOUSE_URL'] ?? 'http://127.0.0.1:8480')
    .option('--token-file <file>', 'file with the token; or set GATEHOUSE_TOKEN')
    .option('--config <file>', 'configuration; or set GATEHOUSE_CONFIG; otherwise ./gatehouse.yaml')
    .option('--json', 'machine-readable output')
    .showHelpAfterError('(gatehouse --help lists the commands)')
    .exitOverride()
    .addHelpText(
      'after',
      () =>
        `\nExit codes:\n${Object.values(exitCodes)
          .map(({ code, means }) => `  ${code}  ${means}`)
          .join('\n')}`,
    );

  program
    .command('start')
    .description('runs the gateway until SIGTERM')
    .action(async (_options: object, command: Command) => {
      const { startGateway } = await import('../main.ts');
      await startGateway({ configFile: command.optsWithGlobals<{ config?: string }>().config });
    });
  program
    .command('demo')
    .description('runs the gateway in front of practice systems and shows the main job at work')
    .option('--once', 'ends when everything is settled, and checks it against the ledgers of the practice systems')
    .action(async (options: { once?: boolean }, command: Command) => {
      const { runDemo } = await import('../practice/demo.ts');
      process.exitCode = await runDemo({ once: options.once === true, json: command.optsWithGlobals<{ json?: boolean }>().json === true });
    });
  program
    .command('practice')
    .description('runs a practice system on its own, for a gateway elsewhere, until SIGTERM')
    .addArgument(new Argument('[system]', 'which').choices(practiceSystems).default('servicenow'))
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <port>',
      'port to listen on; 0 takes a free one (default: 8090; carrier 8122; stockroom 8022 for SSH, telnet on the next; mainframe 8270)',
      portNumber,
    )
    .option('--user <user>', 'its user', 'gatehouse')
    .option('--password-file <file>', "file with its password; otherwise it is 'practice'")
    .option('--directory <dir>', 'where the practice ledger lives, which has only files')
    .action(async (system: PracticeSystem, options: { host: string; port?: number; user: string; passwordFile?: string; directory?: string }) => {
      const { runPractice } = await import('../practice/standalone.ts');
      await runPractice(system, options);
    });
  addSending(program);
  addReading(program);
  addScreens(program);
  addDeciding(program);
  addDryRuns(program);
  addSystems(program);
  addReplies(program);
  addTerminal(program);
  addLayout(program);
  addTypes(program);
  addDocuments(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** Runs a command line; the answer is the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // `gatehouse list | head`: the reader has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await commandLine().parseAsync([...argv], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.'))
      return error.exitCode === 0 ? 0 : exitCodes.usage.code;
    if (error instanceof NoGateway) process.stderr.write(`${pc.red('no gateway')}  ${safeText(error.message, true)}\n`);
    else {
      const failure = asGatehouseError(error);
      process.stderr.write(`${pc.red(failure.code)}  ${safeText(failure.message, true)}\n`);
    }
    return exitCodeOf(error);
  }
}
