import { GatehouseError } from '../../../contract/errors.ts';

/**
 * One line for a POSIX shell that runs the program with exactly these arguments, whatever they hold.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS when one holds NUL, which no program can be given
 */
export function commandLine(system: string, program: string, args: readonly string[]): string {
  const words = [program, ...args];
  const broken = words.findIndex((word) => word.includes('\0') || /\p{Cs}/u.test(word));
  if (broken >= 0)
    throw new GatehouseError(
      'CALL_REFUSED_ARGUMENTS',
      `${system}: ${broken === 0 ? 'the program' : `argument ${broken} of ${program}`} holds NUL or half a character; nothing was run`,
    );
  if (program === '') throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: no program is named; nothing was run`);
  return words.map(quoted).join(' ');
}

/** Nothing is special between single quotes but the quote itself. @see POSIX.1-2024, XCU 2.2.2 */
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
