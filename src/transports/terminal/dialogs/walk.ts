import { type Clock } from '../../../contract/clock.ts';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Json } from '../../../contract/json.ts';
import { type Secret } from '../../../contract/secret.ts';
import { type Key } from '../keys.ts';
import { type Atlas, type Recognised } from '../maps/atlas.ts';
import { type MapInput, type ScreenMap } from '../maps/screen-map.ts';
import { describePlace, within } from '../screen/place.ts';
import { type Screen } from '../screen/screen.ts';
import { type TerminalSession } from '../terminal.driver.ts';
import { type Condition, type WaitResult } from '../wait.ts';
import { inputOf } from './plan.ts';

export interface WalkParts {
  readonly system: string;
  /** What is being done, for messages: the call's name, `the log-in`. */
  readonly doing: string;
  readonly session: TerminalSession;
  readonly atlas: Atlas;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Longest time for the host to show a known screen after a key, ms. */
  readonly screenTimeoutMs: number;
  readonly echoTimeoutMs: number;
  readonly keyboard: 'vt' | '3270';
  /** For the film: never a payload. */
  mark(marker: Json): void;
}

/** Where a key, or patience, has led. */
export interface Arrival {
  /** `met`: one or several maps stand, settled and unlocked. */
  readonly end: WaitResult['end'];
  readonly why: string;
  readonly screen: Screen;
  readonly recognised: Recognised;
  /** Whether anything has changed since the key. */
  readonly changed: boolean;
  readonly afterMs: number;
}

/** What an arrival is waited for beyond the next known screen. */
interface Patience {
  readonly notYet?: (map: ScreenMap, screen: Screen) => boolean;
  readonly same?: { readonly map: ScreenMap; readonly afterMs: number };
}

/** More than that, one after the other, and nobody reads them any more. */
const mostInterstitials = 10;

