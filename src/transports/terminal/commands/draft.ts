import { type Json } from '../../../contract/json.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type DraftPart } from '../../../contract/transport.ts';
import { commandLine } from '../ssh/posix.ts';
import { type Command } from './command.ts';
import { planCommand } from './run-command-call.ts';

/**
 * The line that would be run, and in a note what the program would read.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS
 */
export function draftOfCommand(system: string, call: string, command: Command, args: Json, secrets: readonly Secret[]): readonly DraftPart[] {
  const { words, stdin } = planCommand(system, call, command, args);
  const hidden = (bytes: Uint8Array): Uint8Array => secrets.reduce((rest, secret) => secret.hideIn(rest), bytes);
  const line: DraftPart = { kind: 'sent', media: 'text/plain', bytes: hidden(Buffer.from(commandLine(system, command.program, words))) };
  return stdin === null ? [line] : [line, { kind: 'note', media: 'application/octet-stream', bytes: hidden(stdin) }];
}
