import { type Place } from '../screen/place.ts';
import { type Screen } from '../screen/screen.ts';

/** A text on a screen, between blanks; what can be typed over is none. */
export interface Run extends Place {
  readonly text: string;
}

/** Where a person has typed. */
export interface TypedPlace extends Place {
  readonly hidden: boolean;
}

/** One screen of a host, as often as it was seen. */
export interface VisitedScreen {
  /** As the person called it. */
  readonly name: string | null;
  /** As it was seen first. */
  readonly screen: Screen;
  /** The texts that stood there each time. */
  readonly stable: readonly Run[];
  /** VT: where something was typed. */
  readonly typed: readonly TypedPlace[];
}

interface Visit {
  name: string | null;
  readonly screen: Screen;
  stable: Run[];
  readonly typed: Map<string, TypedPlace>;
}

/** The screens that a person came by. Two looks at one screen are told from two screens by the texts that they share. */
export class VisitedScreens {
  readonly #visits: Visit[] = [];
  #last: Visit | null = null;
  #look: Screen | null = null;

  /** A look at a screen, at best before and after something was typed. */
  see(screen: Screen): void {
    const runs = runsOf(screen);
    if (runs.length === 0) return;
    this.#look = screen;
    const known = this.#last !== null && isSame(this.#last, screen, runs) ? this.#last : this.#visits.find((visit) => isSame(visit, screen, runs));
    if (known === undefined) {
      this.#last = { name: null, screen, stable: runs, typed: new Map() };
      this.#visits.push(this.#last);
      return;
    }
    const here = new Set(runs.map(keyOf));
    known.stable = known.stable.filter((run) => here.has(keyOf(run)));
    this.#last = known;
  }

  /** Something was typed on the screen seen last. */
  typed(at: TypedPlace): void {
    const last = this.#last;
    if (last === null) return;
    last.typed.set(`${at.row},${at.column}`, at);
    last.stable = last.stable.filter(({ row, column, text }) => row !== at.row || column > at.column || column + text.length <= at.column);
  }

  /** Names the screen seen last. Two that look alike are told apart by it; a name that another has is taken from it. */
  name(name: string): void {
    if (this.#last === null || this.#look === null || this.#last.name === name) return;
    for (const visit of this.#visits) if (visit.name === name) visit.name = null;
    if (this.#last.name !== null) {
      this.#last = { name, screen: this.#look, stable: runsOf(this.#look), typed: new Map() };
      this.#visits.push(this.#last);
    }
    this.#last.name = name;
  }

  get all(): readonly VisitedScreen[] {
    return this.#visits.map(({ name, screen, stable, typed }) => ({ name, screen, stable, typed: [...typed.values()] }));
  }
}

/** Blanks between two texts; one belongs to a text. */
const gap = 2;

/** The texts of a screen, by rows. Underlines that show the length of an input end them, as do fields that can be typed into. */
export function runsOf(screen: Screen): Run[] {
  const runs: Run[] = [];
  const formatted = screen.fields.length > 0;
  for (let row = 1; row <= screen.rows; row += 1) {
    let text = '';
    let from = 1;
    let blanks = gap;
    const end = (): void => {
      if (/\p{L}{2}/u.test(text)) runs.push({ row, column: from, text: text.trimEnd() });
      text = '';
    };
    for (let column = 1; column <= screen.columns; column += 1) {
      const cell = screen.cell(row, column);
      const blank = cell.text === ' ' || cell.text === '_' || (formatted && !cell.style.protected);
      blanks = blank ? blanks + (cell.text === ' ' ? 1 : gap) : 0;
      if (blanks >= gap) end();
      if (text === '' && !blank) from = column;
      if (text !== '' || !blank) text += cell.text;
    }
    end();
  }
  return runs;
}

export const keyOf = ({ row, column, text }: Run): string => `${row},${column},${text}`;

/** The share of texts that two looks at one screen have in common, at least; less where head and foot are the same, as on pages of a list. */
const likeness = { all: 0.6, framed: 0.15 };

function isSame({ screen: before, stable }: Visit, screen: Screen, runs: readonly Run[]): boolean {
  if (before.rows !== screen.rows || before.columns !== screen.columns) return false;
  const known = new Set(stable.map(keyOf));
  const common = runs.filter((run) => known.has(keyOf(run))).length;
  const share = common / Math.max(runs.length, stable.length, 1);
  return share >= likeness.all || (share >= likeness.framed && sameEdge(stable, runs, 'first') && sameEdge(stable, runs, 'last'));
}

function sameEdge(one: readonly Run[], other: readonly Run[], which: 'first' | 'last'): boolean {
  const edge = (runs: readonly Run[]): string => {
    const row = (which === 'first' ? runs[0] : runs.at(-1))?.row;
    return runs
      .filter((run) => run.row === row)
      .map(keyOf)
      .join('\n');
  };
  return edge(one) === edge(other);
}
