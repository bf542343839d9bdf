import { type Json } from './json.ts';

/** What a native call does to the system, said once beside its layout. */
export type Effect = 'read' | 'repeatable' | 'once';

/** One native call in the type of a system's contract: `interface Crm { FindOrder: Call<Find, Found> }`. */
export interface Call<Arguments, Answer> {
  readonly arguments: Arguments;
  readonly answer: Answer;
}

/** A business refusal as an answer: the system understood and said no. Declared in the fault table of a layout. */
export interface Refusal<RefusalCode extends string = string, Detail = Json> {
  readonly refused: RefusalCode;
  /** The words of the system. */
  readonly reason: string;
  /** What the system said beside them, where the layout can read it. */
  readonly detail?: Detail;
}

export function isRefusal<A>(answer: A): answer is Extract<A, Refusal> {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

export type ProbeVerdict<Answer> =
  | { readonly verdict: 'happened'; readonly answer: Answer }
  | { readonly verdict: 'didNot' }
  | { readonly verdict: 'cannotTell'; readonly reason?: string };

/** The effect happened: this is the answer the lost one would have been. */
export const happened = <Answer>(answer: Answer): ProbeVerdict<Answer> => ({ verdict: 'happened', answer });
/** The effect did not happen. Counts only after the call's deadline and the system's settle time. */
export const didNot: ProbeVerdict<never> = { verdict: 'didNot' };
/** A person must look. */
export const cannotTell = (reason?: string): ProbeVerdict<never> =>
  reason === undefined ? { verdict: 'cannotTell' } : { verdict: 'cannotTell', reason };

/** What a probe may do: make calls declared `read()`. Any other call is a defect. */
export interface Reads<C> {
  call<K extends keyof C & string>(
    name: K,
    args: C[K] extends Call<infer A, infer _> ? A : never,
  ): Promise<C[K] extends Call<infer _, infer R> ? R : never>;
}

/** Asks the system whether the request that left has happened. Only after an interruption. */
export type Probe<Arguments, Answer, C> = (request: Arguments, system: Reads<C>) => Promise<ProbeVerdict<Answer>>;

export interface CallDeclaration<Arguments = never, Answer = unknown, C = never> {
  readonly effect: Effect;
  /** Which transport of the adapter carries it; not needed when there is one. */
  readonly over?: string;
  /** Longest time to the answer, ms; the system's `callTimeoutMs` otherwise. */
  readonly timeoutMs?: number;
  readonly probe?: Probe<Arguments, Answer, C>;
}

/** Every call of a native contract with its effect: a call that is missing here does not compile. */
export type Calls<C> = {
  readonly [K in keyof C]: C[K] extends Call<infer A, infer R> ? CallDeclaration<A, R, C> : never;
};

type Options = { over?: string; timeoutMs?: number };
type Unprobed = Omit<CallDeclaration, 'probe'> & { readonly probe?: undefined };

/** Changes nothing: may be asked again at any time. */
export const read = (options: Options = {}): Unprobed => ({ ...options, effect: 'read' });

/** Has an effect that is the same when it happens twice. Called again after an interruption. */
export const repeatable = (options: Options = {}): Unprobed => ({ ...options, effect: 'repeatable' });

/**
 * Must happen once. After an interruption the probe decides; without a probe the translation is parked in doubt.
 * @example CreateOrder: once({ probe: async (request, crm) => { const found = await crm.call('FindOrder', …); … } })
 */
export const once = <A = never, R = never, C = never>(options: Options & { probe?: Probe<A, R, C> } = {}): CallDeclaration<A, R, C> => ({
  ...options,
  effect: 'once',
});

/** Declarations as the gateway reads them, their types erased. */
export type AnyCall = Omit<CallDeclaration, 'probe'> & { readonly probe?: Probe<Json, Json, Record<string, Call<Json, Json>>> };
