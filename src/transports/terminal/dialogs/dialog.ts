import { type Refusal } from '../../../contract/calls.ts';
import { type Key } from '../keys.ts';
import { type Readable, type ReadValue, type ScreenMap } from '../maps/screen-map.ts';
import { type ArgumentsIn, type Fill, type Fills, type Together } from './fill.ts';
import { type CodesOf, type ScreenRule } from './rule.ts';

/** One screen of a dialog: what is read on it, checked, typed and pressed, in this order. */
export interface Step {
  readonly on: ScreenMap;
  /** The screen may be left out by the host. */
  readonly sometimes?: true;
  /** Only done when the call brings this argument; otherwise the host does not show the screen. */
  readonly given?: string;
  /** Outputs and tables that go into the answer. */
  readonly read?: readonly string[];
  /** Outputs that must show a value before anything is typed or pressed: that the host has understood what it was told. */
  readonly shows?: Readonly<Record<string, Fill>>;
  readonly fill?: Readonly<Record<string, Fill>>;
  /** Not needed on the last screen. */
  readonly press?: Key;
  /** The key has the effect. The screen after it is the confirmation: nothing else proves that it happened. */
  readonly commit?: true;
}

/** What the types need to know of a step; there is nothing of it at run time. */
export interface TypedStep<Arguments, Reads> extends Step {
  readonly $types?: { readonly arguments: Arguments; readonly reads: Reads };
}

interface Does<M extends ScreenMap, F, R> {
  readonly sometimes?: true;
  readonly given?: string;
  readonly read?: R;
  readonly shows?: { readonly [N in keyof NonNullable<M['outputs']>]?: Fill };
  readonly fill?: F;
  readonly press?: Key;
  readonly commit?: true;
}

type ReadsIn<M extends ScreenMap, R> = R extends readonly (infer N)[] ? { readonly [K in N & string]: ReadValue<M, K> } : unknown;

/**
 * A step on this screen.
 * @example on(form, { fill: { sku: from('sku'), quantity: from('quantity') }, press: 'enter' })
 */
export const on = <M extends ScreenMap, const F extends Fills<M> = Record<never, never>, const R extends readonly Readable<M>[] = readonly []>(
  map: M,
  does: Does<M, F & { readonly [N in Exclude<keyof F, keyof NonNullable<M['inputs']>>]: never }, R>,
): TypedStep<ArgumentsIn<M, F>, ReadsIn<M, R>> => ({ ...(does as Omit<Step, 'on'>), on: map });

export interface DialogParts {
  readonly steps: readonly [Step, ...Step[]];
  readonly refusals?: readonly ScreenRule[];
}

export interface Dialog<Arguments = unknown, Answer = unknown> extends DialogParts {
  readonly $types?: { readonly arguments: Arguments; readonly answer: Answer };
}

type Flat<T> = T extends object ? { [K in keyof T]: T[K] } : T;
type TypesOf<S, Which extends 'arguments' | 'reads'> = S extends readonly (infer Each)[]
  ? Each extends TypedStep<infer A, infer R>
    ? [Which extends 'arguments' ? A : R]
    : never
  : never;
type Boxed<U> = U extends [infer T] ? (unknown extends T ? never : T) : never;
type AllOf<S, Which extends 'arguments' | 'reads'> = Flat<Together<Boxed<TypesOf<S, Which>>> & object>;

type Refused<Rules> = [CodesOf<Rules>] extends [never] ? never : Refusal<CodesOf<Rules>>;

/**
 * A call that a terminal carries out: from home, screen by screen, to an answer, and home again by the `back` of each map. Arguments and
 * answer are those of its steps.
 * @example
 * const reserve = dialog({
 *   steps: [
 *     on(menu, { fill: { choice: '2' }, press: 'enter' }),
 *     on(form, { fill: { ref: from('ref'), sku: from('sku'), quantity: from('quantity') }, press: 'enter' }),
 *     on(confirm, { shows: { ref: from('ref') }, press: 'f6', commit: true }),
 *     on(reserved, { read: ['number'] }),
 *   ],
 *   refusals: [rule({ on: form, at: messageLine, begins: 'SR-033', means: { refusal: 'TOO_FEW' } })],
 * });
 */
export const dialog = <const S extends readonly [Step, ...Step[]], const Rules extends readonly ScreenRule[] = readonly []>(parts: {
  readonly steps: S;
  readonly refusals?: Rules;
}): Dialog<AllOf<S, 'arguments'>, AllOf<S, 'reads'> | Refused<Rules>> => parts;

export const commitStepOf = ({ steps }: DialogParts): Step | undefined => steps.find(({ commit }) => commit === true);
