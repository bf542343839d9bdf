import { GatehouseError } from '../../contract/errors.ts';
import { describePlace, type Place, type Region, within } from './screen/place.ts';
import { type Screen } from './screen/screen.ts';
import { type Style } from './screen/style.ts';

/** Text that tells a screen: exactly at a place, or anywhere within a region; with `style` only where each of its cells looks like that. */
export type Anchor = ({ readonly text: string; readonly at: Place } | { readonly text: string; readonly within: Region }) & {
  readonly style?: Partial<Style>;
};

/**
 * When a screen is the one that is waited for: its anchors stand, the cursor is where it belongs, the keyboard is unlocked and, if
 * asked, nothing but the volatile regions has changed for a while. That the host was quiet is no condition of its own: a clock repaints
 * for ever, and a slow host is quiet too early.
 */
export interface Condition {
  /** Names it in the result. */
  readonly name: string;
  readonly anchors: readonly [Anchor, ...Anchor[]];
  /** None of them may stand. */
  readonly absent?: readonly Anchor[];
  readonly cursor?: Place | Region;
  /** Milliseconds without a change outside the volatile regions, after everything else is met. */
  readonly settledMs?: number;
  /** Clocks, counters, spinners. */
  readonly volatile?: readonly Region[];
  /** For a screen that leaves the keyboard locked. Its anchors must not stand on the screen before, which still shows until the host answers. */
  readonly whileLocked?: true;
  /** The screen from before a key: met only by one that looks different outside the volatile regions. */
  readonly changedFrom?: Screen;
}

/** Why a wait ended, in full. */
export interface WaitResult {
  readonly end: 'met' | 'timeout' | 'disconnected';
  /** The name of the condition that is met. */
  readonly condition?: string;
  /** For a person: what is met, or what each condition still misses, or why the session ended. */
  readonly why: string;
  readonly afterMs: number;
  readonly screen: Screen;
  /** Of the screen, the volatile regions of the condition masked. */
  readonly hash: string;
}

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS when a condition could be met by any screen, or by none */
function checkConditions(conditions: readonly Condition[], screen: Screen): void {
  if (conditions.length === 0) throw refused('a wait without a condition');
  for (const { name, anchors, absent = [], cursor, settledMs = 0 } of conditions) {
    if (anchors.length === 0) throw refused(`the condition '${name}' has no anchor: quiet alone proves nothing`);
    if (!(settledMs >= 0)) throw refused(`the condition '${name}' has a settledMs of ${settledMs}`);
    for (const anchor of [...anchors, ...absent]) {
      const place = 'at' in anchor ? anchor.at : anchor.within;
      if (anchor.text.trim() === '') throw refused(`the condition '${name}' has a blank anchor`);
      if (!within(place, { row: 1, column: 1, height: screen.rows }, screen.columns))
        throw refused(
          `the condition '${name}' looks at ${describePlace(place)}, and the screen has ${screen.rows} rows and ${screen.columns} columns`,
        );
    }
    if (cursor !== undefined && !within(cursor, { row: 1, column: 1, height: screen.rows }, screen.columns))
      throw refused(
        `the condition '${name}' wants the cursor at ${describePlace(cursor)}, and the screen has ${screen.rows} rows and ${screen.columns} columns`,
      );
  }
}

const refused = (what: string): GatehouseError => new GatehouseError('CALL_REFUSED_ARGUMENTS', `terminal: ${what}`);

/** What the condition still misses on this screen, for a person; null when it misses nothing. */
export function missing(condition: Condition, screen: Screen): string | null {
  if (screen.lock === 'disconnected') return 'the session has ended';
  for (const anchor of condition.anchors) if (!stands(anchor, screen)) return `'${anchor.text}' is not ${whereOf(anchor)}`;
  for (const anchor of condition.absent ?? []) if (stands(anchor, screen)) return `'${anchor.text}' is ${whereOf(anchor)}`;
  if (condition.whileLocked !== true && screen.lock !== 'unlocked')
    return screen.lock === 'waiting' ? 'the keyboard is locked, the host is at work' : 'the keyboard is locked by an operator error';
  const { cursor, changedFrom } = condition;
  if (changedFrom !== undefined && screen.looksLike(changedFrom, condition.volatile)) return 'nothing has changed since the key';
  if (cursor !== undefined && !within(screen.cursor, 'width' in cursor || 'height' in cursor ? cursor : { ...cursor, width: 1 }, screen.columns))
    return `the cursor is at ${describePlace(screen.cursor)}, not at ${describePlace(cursor)}`;
  return null;
}

