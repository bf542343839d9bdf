import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Outcome, type Part, type Passage } from '../../../contract/transport.ts';
import { type Clock } from '../../../contract/clock.ts';
import { commandLine } from '../ssh/posix.ts';
import { type CommandResult, runCommand } from '../ssh/ssh.exec.ts';
import { type TerminalSettings } from '../terminal.settings.ts';
import { type Command, type Word } from './command.ts';

const maxBytesByDefault = 65_536;

/** Makes a call that is a command: it leaves when the connection stands and before the program starts. */
export async function runCommandCall(
  { system, settings, clock }: { readonly system: string; readonly settings: TerminalSettings; readonly clock: Clock },
  call: string,
  command: Command,
  args: Json,
  passage: Passage,
  signal: AbortSignal,
): Promise<Outcome> {
  const part = (kind: Part['kind'], text: string | Uint8Array): Part => {
    const bytes = settings.password === undefined ? Buffer.from(text) : settings.password.hideIn(Buffer.from(text));
    return { kind, atMs: clock.wallMs(), media: 'text/plain', bytes };
  };
  let result: CommandResult;
  try {
    if (settings.protocol !== 'ssh')
      throw new GatehouseError('CONFIG_INVALID', `systems.${system}.terminal.protocol: ${settings.protocol} runs no commands, only ssh does`);
    const { words, stdin } = planCommand(system, call, command, args);
    const line = commandLine(system, command.program, words);
    const { maxBytes = maxBytesByDefault } = command;
    const running = {
      program: command.program,
      args: words,
      maxBytes,
      withinMs: Math.max(1, passage.remainingMs()),
      ...(stdin === null ? {} : { stdin }),
    };
    result = await runCommand(system, settings, running, signal, async () => {
      await passage.leave();
      passage.trace(part('sent', line));
    });
  } catch (error) {
    return { end: 'not sent', error: asGatehouseError(error) };
  }
  if (result.stderr.length > 0) passage.trace(part('note', result.stderr));
  passage.trace(part('received', result.stdout));
  return outcomeOf(system, call, command, result);
}

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS, which names the argument, never its value */
export function planCommand(system: string, call: string, command: Command, args: Json): { words: string[]; stdin: Uint8Array | null } {
  const refuse = (why: string): never => {
    throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: ${call} ${why}; nothing was run`);
  };
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return refuse('takes an object of arguments');
  const known = new Set<string>();
  const given = (name: string, may: boolean): string | null => {
    known.add(name);
    const value = Object.hasOwn(args, name) ? args[name] : undefined;
    if (value === undefined || value === null) return may ? null : refuse(`wants the argument '${name}'`);
    if (typeof value !== 'string') return refuse(`takes a text as '${name}'`);
    return value;
  };
  const words: string[] = [];
  for (const word of command.arguments ?? []) {
    const pieces = isList(word) ? word : [word];
    const texts = pieces.map((each) => (typeof each === 'string' ? each : given(each.$argument, '$optional' in each)));
    if (texts.includes(null)) continue;
    const text = texts.join('');
    const [first] = pieces;
    if (typeof first === 'object' && text.startsWith('-')) refuse(`has a value of '${first.$argument}' that begins with a dash`);
    words.push(text);
  }
  const stdin = command.stdin === undefined ? null : given(command.stdin.$argument, false);
  const foreign = Object.keys(args).find((name) => !known.has(name));
  if (foreign !== undefined) refuse(`has no argument '${foreign.replaceAll(/[^\w-]/g, '?').slice(0, 32)}'`);
  return { words, stdin: stdin === null ? null : Buffer.from(stdin) };
}

const isList = (word: Word): word is Extract<Word, readonly unknown[]> => Array.isArray(word);

function outcomeOf(system: string, call: string, { exits = {}, maxBytes = maxBytesByDefault }: Command, result: CommandResult): Outcome {
  const unknown = (code: 'NO_ANSWER' | 'FAULT_UNKNOWN' | 'ANSWER_INVALID', why: string, native?: string): Outcome => ({
    end: 'unknown',
    error: new GatehouseError(code, `${system}: ${call} ${why}`, { native }),
  });
  const { end, code, signal } = result;
  if (end !== 'exited')
    return unknown('NO_ANSWER', end === 'deadline' ? 'ran longer than it may and was killed' : 'lost its connection before it ended');
  if (code === null) return unknown('FAULT_UNKNOWN', `was ended by the signal ${signal ?? 'unknown'}`, signal ?? undefined);
  const means = Object.hasOwn(exits, code) ? exits[code] : code === 0 ? 'answer' : undefined;
  const output = result.stdout.toString('utf8').replace(/\r?\n$/, '');
  if (means === undefined) return unknown('FAULT_UNKNOWN', `ended with ${code}, which the layout does not know`, String(code));
  if (means === 'not executed')
    return {
      end: 'not sent',
      error: new GatehouseError('NOT_EXECUTED', `${system}: ${call} ended with ${code}: it was not carried out`, { native: String(code) }),
    };
  const said = result.stderr.toString('utf8').trim();
  if (typeof means === 'object') return { end: 'answer', answer: { refused: means.refusal, reason: (said === '' ? output : said).slice(0, 500) } };
  if (result.clipped) return unknown('ANSWER_INVALID', `said more than the ${maxBytes} bytes that are kept`);
  return { end: 'answer', answer: { code, output } };
}

/** What is wrong with `answer` as an answer of the command, in words; empty when it fits. */
export function commandViolations({ exits = {} }: Command, answer: Json): string[] {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
  if ('refused' in answer) {
    const codes = Object.values(exits).flatMap((means) => (typeof means === 'object' ? [means.refusal] : []));
    if (typeof answer['refused'] !== 'string' || typeof answer['reason'] !== 'string') return ['a refusal has the texts refused and reason'];
    return codes.includes(answer['refused']) ? [] : [`a refusal is one of ${codes.join(', ') || 'none'}`];
  }
  const foreign = Object.keys(answer).filter((name) => name !== 'code' && name !== 'output');
  return [
    ...(Number.isInteger(answer['code']) ? [] : ['code must be a whole number']),
    ...(typeof answer['output'] === 'string' ? [] : ['output must be a text']),
    ...foreign.map((name) => `${name.slice(0, 32)} is no part of the answer`),
  ];
}
