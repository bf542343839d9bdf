import { type Command } from './command.ts';

/** What is wrong with the commands of one host, in words. */
export function commandMistakes(commands: Readonly<Record<string, Command>>): string[] {
  return Object.entries(commands).flatMap(([name, { program, maxBytes = 1, exits = {} }]) => [
    ...(program === '' || program.includes('\0') ? [`command '${name}' names no program`] : []),
    ...(Number.isInteger(maxBytes) && maxBytes >= 1 ? [] : [`command '${name}' keeps ${maxBytes} bytes`]),
    ...Object.keys(exits).flatMap((code) => (Number(code) >= 0 && Number(code) <= 255 ? [] : [`command '${name}' has the exit code ${code}`])),
  ]);
}