/** Goes from screen to screen of a session: types, presses, waits, answers interstitials. Decides nothing about what it finds. */
export class Walk {
  readonly #parts: WalkParts;
  #interstitials = 0;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  get screen(): Screen {
    return this.#parts.session.screen();
  }

  /** Where it stands, when one map is recognised and nothing has to be waited for. */
  standing(): Arrival | null {
    const { screen } = this;
    const recognised = this.#parts.atlas.recognise(screen);
    if (recognised.is !== 'one' || recognised.map.kind === 'interstitial' || screen.lock !== 'unlocked') return null;
    return { end: 'met', why: 'it stands', screen, recognised, changed: true, afterMs: 0 };
  }

  /**
   * Waits for a known screen. `before` is that from before the key, if there was one. A screen that is `notYet` an answer is waited out: the
   * host still shows where the key was pressed. `same`: this map counts, too, when it has stood unchanged for so long.
   * @throws GatehouseError SCREEN_UNEXPECTED for a tenth interstitial and more, UNREACHABLE when one could not be answered
   */
  async arrive(before?: Screen, { notYet = () => false, same }: Patience = {}): Promise<Arrival> {
    const { session, atlas, clock, signal, screenTimeoutMs } = this.#parts;
    const startedMs = clock.monotonicMs();
    const unchanged = same === undefined ? [] : [{ ...atlas.standing(same.map), settledMs: same.afterMs }];
    let from = before;
    for (;;) {
      const leftMs = Math.max(1, screenTimeoutMs - (clock.monotonicMs() - startedMs));
      const { end, why, screen } = await session.wait([...atlas.arrivals(from), ...unchanged], leftMs, signal);
      const recognised = atlas.recognise(screen);
      this.#parts.mark({
        recognised: recognised.is === 'one' ? recognised.map.name : recognised.is === 'several' ? recognised.maps.map(({ name }) => name) : null,
      });
      if (end === 'met' && recognised.is === 'one') {
        if (recognised.map.kind === 'interstitial') {
          from = await this.#answered(recognised.map, screen);
          continue;
        }
        if (notYet(recognised.map, screen)) {
          from = screen;
          continue;
        }
      }
      const changed = before === undefined || !screen.looksLike(before, recognised.is === 'one' ? recognised.map.volatile : undefined);
      return { end, why, screen, recognised, changed, afterMs: Math.round(clock.monotonicMs() - startedMs) };
    }
  }

  /** @throws GatehouseError as `TerminalSession.press`; the screen from before the key */
  async press(key: Key): Promise<Screen> {
    const before = this.screen;
    await this.#parts.session.press(key);
    return before;
  }

  /**
   * Types the values into the inputs of the map, in the map's order. What is typed is read back; when something came between, it is all
   * typed once more.
   * @throws GatehouseError CALL_REFUSED_ARGUMENTS, SCREEN_UNEXPECTED, UNREACHABLE: no key was pressed that the host acts on
   */
  async fill(map: ScreenMap, values: ReadonlyMap<string, string | Secret>): Promise<void> {
    try {
      await this.#typeAll(map, values);
    } catch (error) {
      if (!isUnexpected(error) || !(await this.#backOn(map))) throw this.#inTime(error, map);
      await this.#typeAll(map, values).catch((again: unknown) => {
        throw this.#inTime(again, map);
      });
    }
  }

  /** Once nobody waits any more, what a screen does not show yet says nothing against the screen. */
  #inTime(error: unknown, map: ScreenMap): unknown {
    const { signal, system, doing } = this.#parts;
    if (!signal.aborted || !isUnexpected(error)) return error;
    return new GatehouseError('UNREACHABLE', `${system}: the time of ${doing} was over before all was typed on '${map.name}'`, { cause: error });
  }

  /** Whether the map stands and nothing lies over it, now. */
  async stands(map: ScreenMap): Promise<boolean> {
    const { session, atlas, echoTimeoutMs, signal } = this.#parts;
    const { end, screen } = await session.wait(atlas.standing(map), echoTimeoutMs, signal);
    const recognised = atlas.recognise(screen);
    return end === 'met' && recognised.is === 'one' && recognised.map === map;
  }

  async #typeAll(map: ScreenMap, values: ReadonlyMap<string, string | Secret>): Promise<void> {
    for (const name of Object.keys(map.inputs ?? {})) {
      const value = values.get(name);
      if (value === undefined) continue;
      if (this.#parts.keyboard === 'vt') await this.#reach(map, name);
      await this.#parts.session.type(value, inputOf(map, name));
    }
  }

  /** A message that lay over the screen swallowed what was typed: answered, the screen stands again. */
  async #backOn(map: ScreenMap): Promise<boolean> {
    if (!this.#parts.session.connected) return false;
    const { recognised, end } = await this.arrive();
    return end === 'met' && recognised.is === 'one' && recognised.map === map;
  }

  async #answered(map: ScreenMap, screen: Screen): Promise<Screen> {
    this.#interstitials += 1;
    const { system, doing } = this.#parts;
    if (this.#interstitials > mostInterstitials)
      throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${doing} met '${map.name}' and others like it more than ${mostInterstitials} times`);
    this.#parts.mark({ interstitial: map.name, count: this.#interstitials });
    return map.back === undefined ? screen : this.press(map.back);
  }

  /** Brings the cursor to an input, by as many keys as lie between. */
  async #reach(map: ScreenMap, name: string): Promise<void> {
    const { session, system, doing } = this.#parts;
    const ring = Object.entries(map.inputs ?? {});
    for (let moves = 0; moves <= ring.length; moves += 1) {
      const here = inputAt(ring, this.screen);
      if (here === name) return;
      const next = ring[(ring.findIndex(([each]) => each === here) + 1) % ring.length];
      if (here === null || next === undefined) {
        const { cursor } = this.screen;
        throw new GatehouseError(
          'SCREEN_UNEXPECTED',
          `${system}: ${doing} finds the cursor at ${describePlace(cursor)}, in no input of '${map.name}'`,
        );
      }
      await session.press(map.nextInput ?? 'tab');
      const { end, why } = await session.wait(this.#in(map, next[1]), this.#parts.echoTimeoutMs, this.#parts.signal);
      if (end !== 'met') throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${doing} cannot go to '${next[0]}' on '${map.name}': ${why}`);
    }
    throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: ${doing} does not come to '${name}' on '${map.name}' by '${map.nextInput ?? 'tab'}'`);
  }

  #in(map: ScreenMap, { at, width }: MapInput): Condition {
    return { ...this.#parts.atlas.standing(map), cursor: { ...at, width: width + 1 } };
  }
}

const isUnexpected = (error: unknown): error is GatehouseError => error instanceof GatehouseError && error.code === 'SCREEN_UNEXPECTED';

/** The input in which the cursor is, or behind whose last cell; one that begins there is meant first. */
function inputAt(ring: readonly (readonly [string, MapInput])[], { cursor, columns }: Screen): string | null {
  const begins = ring.find(([, { at }]) => at.row === cursor.row && at.column === cursor.column);
  const holds = ring.find(([, { at, width }]) => within(cursor, { ...at, width: width + 1 }, columns));
  return (begins ?? holds)?.[0] ?? null;
}
