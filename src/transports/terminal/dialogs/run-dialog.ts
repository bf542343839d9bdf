import { GatehouseError, asGatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type Outcome } from '../../../contract/transport.ts';
import { readOutput } from '../maps/read-outputs.ts';
import { type ScreenMap } from '../maps/screen-map.ts';
import { readRows, type TableLayout, type TableRow } from '../maps/table.ts';
import { type Screen } from '../screen/screen.ts';
import { missing } from '../wait.ts';
import { type DialogParts } from './dialog.ts';
import { type SettingReference } from './fill.ts';
import { lost } from './lost.ts';
import { type PlannedStep } from './plan.ts';
import { ruleFor } from './rule.ts';
import { type Arrival, type Walk } from './walk.ts';

export interface DialogRunParts {
  readonly system: string;
  readonly call: string;
  readonly dialog: DialogParts;
  readonly plan: readonly PlannedStep[];
  readonly walk: Walk;
  readonly user: string;
  /** The point of no return. */
  leave(): Promise<void>;
  /** Whether the driver has let go a key since it was last asked: also one whose sending failed half-way. */
  keyLeft(): boolean;
  mark(marker: Json): void;
}

/** How a dialog ended, and whether its session is on a screen from which the way home is known. */
export interface DialogEnd {
  readonly outcome: Outcome;
  /** Null: the way home may be tried. Otherwise no key may be pressed in this session any more without looking. */
  readonly broken: GatehouseError | null;
}

/** How long a page must stand unchanged after the key for the next one, until it counts as the last: a host may take its time, ms. */
const samePageMs = 1_000;

/** Thrown inside a run to end it. */
class Ended extends Error {
  readonly outcome: Outcome;
  readonly astray: boolean;

  constructor(outcome: Outcome, astray: boolean) {
    super(outcome.end);
    this.outcome = outcome;
    this.astray = astray;
  }
}

/**
 * Carries out the planned steps on a session that stands at home. Before the commit key everything is undone by going home; after it only
 * the confirmation, or a screen that a rule knows, tells what happened. A dialog without a commit step leaves before its first key.
 */
export async function runDialog(parts: DialogRunParts): Promise<DialogEnd> {
  return new DialogRun(parts).run();
}

class DialogRun {
  readonly #parts: DialogRunParts;
  readonly #commits: boolean;
  /** A read that has pressed a key, or a commit whose key may have left: what follows without an answer is unknown. */
  #mayHaveHappened = false;
  #confirmed = false;

  constructor(parts: DialogRunParts) {
    this.#parts = parts;
    this.#commits = parts.dialog.steps.some(({ commit }) => commit === true);
  }

