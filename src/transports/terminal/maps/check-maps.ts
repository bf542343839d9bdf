import { type Place, type Region } from '../screen/place.ts';
import { Screen } from '../screen/screen.ts';
import { plain, type Style } from '../screen/style.ts';
import { type Anchor } from '../wait.ts';
import { fits, rankOf } from './atlas.ts';
import { type ScreenMap } from './screen-map.ts';
import { isDateFormat, type ValueType } from './value.ts';

/** The biggest screen there is: 3270 model 5 is 27×132, model 4 is 43×80, a VT may have 255 of each. */
const most = 255;

/** What is wrong with the maps of one host, in words, all of it. */
export function mapMistakes(maps: readonly ScreenMap[]): string[] {
  const names = maps.map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two maps are called '${name}'`);
  const homes = maps.filter(({ kind }) => kind === 'home').length;
  return [
    ...(homes === 1 ? [] : [`one map is of the kind 'home', not ${homes}`]),
    ...twice,
    ...maps.flatMap((map) => mistakesIn(map).map((mistake) => `map '${map.name}': ${mistake}`)),
    ...overlaps(maps),
  ];
}

function mistakesIn(map: ScreenMap): string[] {
  const { name, anchors, absent = [], inputs = {}, outputs = {}, tables = {} } = map;
  const mistakes: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,40}$/i.test(name)) mistakes.push('its name must be letters, digits and hyphens');
  if (anchors.length === 0) mistakes.push('it has no anchor, so every screen fits it');
  for (const anchor of [...anchors, ...absent]) {
    if (anchor.text.trim() === '') mistakes.push('an anchor is blank');
    mistakes.push(...outside('an anchor', 'at' in anchor ? anchor.at : anchor.within));
  }
  if (map.settledMs !== undefined && !(map.settledMs >= 0)) mistakes.push('settledMs must not be negative');
  if (map.kind === 'home' && map.back !== undefined) mistakes.push('it is home: there is no way back from it');
  for (const [input, { at, width, hidden, type, case: letters }] of Object.entries(inputs)) {
    mistakes.push(...outside(`the input '${input}'`, { ...at, width }));
    if (hidden === true && (type !== undefined || letters !== undefined))
      mistakes.push(`the input '${input}' is hidden, so it has neither type nor case`);
  }
  for (const [output, { at, ...type }] of Object.entries(outputs)) {
    mistakes.push(...outside(`the output '${output}'`, at), ...mistakesOfType(`the output '${output}'`, type));
    if (type.type !== undefined && type.type !== 'text' && (at.height ?? 1) > 1)
      mistakes.push(`the output '${output}' is a ${type.type} and higher than one row`);
  }
  for (const [table, { row, rows, columns, pages }] of Object.entries(tables)) {
    if (!(Number.isInteger(rows) && rows >= 1)) mistakes.push(`the table '${table}' has ${rows} rows`);
    if (Object.keys(columns).length === 0) mistakes.push(`the table '${table}' has no column`);
    for (const [column, { column: at, width, ...type }] of Object.entries(columns))
      mistakes.push(
        ...outside(`the column '${column}' of the table '${table}'`, { row, column: at, width, height: Math.max(1, rows) }),
        ...mistakesOfType(`the column '${column}' of the table '${table}'`, type),
      );
    if (pages !== undefined && !(Number.isInteger(pages.most) && pages.most >= 1))
      mistakes.push(`the table '${table}' has at most ${pages.most} pages`);
    if (table in outputs) mistakes.push(`'${table}' is an output and a table`);
  }
  return mistakes;
}

function mistakesOfType(what: string, type: ValueType): string[] {
  return type.type === 'date' && !isDateFormat(type.format)
    ? [`${what} has the date format '${type.format}'; YYYY, MM and DD stand in it once each`]
    : [];
}

function outside(what: string, { row, column, width = 1, height = 1 }: Region): string[] {
  const good =
    [row, column, width, height].every((each) => Number.isInteger(each) && each >= 1) && row + height - 1 <= most && column + width - 1 <= most;
  return good ? [] : [`${what} is outside of every screen: row ${row}, column ${column}, ${height} high, ${width} wide`];
}

/**
 * Maps of which one is contained in the other: a screen with nothing but the anchors of one fits the other too. Others may still meet on a
 * screen that the host shows; that is found when it does.
 */
function overlaps(maps: readonly ScreenMap[]): string[] {
  const found: string[] = [];
  for (const [at, map] of maps.entries()) {
    const screen = leastScreen(map);
    if (screen === null || !fits(map, screen)) {
      found.push(`map '${map.name}': no screen fits it, its anchors and what must be absent exclude each other`);
      continue;
    }
    for (const [other, rival] of maps.entries())
      if (other !== at && rankOf(rival) === rankOf(map) && fits(rival, screen) && !(other < at && fitsLeast(map, rival)))
        found.push(
          `a screen with the anchors of '${map.name}' fits '${rival.name}' too: give '${rival.name}' an anchor of its own, or name in its absent what only '${map.name}' shows`,
        );
  }
  return found;
}

function fitsLeast(map: ScreenMap, rival: ScreenMap): boolean {
  const screen = leastScreen(rival);
  return screen !== null && fits(map, screen);
}

/** The anchors on an otherwise blank screen; null when they cannot be put there. */
function leastScreen({ anchors, absent = [] }: ScreenMap): Screen | null {
  const regions = [...anchors, ...absent].map((anchor) => ('at' in anchor ? { ...anchor.at, width: anchor.text.length } : anchor.within));
  const rows = Math.max(24, ...regions.map(({ row, height = 1 }) => row + height - 1));
  const columns = Math.max(80, ...regions.map(({ column, width = 1 }) => column + width - 1));
  if (!(rows <= most && columns <= 2 * most)) return null;
  const texts: string[] = Array.from({ length: rows * columns }, () => ' ');
  const styles: Style[] = Array.from({ length: rows * columns }, () => plain);
  const put = (anchor: Anchor, { row, column }: Place): boolean => {
    const from = (row - 1) * columns + column - 1;
    const characters = [...anchor.text];
    if (column - 1 + characters.length > columns) return false;
    if (characters.some((character, n) => texts[from + n] !== ' ' && texts[from + n] !== character)) return false;
    for (const [n, character] of characters.entries()) {
      texts[from + n] = character;
      styles[from + n] = { ...plain, ...anchor.style };
    }
    return true;
  };
  // Those with a place first: the others find room between them.
  for (const anchor of anchors) if ('at' in anchor && !put(anchor, anchor.at)) return null;
  for (const anchor of anchors) {
    if ('at' in anchor) continue;
    const { row, column, height = 1, width = columns - column + 1 } = anchor.within;
    const places = Array.from({ length: height }, (_, n) => row + n).flatMap((line) =>
      Array.from({ length: Math.max(0, width - anchor.text.length + 1) }, (_, n) => ({ row: line, column: column + n })),
    );
    if (!places.some((place) => put(anchor, place))) return null;
  }
  return new Screen({ rows, columns, texts, styles, cursor: { row: 1, column: 1 }, lock: 'unlocked' });
}
