import { type Place } from '../screen/place.ts';
import { type Screen } from '../screen/screen.ts';
import { plain, sameStyle } from '../screen/style.ts';
import { keyOf, type Run, type VisitedScreen } from './visited-screens.ts';

/** An input as a sketch has it; `guessed` where the terminal does not know how long it is. */
export interface SketchedInput {
  readonly name: string;
  readonly at: Place;
  readonly width: number;
  readonly hidden: boolean;
  readonly numeric: boolean;
  readonly guessed: boolean;
}

/** What can be said of a screen by looking at it: a beginning, for a person to finish. */
export interface MapSketch {
  readonly name: string;
  readonly login: boolean;
  readonly anchors: readonly Run[];
  readonly inputs: readonly SketchedInput[];
}

/** As many anchors as tell a screen from the others that were seen, and one more. */
const anchorsEach = 2;
const longestAnchor = 40;
const longestName = 40;
/** Clocks and dates are no anchors. */
const moving = /\d{1,2}[:.]\d{2}|\d{2,4}[-/.]\d{1,2}[-/.]\d{2,4}/;

/** Sketches of the screens that were seen, in the order of the walk. */
export function sketchesOf(visited: readonly VisitedScreen[]): MapSketch[] {
  const seen = new Map<string, number>();
  for (const { stable } of visited) for (const run of stable) seen.set(keyOf(run), (seen.get(keyOf(run)) ?? 0) + 1);
  const names = new Set<string>();
  return visited.map((visit) => {
    const anchors = anchorsOf(visit, (run) => seen.get(keyOf(run)) ?? 1);
    const inputs = inputsOf(visit);
    return { name: nameOf(visit, names), login: inputs.some(({ hidden }) => hidden), anchors, inputs };
  });
}

/** First what no other screen shows in this place, then what stands higher up. */
function anchorsOf({ stable }: VisitedScreen, times: (run: Run) => number): Run[] {
  return stable
    .filter(({ text }) => !moving.test(text))
    .map((run) => ({ run, rank: times(run) * 1_000 + run.row }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, anchorsEach)
    .map(({ run }) => ({ ...run, text: [...run.text].slice(0, longestAnchor).join('').trimEnd() }));
}

function nameOf({ name, stable }: VisitedScreen, taken: Set<string>): string {
  const title = stable.filter(({ row }) => row <= 3).toSorted((a, b) => b.text.length - a.text.length)[0]?.text ?? '';
  const plain = name ?? wordsOf(title).join('-').toLowerCase();
  const first = /^[a-z]/i.test(plain) ? plain.slice(0, longestName) : 'screen';
  let unique = first;
  for (let count = 2; taken.has(unique); count += 1) unique = `${first.slice(0, longestName - 4)}-${count}`;
  taken.add(unique);
  return unique;
}

function inputsOf({ screen, stable, typed }: VisitedScreen): SketchedInput[] {
  const names = new Set<string>();
  const named = (at: Place): string => {
    const [first = '', ...others] = wordsOf(labelOf(screen, stable, at)).map((word) => word.toLowerCase());
    const label = [first, ...others.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)].join('').slice(0, longestName);
    const base = /^[a-z]/.test(label) ? label : `row${at.row}column${at.column}`;
    let unique = base;
    for (let count = 2; names.has(unique); count += 1) unique = `${base}${count}`;
    names.add(unique);
    return unique;
  };
  const fields = screen.fields
    .filter((field) => !field.protected && field.length > 0)
    .map(({ row, column, length, hidden, numeric }) => ({
      name: named({ row, column }),
      at: { row, column },
      width: length,
      hidden,
      numeric,
      guessed: false,
    }));
  if (screen.fields.length > 0) return fields;
  return typed
    .toSorted((a, b) => a.row - b.row || a.column - b.column)
    .map(({ row, column, hidden }) => {
      const at = { row, column };
      return { name: named(at), at, width: roomAt(screen, at), hidden, numeric: false, guessed: true };
    });
}

/** The text to the left of a place, in the same row. */
function labelOf(screen: Screen, stable: readonly Run[], { row, column }: Place): string {
  const run = stable.findLast((each) => each.row === row && each.column < column);
  return run?.text ?? screen.text({ row, column: 1, width: Math.max(1, column - 1) });
}

/** Cells from a place on that look alike, where inputs look otherwise than text; or as many underlines or dots as stand there; or blanks. */
function roomAt(screen: Screen, { row, column }: Place): number {
  const cells = Array.from({ length: screen.columns - column + 1 }, (_, at) => screen.cell(row, column + at));
  const look = cells[0]?.style ?? plain;
  const alike = cells.findIndex(({ style }) => !sameStyle(style, look));
  if (!sameStyle(look, plain) && alike > 0) return alike;
  const line = cells.map(({ text }) => text).join('');
  const shown = /^_+|^\.{2,}/.exec(line)?.[0] ?? /^ */.exec(line)?.[0] ?? '';
  return Math.max(1, shown.length);
}

const wordsOf = (text: string): string[] =>
  text
    .normalize('NFD')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .slice(0, 5);

/** The sketches as TypeScript, to paste into an adapter. What a host showed stands in it in quotes only. */
export function sketchText(system: string, sketches: readonly MapSketch[]): string {
  const lines = [
    '// A sketch of the screens that were walked by. Check the anchors (would another screen fit?), name what you keep, and give one',
    "// screen the kind 'home'. Outputs, messages and the way back from a screen are yours to add.",
    "import { screenMap } from '../../src/transports/terminal/terminal.ts';",
    '',
  ];
  const constants = new Set<string>();
  for (const { name, login, anchors, inputs } of sketches) {
    const constant = constantOf(name, constants);
    lines.push(`export const ${constant} = screenMap({`, `  name: ${quoted(name)},`);
    if (login) lines.push(`  kind: 'login',`);
    lines.push(
      `  anchors: [`,
      ...anchors.map(({ text, row, column }) => `    { text: ${quoted(text)}, at: { row: ${row}, column: ${column} } },`),
      '  ],',
    );
    if (inputs.length > 0) lines.push('  inputs: {', ...inputs.map(inputLine), '  },');
    lines.push('});', '');
  }
  return [`// ${system.replaceAll(/[^\w.-]/g, '?')}`, ...lines].join('\n');
}

function inputLine({ name, at, width, hidden, numeric, guessed }: SketchedInput): string {
  const more = hidden ? ', hidden: true' : numeric ? ", type: 'whole'" : '';
  return `    ${name}: { at: { row: ${at.row}, column: ${at.column} }, width: ${width}${more} },${guessed ? ' // the width is guessed' : ''}`;
}

function constantOf(name: string, taken: Set<string>): string {
  const camel = name.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) => (next ?? '').toUpperCase());
  const base = `${camel.slice(0, 1).toLowerCase()}${camel.slice(1)}Screen`;
  let unique = base;
  for (let count = 2; taken.has(unique); count += 1) unique = `${base}${count}`;
  taken.add(unique);
  return unique;
}

/** A literal of TypeScript on one line, whatever the host showed. */
const quoted = (text: string): string =>
  `'${text.replaceAll(/[\\']/g, String.raw`\$&`).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)}'`;