  async run(): Promise<DialogEnd> {
    try {
      const answer = await this.#walkThrough();
      return { outcome: { end: 'answer', answer }, broken: this.#locked() };
    } catch (thrown) {
      if (thrown instanceof Ended) {
        const { outcome, astray } = thrown;
        return { outcome, broken: astray && 'error' in outcome ? outcome.error : null };
      }
      const error = asGatehouseError(thrown);
      const doubtful = error.code === 'UNREACHABLE' || (this.#commits && this.#mayHaveHappened && !this.#confirmed);
      return { outcome: this.#failed(error), broken: doubtful ? error : null };
    }
  }

  /** The confirmation was seen although the keyboard did not come back: no key can bring this session home. */
  #locked(): GatehouseError | null {
    const { system, call, walk } = this.#parts;
    if (walk.screen.lock === 'unlocked') return null;
    return new GatehouseError('SCREEN_UNEXPECTED', `${system}: after ${call} the keyboard stays locked`);
  }

  async #walkThrough(): Promise<Json> {
    const { plan, walk } = this.#parts;
    const answer: Record<string, Json> = {};
    let { map, screen } = this.#one(walk.standing() ?? (await walk.arrive()), 'its start', [plan[0]?.step.on.name ?? 'home']);
    if (!this.#commits) {
      await this.#leave();
      this.#mayHaveHappened = true;
    }
    for (const [at, planned] of plan.entries()) {
      const { step, number } = planned;
      if (step.on !== map) {
        if (step.sometimes === true) continue;
        this.#astray(map, screen, at);
      }
      this.#parts.mark({ step: number, map: map.name });
      for (const name of step.read ?? []) answer[name] = await this.#read(map, name, walk.screen);
      for (const [name, value] of planned.shows) this.#mustShow(map, name, this.#shown(value));
      if (planned.values.size > 0)
        await walk.fill(map, new Map<string, string | Secret>([...planned.values].map(([name, value]) => [name, this.#shown(value)])));
      if (step.press === undefined) continue;
      const before = step.commit === true ? await this.#commit(planned) : await walk.press(step.press);
      ({ map, screen } = this.#ruled(await this.#arrive(before, map, at), at));
      if (step.commit === true && map === plan[at + 1]?.step.on) {
        this.#confirmed = true;
        this.#parts.mark({ confirmed: map.name });
      }
    }
    return answer;
  }

  /** Everything is typed; the journal knows; the screen is still the one: then the key. */
  async #commit({ step, number }: PlannedStep): Promise<Screen> {
    const { system, call, walk } = this.#parts;
    if (!(await walk.stands(step.on))) throw this.#interrupted(step.on, number, 'before it left');
    await this.#leave();
    if (!(await walk.stands(step.on))) throw this.#interrupted(step.on, number, 'while it was written down');
    this.#parts.keyLeft();
    this.#parts.mark({ commit: number });
    try {
      const before = await walk.press(step.press as NonNullable<typeof step.press>);
      this.#mayHaveHappened = true;
      return before;
    } catch (error) {
      if (!this.#parts.keyLeft()) throw error;
      throw new Ended(
        {
          end: 'unknown',
          error: new GatehouseError('NO_ANSWER', `${system}: the commit key of ${call} may have been sent: ${(error as Error).message}`, {
            cause: error,
          }),
        },
        true,
      );
    }
  }

  async #leave(): Promise<void> {
    try {
      await this.#parts.leave();
    } catch (error) {
      throw new Ended({ end: 'not sent', error: asGatehouseError(error) }, false);
    }
  }

  #interrupted(map: ScreenMap, number: number, when: string): Ended {
    const { system, call } = this.#parts;
    const error = new GatehouseError(
      'NOT_EXECUTED',
      `${system}: something came over '${map.name}' in step ${number} of ${call} ${when}; its key was not pressed`,
    );
    return new Ended({ end: 'not sent', error }, false);
  }

  /** Where the key led. The screen on which it was pressed is no answer, unless a rule reads one on it or the next step is on it. */
  #arrive(before: Screen, origin: ScreenMap, at: number): Promise<Arrival> {
    const { walk, dialog } = this.#parts;
    const expected = this.#expectedAfter(at);
    const notYet = (map: ScreenMap, screen: Screen): boolean =>
      map === origin && expected.length > 0 && !expected.includes(map.name) && ruleFor(dialog.refusals ?? [], map, screen) === null;
    return walk.arrive(before, { notYet });
  }

  #expectedAfter(at: number): string[] {
    const names: string[] = [];
    for (const { step } of this.#parts.plan.slice(at + 1)) {
      names.push(step.on.name);
      if (step.sometimes !== true) break;
    }
    return names;
  }

  /** The map of the arrival, unless it is a refusal or a loss. */
  #ruled(arrival: Arrival, at: number): { map: ScreenMap; screen: Screen } {
    const { plan, dialog, system, call } = this.#parts;
    const planned = plan[at] as PlannedStep;
    const { recognised, screen, end, changed } = arrival;
    const found =
      recognised.is === 'one' && (end === 'met' || (end === 'timeout' && changed)) ? ruleFor(dialog.refusals ?? [], recognised.map, screen) : null;
    if (found !== null) {
      const { means } = found.rule;
      this.#parts.mark({ refused: typeof means === 'object' ? means.refusal : means });
      if (typeof means === 'object') throw new Ended({ end: 'answer', answer: { refused: means.refusal, reason: found.reason } }, false);
      const code = means === 'not executed' ? 'NOT_EXECUTED' : means === 'credentials' ? 'CREDENTIALS_REFUSED' : 'NO_SESSION';
      throw new Ended(
        { end: 'not sent', error: new GatehouseError(code, `${system}: ${call} was turned down after step ${planned.number}: ${means}`) },
        false,
      );
    }
    const expected = this.#expectedAfter(at);
    const after = `step ${planned.number} on '${planned.step.on.name}'`;
    // All is read: where the last key led is seen to on the way home.
    if (expected.length === 0) return { map: planned.step.on, screen };
    // The confirmation stands, although the keyboard is locked or a clock goes on: it was seen, and it was not there before.
    if (planned.step.commit === true && end === 'timeout' && changed && recognised.is === 'one' && expected.includes(recognised.map.name))
      return { map: recognised.map, screen };
    return this.#one(arrival, after, expected);
  }

  #one(arrival: Arrival, after: string, expected: readonly string[]): { map: ScreenMap; screen: Screen } {
    const { recognised, end, screen } = arrival;
    if (end === 'met' && recognised.is === 'one' && (expected.length === 0 || expected.includes(recognised.map.name)))
      return { map: recognised.map, screen };
    const { system, call } = this.#parts;
    const error = lost({ system, doing: call, after, expected }, arrival, this.#mayHaveHappened);
    const known = end === 'met' && recognised.is === 'one';
    throw new Ended(this.#failed(error), !known || (this.#commits && this.#mayHaveHappened));
  }

  #astray(map: ScreenMap, screen: Screen, at: number): never {
    const { system, call, plan } = this.#parts;
    const arrival: Arrival = { end: 'met', why: '', screen, recognised: { is: 'one', map }, changed: true, afterMs: 0 };
    const expected = [plan[at]?.step.on.name ?? 'home'];
    throw new Ended(
      this.#failed(lost({ system, doing: call, after: `step ${plan[at - 1]?.number ?? 0}`, expected }, arrival, this.#mayHaveHappened)),
      false,
    );
  }

  /** What a failure means now. What was confirmed and cannot be read is not undone by that. */
  #failed(error: GatehouseError): Outcome {
    const turnedDown = error.code === 'CALL_REFUSED_ARGUMENTS' && !this.#confirmed;
    if (!this.#mayHaveHappened || (turnedDown && !this.#commits)) return { end: 'not sent', error };
    const code = error.code === 'UNREACHABLE' ? 'NO_ANSWER' : error.code;
    return { end: 'unknown', error: code === error.code ? error : new GatehouseError(code, error.message, { cause: error }) };
  }

  #shown(value: string | SettingReference): string {
    return typeof value === 'string' ? value : this.#parts.user;
  }

