import { type Screen } from './screen.ts';
import { type Colour, plain, sameStyle, type Style } from './style.ts';

/** The screen as ANSI sequences that any terminal of its size shows; only the rows that differ from `before`, when that is given. */
export function paint(screen: Screen, before?: Screen): string {
  const whole = before === undefined || before.rows !== screen.rows || before.columns !== screen.columns;
  const parts: string[] = whole ? ['\x1b[0m\x1b[2J'] : [];
  for (let row = 1; row <= screen.rows; row += 1) {
    if (!whole && sameRow(screen, before, row)) continue;
    parts.push(`\x1b[${row};1H\x1b[0m\x1b[2K${rowOf(screen, row)}`);
  }
  parts.push(`\x1b[0m\x1b[${screen.cursor.row};${screen.cursor.column}H`);
  return parts.join('');
}

function sameRow(one: Screen, other: Screen, row: number): boolean {
  if (one.line(row) !== other.line(row)) return false;
  for (let column = 1; column <= one.columns; column += 1) if (!sameStyle(one.cell(row, column).style, other.cell(row, column).style)) return false;
  return true;
}

function rowOf(screen: Screen, row: number): string {
  let last = screen.columns;
  while (last > 0 && screen.cell(row, last).text === ' ' && sgrOf(screen.cell(row, last).style) === '0') last -= 1;
  let text = '';
  let style = '0';
  for (let column = 1; column <= last; column += 1) {
    const cell = screen.cell(row, column);
    const wanted = sgrOf(cell.style);
    if (wanted !== style) text += `\x1b[${wanted}m`;
    style = wanted;
    text += cell.text;
  }
  return text;
}

/** The numbers of SGR that give a cell its look. @see ECMA-48, section 8.3.117 */
export function sgrOf(style: Style): string {
  if (style === plain) return '0';
  const codes = ['0'];
  if (style.intensity !== 'normal') codes.push(style.intensity === 'bright' ? '1' : '2');
  if (style.underline) codes.push('4');
  if (style.blink) codes.push('5');
  if (style.reverse) codes.push('7');
  return [...codes, ...colour(38, style.foreground), ...colour(48, style.background)].join(';');
}

function colour(ground: 38 | 48, value: Colour): string[] {
  if (value === null) return [];
  if (typeof value === 'number') return [`${ground}`, '5', `${value}`];
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(value.slice(at, at + 2), 16));
  return [`${ground}`, '2', `${red}`, `${green}`, `${blue}`];
}
