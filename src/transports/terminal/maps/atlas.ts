import { type Screen } from '../screen/screen.ts';
import { type Condition, missing } from '../wait.ts';
import { type ScreenMap } from './screen-map.ts';

/** What a screen is recognised as. Several maps that fit one screen are no recognition. */
export type Recognised =
  { readonly is: 'one'; readonly map: ScreenMap } | { readonly is: 'none' } | { readonly is: 'several'; readonly maps: readonly ScreenMap[] };

/** What may lie over others is looked for first. */
export const rankOf = ({ kind }: ScreenMap): number => (kind === 'interstitial' ? 2 : kind === 'error' ? 1 : 0);

/** All screen maps of one host. */
export class Atlas {
  readonly #maps: readonly ScreenMap[];
  readonly #conditions: readonly Condition[];

  /** `settledMs`: of the maps that do not say it themselves. */
  constructor(maps: readonly ScreenMap[], settledMs: number) {
    this.#maps = maps;
    this.#conditions = maps.map((map) => ({
      name: map.name,
      anchors: map.anchors,
      settledMs: map.settledMs ?? settledMs,
      ...(map.absent === undefined ? {} : { absent: map.absent }),
      ...(map.cursor === undefined ? {} : { cursor: map.cursor }),
      ...(map.volatile === undefined ? {} : { volatile: map.volatile }),
    }));
  }

  /** Cursor and lock do not matter: what is typed moves the one, and a key the other. */
  recognise(screen: Screen): Recognised {
    const fitting = this.#maps.filter((map) => fits(map, screen));
    const rank = Math.max(...fitting.map(rankOf));
    const [map, ...others] = fitting.filter((each) => rankOf(each) === rank);
    if (map === undefined) return { is: 'none' };
    return others.length === 0 ? { is: 'one', map } : { is: 'several', maps: [map, ...others] };
  }

  /** What a wait may end at: every map. After a key only a screen that has changed counts. */
  arrivals(changedFrom?: Screen): readonly Condition[] {
    return changedFrom === undefined ? this.#conditions : this.#conditions.map((condition) => ({ ...condition, changedFrom }));
  }

  /** That this map stands now: no time to settle. */
  standing(map: ScreenMap): Condition {
    const { name, anchors, absent, volatile } = map;
    return { name, anchors, ...(absent === undefined ? {} : { absent }), ...(volatile === undefined ? {} : { volatile }) };
  }
}

/** Whether the map's anchors stand, and none of its anti-anchors. */
export function fits({ name, anchors, absent = [] }: ScreenMap, screen: Screen): boolean {
  const seen = screen.lock === 'disconnected' ? screen.locked('unlocked') : screen;
  return missing({ name, anchors, absent, whileLocked: true }, seen) === null;
}
