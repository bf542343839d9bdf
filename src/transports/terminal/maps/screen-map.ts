import { type Key } from '../keys.ts';
import { type Place, type Region } from '../screen/place.ts';
import { type Anchor } from '../wait.ts';
import { type Rows, type TableLayout } from './table.ts';
import { type ValueOf, type ValueType } from './value.ts';

/**
 * Screen maps say what a host's screens are, as data: how each is recognised, what can be typed where, what can be read where, and how it is
 * left. `Atlas` recognises a screen by them, `readOutputs` reads it, a dialog strings them together.
 *
 * `home` is where every dialog begins and ends; `login` where user and password are asked for; an `interstitial` lies over or in the place
 * of any screen until its key is pressed, or goes by itself; an `error` screen comes instead of what was asked for.
 */
export type MapKind = 'normal' | 'home' | 'login' | 'interstitial' | 'error';

/** Where a value is typed, and what it may be. */
export interface MapInput {
  /** The first cell. */
  readonly at: Place;
  /** Cells. */
  readonly width: number;
  /** Default `text`. `whole` takes a number, `decimal` a text like `-12.50`; both go into numeric fields. */
  readonly type?: 'text' | 'whole' | 'decimal';
  /** Not shown: takes a secret setting, and nothing else. */
  readonly hidden?: true;
  /** `upper`: the host shows small letters as capitals. */
  readonly case?: 'upper';
  /** VT: keys that empty the input before it is typed into: `['ctrl-u']`. A 3270 erases its fields by itself. */
  readonly emptyBy?: readonly Key[];
}

/** What is read where. */
export type MapOutput = ValueType & { readonly at: Region };

export interface ScreenMap {
  /** Names it in messages, recordings and waits: letters, digits, hyphens. */
  readonly name: string;
  /** Default `normal`. Interstitials are looked for before errors, and errors before all others: they may lie over them. */
  readonly kind?: MapKind;
  /** All of them stand. */
  readonly anchors: readonly [Anchor, ...Anchor[]];
  /** None of them stands. */
  readonly absent?: readonly Anchor[];
  /** Where the cursor is when the host has painted all of it. */
  readonly cursor?: Place | Region;
  /** Milliseconds without a change before it is read or typed into; by default 50 on VT, which is painted in pieces, and 0 on 3270. */
  readonly settledMs?: number;
  /** Clocks and counters: what changes here is no change. */
  readonly volatile?: readonly Region[];
  /** All of them on VT, in the order in which `nextInput` goes through them. */
  readonly inputs?: Readonly<Record<string, MapInput>>;
  /** VT: the key from one input to the next. Default `tab`. */
  readonly nextInput?: Key;
  readonly outputs?: Readonly<Record<string, MapOutput>>;
  readonly tables?: Readonly<Record<string, TableLayout>>;
  /** The key that leaves it towards home and commits nothing; what an interstitial is answered with. */
  readonly back?: Key;
}

/** What a fill of this input takes. */
export type InputValue<I> = I extends { readonly hidden: true } ? never : I extends { readonly type: 'whole' } ? number : string;

/** The names of what can be read on a map. */
export type Readable<M extends ScreenMap> = (keyof NonNullable<M['outputs']> | keyof NonNullable<M['tables']>) & string;

/** What reading that name gives. */
export type ReadValue<M extends ScreenMap, N> = N extends keyof NonNullable<M['outputs']>
  ? ValueOf<NonNullable<M['outputs']>[N]>
  : N extends keyof NonNullable<M['tables']>
    ? Rows<NonNullable<M['tables']>[N]>
    : never;

/**
 * One screen of a host. Rows and columns count from 1.
 * @example
 * const menu = screenMap({
 *   name: 'menu', kind: 'home', anchors: [{ text: 'SR10', at: { row: 1, column: 2 } }],
 *   inputs: { choice: { at: { row: 15, column: 27 }, width: 1 } },
 * });
 */
export const screenMap = <const M extends ScreenMap>(map: M): M => Object.freeze(map);
