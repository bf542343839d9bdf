import { type Shape } from './openapi.shapes.ts';

/** What goes in or comes out. */
export interface Content {
  readonly media: string;
  readonly shape?: Shape;
}

export interface Parameter {
  readonly name: string;
  readonly about: string;
  readonly shape?: Shape;
}

/** One route of the gateway, as its controller serves it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put';
  /** With `{name}` for what stands there. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  /** The least role; null: whoever reaches the gateway. */
  readonly role: 'sender' | 'viewer' | 'operator' | 'admin' | null;
  readonly query?: readonly Parameter[];
  readonly headers?: readonly Parameter[];
  /** The first is the usual one. */
  readonly body?: readonly Content[];
  /** The body may be left out. */
  readonly bodyOptional?: boolean;
  readonly status?: number;
  readonly statusAbout?: string;
  /** The first is the usual one; none: the answer has no body of its own. */
  readonly answer: readonly Content[];
  /** What it refuses with beside 401, 403 and 500. */
  readonly refuses?: readonly number[];
}

export const json = (shape: Shape): readonly Content[] => [{ media: 'application/json', shape }];
export const stream: readonly Content[] = [{ media: 'text/event-stream', shape: { type: 'string' } }];

const said = {
  400: 'The request is none that can be read.',
  404: 'There is nothing under this name.',
  409: 'Not possible as things are: the message says why.',
  410: 'The log no longer reaches back to this position.',
  413: 'Larger than allowed.',
  422: 'It breaks a rule: the message names the path and the rule.',
  503: 'Not now: try again after the time in retry-after.',
} as const;

export const meaningOf = (status: number): string => (said as Readonly<Record<number, string>>)[status] ?? 'Refused.';
