import { signal } from '@preact/signals';
import { connection } from './connection.ts';

/** What the gateway says when it refuses: what, why, what to do. @see RFC 9457 */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly remedy: string;

  constructor(status: number, { code, message, remedy }: { code?: string; message?: string; remedy?: string }) {
    super(message ?? `the gateway answered HTTP ${status}`);
    this.status = status;
    this.code = code ?? '';
    this.remedy = remedy ?? '';
  }
}

const stored = 'gatehouse.token';

/** Kept for this tab alone, and sent as a header: what another page makes the browser send never carries it. */
export const token = signal<string | null>(sessionStorage.getItem(stored));

/** True when the gateway asks for a token and has none that it knows. */
export const locked = signal(false);

/** The token that was given is none that the gateway knows. */
export const unknownToken = signal(false);

export function signIn(text: string): void {
  sessionStorage.setItem(stored, text);
  token.value = text;
  unknownToken.value = false;
  locked.value = false;
}

export function signOut(): void {
  sessionStorage.removeItem(stored);
  token.value = null;
  unknownToken.value = false;
  locked.value = true;
}

export interface Ask {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws Refused when the gateway says no; TypeError when it is not there */
export async function ask(path: string, { method = 'GET', body, signal: aborted, headers = {} }: Ask = {}): Promise<Response> {
  const response = await reached(path, {
    method,
    credentials: 'omit',
    ...(aborted === undefined ? {} : { signal: aborted }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token.peek() === null ? {} : { authorization: `Bearer ${token.peek()}` }),
      ...headers,
    },
  });
  if (response.ok) return response;
  if (response.status === 401) {
    unknownToken.value = token.peek() !== null;
    locked.value = true;
  }
  throw new Refused(response.status, (await response.json().catch(() => ({}))) as object);
}

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(path, init);
    connection.value = 'live';
    return response;
  } catch (error) {
    // What the page itself gave up says nothing of the gateway.
    if (error instanceof TypeError && init.signal?.aborted !== true) connection.value = 'lost';
    throw error;
  }
}

/** As `ask`, read as JSON. */
export async function get<T>(path: string, options: Ask = {}): Promise<T> {
  return (await (await ask(path, options)).json()) as T;
}

/** A change: `key` makes the same click the same act, however often the network repeats it. */
export const post = <T>(path: string, body: unknown, key: string = crypto.randomUUID()): Promise<T> =>
  get<T>(path, { method: 'POST', body, headers: { 'idempotency-key': key } });

/** What went wrong, in words for a person. */
export function wordsOf(error: unknown): string {
  if (error instanceof Refused) return error.remedy === '' ? error.message : `${error.message}. ${error.remedy}`;
  if (error instanceof TypeError) return 'The gateway does not answer. It is asked again when it is back.';
  return error instanceof Error ? error.message : String(error);
}
