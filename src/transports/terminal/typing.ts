import { GatehouseError } from '../../contract/errors.ts';
import { Secret } from '../../contract/secret.ts';
import { describePlace } from './screen/place.ts';
import { type Field, type Screen } from './screen/screen.ts';
import { type Input } from './terminal.driver.ts';
import { cellsOf } from './vt/width.ts';

/** What a terminal can type: as much as its host and its screen can hold. */
export interface Repertoire {
  /** For messages: `code page cp037`, `iso-8859-1`. */
  readonly name: string;
  has(character: string): boolean;
}

/**
 * Whether all of a value may be typed into an input on this screen. Every character that presses a key, changes field or has no cell of
 * its own is refused here, before the first key: a newline in a customer's name would submit the form.
 * @throws GatehouseError CALL_REFUSED_ARGUMENTS, which names input, place and numbers, never the value
 */
export function checkTyping(
  system: string,
  value: string | Secret,
  input: Input,
  width: number,
  repertoire: Repertoire,
  numeric: RegExp | null,
): void {
  const refuse = (why: string): never => {
    throw new GatehouseError(
      'CALL_REFUSED_ARGUMENTS',
      `${system}: the value of '${input.name}' at ${describePlace(input.at)} ${why}; nothing was typed`,
    );
  };
  const text = value instanceof Secret ? value.reveal() : value;
  if (text === '' && value instanceof Secret) refuse('is empty');
  const control = [...text].findIndex((character) => /[\p{Cc}\u2028\u2029]/u.test(character));
  if (control >= 0) refuse(`holds a control character, its ${control + 1}${ordinal(control + 1)}`);
  const foreign = [...text].findIndex((character) => !repertoire.has(character));
  if (foreign >= 0) refuse(`holds a character that ${repertoire.name} does not have, its ${foreign + 1}${ordinal(foreign + 1)}`);
  const cells = cellsOf(text);
  if (cells === null) return refuse('holds a character whose width on a screen is not certain');
  if (cells > width) refuse(`takes ${cells} cells, and there are ${width}`);
  if (/^\p{M}/u.test(text)) refuse('begins with a combining mark');
  if (numeric !== null && !numeric.test(text)) refuse('is not numeric');
}

/** What a numeric input takes on VT, and what a numeric field takes on 3270. @see GA23-0059, Numeric Lock */
export const numeric = { vt: /^[0-9.,+-]*$/, tn3270: /^[0-9.-]*$/ } as const;

/** A secret belongs into hidden inputs and nothing else does. @throws GatehouseError CALL_REFUSED_ARGUMENTS */
export function checkSecrecy(system: string, value: string | Secret, input: Input, hidden: boolean): void {
  if (value instanceof Secret === hidden) return;
  const why = hidden ? 'is hidden and takes a secret only' : `is not hidden, and the value is the secret ${(value as Secret).name}`;
  throw new GatehouseError('CALL_REFUSED_ARGUMENTS', `${system}: '${input.name}' at ${describePlace(input.at)} ${why}; nothing was typed`);
}

/**
 * The 3270 field that an input means, and the cells it has there.
 * @throws GatehouseError SCREEN_UNEXPECTED when there is none to type into
 */
export function fieldOf(system: string, screen: Screen, input: Input): { readonly field: Field; readonly width: number } {
  const field = screen.fieldAt(input.at);
  if (field === undefined || field.protected)
    throw new GatehouseError(
      'SCREEN_UNEXPECTED',
      `${system}: at ${describePlace(input.at)} there is ${field === undefined ? 'no field' : 'a protected field'}, so '${input.name}' cannot be typed`,
    );
  const cells = screen.rows * screen.columns;
  const before = ((input.at.row - field.row) * screen.columns + input.at.column - field.column + cells) % cells;
  return { field, width: Math.min(field.length - before, input.width ?? field.length) };
}

/** Whether the screen shows the value where it was typed, and nothing of what was there before. */
export function showsTyped(screen: Screen, value: string, input: Input, width: number): boolean {
  let shown = '';
  let { row, column } = input.at;
  for (let cell = 0; cell < width && row <= screen.rows; cell += 1) {
    shown += screen.cell(row, column).text;
    column += 1;
    if (column > screen.columns) [row, column] = [row + 1, 1];
  }
  // Hosts fill the rest of an input with blanks or with a sign that shows its length.
  const rest = shown.normalize().slice(0, value.normalize().length);
  const filler = shown.normalize().slice(value.normalize().length);
  const fold = (text: string): string => (input.shows === 'any-case' ? text.toUpperCase() : text);
  return fold(rest) === fold(value.normalize()) && (filler === '' || /^(?: *|_*|\.*) *$/.test(filler));
}

export function notShown(system: string, input: Input, afterMs: number): GatehouseError {
  return new GatehouseError(
    'SCREEN_UNEXPECTED',
    `${system}: '${input.name}' at ${describePlace(input.at)} does not show what was typed after ${afterMs} ms; nothing was submitted`,
  );
}

function ordinal(count: number): string {
  const last = count % 100 > 10 && count % 100 < 14 ? 0 : count % 10;
  return last === 1 ? 'st' : last === 2 ? 'nd' : last === 3 ? 'rd' : 'th';
}