  #mustShow(map: ScreenMap, name: string, wanted: string): void {
    const { system, call, walk } = this.#parts;
    const at = (map.outputs ?? {})[name]?.at;
    const shown = at === undefined ? '' : walk.screen.text(at).trim();
    if (shown.toUpperCase() !== wanted.trim().toUpperCase())
      throw new GatehouseError(
        'SCREEN_UNEXPECTED',
        `${system}: '${name}' on '${map.name}' does not show what ${call} was told; its key was not pressed`,
      );
  }

  async #read(map: ScreenMap, name: string, screen: Screen): Promise<Json> {
    const output = (map.outputs ?? {})[name];
    if (output === undefined) return this.#readPages(map, name, (map.tables ?? {})[name] as TableLayout);
    const read = readOutput(output, screen);
    if ('wrong' in read) throw this.#unreadable(map, `'${name}' ${read.wrong}`);
    return read.value;
  }

  /** All pages of a table, from the one that stands. */
  async #readPages(map: ScreenMap, name: string, table: TableLayout): Promise<Json> {
    const { walk } = this.#parts;
    const { pages } = table;
    const rows: TableRow[] = [];
    for (let page = 1; ; page += 1) {
      const { screen } = walk;
      const read = readRows(table, screen);
      if ('wrong' in read) throw this.#unreadable(map, `'${name}': ${read.wrong}, on page ${page}`);
      rows.push(...read.rows);
      if (pages === undefined || (pages.last !== 'same page' && missing({ name, anchors: [pages.last] }, screen) === null)) return rows;
      if (page >= pages.most) throw this.#unreadable(map, `'${name}' has more than ${pages.most} pages`);
      const before = await walk.press(pages.next);
      const arrival = await walk.arrive(before, pages.last === 'same page' ? { same: { map, afterMs: samePageMs } } : {});
      // The last page comes again, or the host says so on a line that changes.
      if (pages.last === 'same page' && this.#samePage(arrival, map, table, screen)) return rows;
      this.#one(arrival, `page ${page} of '${name}' on '${map.name}'`, [map.name]);
    }
  }

  #samePage({ recognised, screen, end }: Arrival, map: ScreenMap, table: TableLayout, before: Screen): boolean {
    if (end === 'disconnected' || recognised.is !== 'one' || recognised.map !== map) return false;
    const columns = Object.values(table.columns);
    const rows = Array.from({ length: table.rows }, (_, n) => table.row + n);
    return rows.every((row) => columns.every(({ column, width }) => screen.text({ row, column, width }) === before.text({ row, column, width })));
  }

  #unreadable(map: ScreenMap, what: string): GatehouseError {
    const { system, call } = this.#parts;
    return new GatehouseError('ANSWER_INVALID', `${system}: the screen '${map.name}' cannot be read for ${call}: ${what}`);
  }
}
