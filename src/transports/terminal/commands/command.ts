import { type Refusal } from '../../../contract/calls.ts';
import { type Argument, type OptionalArgument, type Together } from '../dialogs/fill.ts';

/** A word of a command line: a constant, an argument of the call, or several of both written together. */
export type Word = string | Argument | OptionalArgument | readonly (string | Argument)[];

/** What an exit code means; one that is not named is ambiguous, but for 0, which is an answer. */
export type ExitMeaning<Code extends string = string> = 'answer' | 'not executed' | { readonly refusal: Code };

export interface CommandParts<W = readonly Word[], E = Readonly<Record<number, ExitMeaning>>> {
  /** Path of the program; nothing of it comes from a call. */
  readonly program: string;
  readonly arguments?: W;
  /** The argument that the program reads. */
  readonly stdin?: Argument;
  readonly exits?: E;
  /** Most bytes of what the program says. More is no answer. Default 65,536. */
  readonly maxBytes?: number;
}

export interface Command<Arguments = unknown, Answer = unknown> extends CommandParts {
  readonly $types?: { readonly arguments: Arguments; readonly answer: Answer };
}

/** What a program said, and its exit code. */
export interface CommandAnswer {
  readonly code: number;
  /** Standard output as UTF-8, without the newline at its end. */
  readonly output: string;
}

type NamesIn<W> =
  W extends OptionalArgument<infer N>
    ? { readonly [K in N]?: string | null }
    : W extends Argument<infer N>
      ? { readonly [K in N]: string }
      : W extends readonly (infer Each)[]
        ? NamesInEach<Each>
        : never;
type NamesInEach<W> = W extends Argument<infer N> ? { readonly [K in N]: string } : never;
type Each<W> = W extends readonly (infer One)[] ? One : never;
type RefusalsIn<E> = E[keyof E] extends infer M ? (M extends { readonly refusal: infer Code extends string } ? Refusal<Code> : never) : never;
type Flat<T> = { [K in keyof T]: T[K] };

/**
 * A program that is run over SSH without a terminal. Arguments reach it as they are, whatever they hold; one that begins with a dash is
 * refused, since a program would take it for an option.
 * @example command({ program: '/opt/stock/bin/recount', arguments: ['--sku', from('sku')], exits: { 3: { refusal: 'UNKNOWN_SKU' }, 75: 'not executed' } })
 */
export const command = <
  const W extends readonly Word[] = readonly [],
  const S extends Argument = never,
  const E extends Readonly<Record<number, ExitMeaning>> = Record<never, never>,
>(
  parts: CommandParts<W, E> & { readonly stdin?: S },
): Command<Flat<Together<NamesIn<Each<W>> | NamesIn<S>> & object>, CommandAnswer | RefusalsIn<E>> => parts as Command<never, never>;
