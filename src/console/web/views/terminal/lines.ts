import { type TerminalAct, type TerminalCommand, type TerminalFrame, type TerminalInspection } from '../../../../transports/terminal/inspection.ts';
import { piecesOf } from '../pieces.ts';

/** What was done, in words: `name: Anna`, `[enter]`. */
export const actWords = (act: TerminalAct): string => ('typed' in act ? `${act.typed}: ${act.value}` : `[${act.pressed}]`);

/** The exchange in lines, for comparing: without times, which differ always. */
export const linesOf = ({ film, command, typed, captured, remarks }: TerminalInspection): string[] => [
  ...(film?.frames ?? []).flatMap(frameLines),
  ...(typed.length === 0 ? [] : ['── typed and pressed', ...typed.map(actWords)]),
  ...(command === null ? [] : commandLines(command)),
  ...captured.flatMap(({ text }) => ['── captured', ...text.split('\n')]),
  ...remarks,
];

function frameLines({ map, before, wait, notes, lines }: TerminalFrame): string[] {
  return [
    ...before.map(actWords),
    `── ${map ?? 'unknown screen'}${wait === null ? '' : `, ${wait.end}`}`,
    ...notes.map((note) => `· ${note}`),
    ...lines.map((runs) =>
      runs
        .map(([text]) => text)
        .join('')
        .trimEnd(),
    ),
  ];
}

const commandLines = ({ argv, line, stdin, stdout, stderr, exitCode }: TerminalCommand): string[] => [
  ...(argv ?? [line]),
  ...(stdin === null ? [] : ['── standard input', ...piecesOf(stdin)]),
  '── standard output',
  ...piecesOf(stdout),
  '── standard error',
  ...piecesOf(stderr),
  `── exit code ${exitCode ?? 'unknown'}`,
];