function stands(anchor: Anchor, screen: Screen): boolean {
  const { text, style } = anchor;
  if ('at' in anchor) return screen.shows(text, anchor.at) && looks(screen, anchor.at, text, style);
  if (style === undefined) return screen.find(text, anchor.within) !== null;
  const { row, column, height = 1, width = screen.columns } = anchor.within;
  for (let line = row; line < row + height; line += 1)
    for (let from = column, left = width; left >= text.length;) {
      const found = screen.find(text, { row: line, column: from, width: left });
      if (found === null) break;
      if (looks(screen, found, text, style)) return true;
      left -= found.column + 1 - from;
      from = found.column + 1;
    }
  return false;
}

function looks(screen: Screen, { row, column }: Place, text: string, style: Partial<Style> | undefined): boolean {
  if (style === undefined) return true;
  let seen = 0;
  for (let at = column; at <= screen.columns && seen < text.length; at += 1) {
    const cell = screen.cell(row, at);
    seen += cell.text.length;
    if (cell.text !== '' && Object.entries(style).some(([name, wanted]) => cell.style[name as keyof Style] !== wanted)) return false;
  }
  return true;
}

function whereOf(anchor: Anchor): string {
  if ('at' in anchor) return `at ${describePlace(anchor.at)}`;
  const { row, height = 1 } = anchor.within;
  return height === 1 ? `in row ${row}` : `in rows ${row} to ${row + height - 1}`;
}

/**
 * One wait at work: it is shown every screen and the time, and says when it is over. Pure: the session has the clock and the wire.
 * Times are of the monotonic clock, ms.
 */
export class Waiting {
  readonly #conditions: readonly Condition[];
  readonly #startedMs: number;
  readonly #untilMs: number;
  /** For each condition: since when it has been met, and the screen of then. */
  readonly #since: ({ readonly ms: number; readonly screen: Screen } | null)[];

  /** @throws GatehouseError CALL_REFUSED_ARGUMENTS when a condition is none */
  constructor(until: Condition | readonly Condition[], startedMs: number, withinMs: number, screen: Screen) {
    this.#conditions = 'name' in until ? [until] : until;
    checkConditions(this.#conditions, screen);
    this.#startedMs = startedMs;
    this.#untilMs = startedMs + withinMs;
    this.#since = this.#conditions.map(() => null);
  }

  /** The result, or when to look again at the latest although no screen has come. */
  look(screen: Screen, nowMs: number, endedWhy: string | null): WaitResult | { readonly againMs: number } {
    if (endedWhy !== null || screen.lock === 'disconnected')
      return this.#ended('disconnected', endedWhy ?? 'the host closed the session', screen, nowMs);
    let againMs = this.#untilMs;
    for (const [at, condition] of this.#conditions.entries()) {
      const settledMs = condition.settledMs ?? 0;
      if (missing(condition, screen) !== null) {
        this.#since[at] = null;
        continue;
      }
      const since = this.#since[at] ?? null;
      const same = since !== null && screen.looksLike(since.screen, condition.volatile);
      const met = same ? since : { ms: nowMs, screen };
      this.#since[at] = met;
      if (nowMs - met.ms >= settledMs) {
        const why = `'${condition.name}' is met${settledMs === 0 ? '' : `, and nothing changed for ${settledMs} ms`}`;
        return this.#ended('met', why, screen, nowMs, condition);
      }
      againMs = Math.min(againMs, met.ms + settledMs);
    }
    return nowMs >= this.#untilMs ? this.gaveUp(screen, nowMs, `within ${Math.round(this.#untilMs - this.#startedMs)} ms`) : { againMs };
  }

  /** The result of a wait that nobody waits for any longer. */
  gaveUp(screen: Screen, nowMs: number, how: string): WaitResult {
    const misses = this.#conditions.map(
      (condition) => `'${condition.name}': ${missing(condition, screen) ?? `not settled for ${condition.settledMs} ms`}`,
    );
    return this.#ended('timeout', `not met ${how}: ${misses.join('; ')}`, screen, nowMs);
  }

  #ended(end: WaitResult['end'], why: string, screen: Screen, nowMs: number, condition?: Condition): WaitResult {
    const afterMs = Math.round(nowMs - this.#startedMs);
    const told = { end, why, screen, afterMs, ...(condition === undefined ? {} : { condition: condition.name }) };
    // Reckoned only when somebody looks: it costs as much as a wait.
    let hash: string | null = null;
    return Object.defineProperty(told, 'hash', { enumerable: true, get: () => (hash ??= screen.hash(condition?.volatile)) }) as WaitResult;
  }
}
