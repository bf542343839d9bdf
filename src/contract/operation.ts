import { type Call } from './calls.ts';
import { type EventAttributes } from './event.ts';
import { type Class, type PathOf } from './json.ts';

type ArgumentsOf<C, K extends keyof C> = C[K] extends Call<infer A, infer _> ? A : never;
type AnswerOf<C, K extends keyof C> = C[K] extends Call<infer _, infer R> ? R : never;

/**
 * What an operation holds of its system: the only way out of adapter code.
 * Only answers come back. Whatever else becomes of a call ends the run inside the handle, and its promise never settles.
 */
export interface SystemHandle<C> {
  /** Makes a native call, or returns its recorded answer after an interruption. Answers are plain JSON. */
  call<K extends keyof C & string>(name: K, args: ArgumentsOf<C, K>): Promise<AnswerOf<C, K>>;
  /** Lets at least `ms` milliseconds pass without holding a slot; survives a restart. */
  pause(ms: number): Promise<void>;
  /** The time of the first run of this translation, ISO 8601 in UTC. The same in every run. */
  now(): string;
  /** A UUID derived from the translation and `name`: the same in every run, another in every translation. */
  id(name: string): string;
  /** The context attributes of the event. */
  readonly event: EventAttributes;
}

/** An operation: an event in, native calls, reply events out. `translate` maps and decides; the handle calls. */
export interface Translation<E, C, R> {
  translate(event: E, system: SystemHandle<C>): Promise<R | readonly R[]> | R | readonly R[];
}

export interface OperationOptions<E = object> {
  readonly accepts: Class<E>;
  readonly replies: readonly Class<object>[];
  /** Translations with equal values at this path run one after the other in order of arrival. */
  readonly key?: PathOf<E>;
  /** What people search for: an order number, a patient number. */
  readonly businessKey?: PathOf<E>;
  /** Whether a parked translation lets those behind it go by. Default `hold`. */
  readonly whenParked?: 'hold' | 'pass';
}

type ReplyOf<Rs extends readonly Class<object>[]> = Rs extends readonly [] ? void : InstanceType<Rs[number]>;

/** A property, not a method: so that TypeScript compares the event parameter strictly. */
type Fits<E, R> = { translate: (event: E, system: never) => Promise<R | readonly R[]> | R | readonly R[] };

const operations = new WeakMap<object, OperationOptions<never>>();

/**
 * Declares an operation. A `translate` that takes another event, or returns a reply that is not declared, does not compile.
 * @example \@Operation({ accepts: OrderPlaced, replies: [OrderBooked, OrderRefused], key: 'customerId' })
 */
export function Operation<E extends object, const Rs extends readonly Class<object>[]>(options: {
  accepts: Class<E>;
  replies: Rs;
  key?: PathOf<E>;
  businessKey?: PathOf<E>;
  whenParked?: 'hold' | 'pass';
}): (target: new (...args: never[]) => Fits<E, ReplyOf<Rs>>) => void {
  return (target) => void operations.set(target, options as unknown as OperationOptions<never>);
}

/** @throws TypeError when the class has no `@Operation`. */
export function operationOptionsOf(operation: Class): OperationOptions<never> {
  const options = operations.get(operation);
  if (options === undefined) throw new TypeError(`${operation.name} has no @Operation`);
  return options;
}

/** `BookOrder` → `book-order`: the name of an operation in journal, console and CLI. */
export function operationNameOf(operation: Class): string {
  return operation.name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}
