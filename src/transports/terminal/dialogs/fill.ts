import { type InputValue, type ScreenMap } from '../maps/screen-map.ts';

/** A value that the call brings. */
export interface Argument<Name extends string = string> {
  readonly $argument: Name;
}

/** A value that the call may leave out: then nothing is typed there. */
export interface OptionalArgument<Name extends string = string> {
  readonly $argument: Name;
  readonly $optional: true;
}

/** One of a few values that the call names: what is typed for each. */
export interface ChosenArgument<Name extends string = string, Choices = Readonly<Record<string, string | number>>> {
  readonly $argument: Name;
  readonly $choices: Choices;
}

/** A setting of the system; a password goes into hidden inputs only. */
export interface SettingReference<Name extends 'user' | 'password' = 'user' | 'password'> {
  readonly $setting: Name;
}

export type Fill = string | number | Argument | OptionalArgument | ChosenArgument | SettingReference;

/** The argument of that name, with the type of the input. */
export const from = <const Name extends string>(name: Name): Argument<Name> => ({ $argument: name });

/** The argument of that name, or nothing. */
export const optional = <const Name extends string>(name: Name): OptionalArgument<Name> => ({ $argument: name, $optional: true });

/** @example choice: oneOf('kind', { normal: '1', express: '2' }) */
export const oneOf = <const Name extends string, const Choices extends Readonly<Record<string, string | number>>>(
  name: Name,
  choices: Choices,
): ChosenArgument<Name, Choices> => ({ $argument: name, $choices: choices });

/** `setting('user')`: what the configuration of the system says, never part of a call. */
export const setting = <const Name extends 'user' | 'password'>(name: Name): SettingReference<Name> => ({ $setting: name });

/** What may be filled in on a map. A hidden input takes a setting, any other never the password. */
export type Fills<M extends ScreenMap> = {
  readonly [N in keyof NonNullable<M['inputs']>]?: NonNullable<M['inputs']>[N] extends { readonly hidden: true }
    ? SettingReference<'password'>
    : InputValue<NonNullable<M['inputs']>[N]> | Argument | OptionalArgument | ChosenArgument | SettingReference<'user'>;
};

type ArgumentIn<F, V> =
  F extends ChosenArgument<infer Name, infer Choices>
    ? { readonly [N in Name]: keyof Choices & string }
    : F extends OptionalArgument<infer Name>
      ? { readonly [N in Name]?: V | null }
      : F extends Argument<infer Name>
        ? { readonly [N in Name]: V }
        : never;

export type Together<U> = [U] extends [never] ? unknown : (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never;

/** The arguments that fills of a map ask for. */
export type ArgumentsIn<M extends ScreenMap, F> = Together<
  { [N in keyof F]: N extends keyof NonNullable<M['inputs']> ? ArgumentIn<F[N], InputValue<NonNullable<M['inputs']>[N]>> : never }[keyof F]
>;

export const isArgument = (fill: Fill): fill is Argument | OptionalArgument | ChosenArgument => typeof fill === 'object' && '$argument' in fill;
