import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Code, GatehouseError, codes } from '../contract/errors.ts';
import { NoGateway } from './exit.ts';

const reconnectMs = 500;

export interface ClientOptions {
  readonly url: string;
  readonly tokenFile?: string | undefined;
}

/** The running gateway, over its API. */
export class Client {
  readonly #url: string;
  readonly #token: string | null;

  constructor({ url, tokenFile }: ClientOptions) {
    this.#url = url.replace(/\/+$/, '');
    this.#token = tokenFile === undefined ? (process.env['GATEHOUSE_TOKEN'] ?? null) : readFileSync(tokenFile, 'utf8').trim();
  }

  get<T>(path: string): Promise<T> {
    return this.#json<T>('GET', path);
  }

  post<T>(path: string, body: unknown, type = 'application/json'): Promise<T> {
    return this.#json<T>('POST', path, JSON.stringify(body), type);
  }

  /** Entries of an event stream, from `after` on; comes back after a broken connection until `signal` aborts. */
  async *stream(path: string, after: number | null, signal: AbortSignal): AsyncGenerator<{ id: number; data: string }> {
    let last = after;
    for (let connected = false; ;) {
      try {
        const response = await this.#fetch(
          'GET',
          last === null ? path : `${path}${path.includes('?') ? '&' : '?'}after=${last}`,
          undefined,
          undefined,
          signal,
        );
        connected = true;
        for await (const entry of entriesOf(response)) {
          last = entry.id;
          // Without data it says only how far the gateway has looked.
          if (entry.data !== '') yield entry;
        }
      } catch (error) {
        // Nobody there at the start is an answer; later it is a gateway that starts again.
        if (!signal.aborted && (error instanceof GatehouseError || !connected)) throw error;
      }
      if (signal.aborted) return;
      await setTimeout(reconnectMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #json<T>(method: string, path: string, body?: string, type?: string): Promise<T> {
    const response = await this.#fetch(method, path, body, type);
    return (await response.json()) as T;
  }

  async #fetch(method: string, path: string, body?: string, type?: string, signal?: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
    };
    let response: Response;
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      throw new NoGateway(`no gateway answers at ${this.#url}: start one with 'gatehouse start', or name another with --url`, { cause: error });
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as { code?: string; message?: string; remedy?: string };
    const code = problem.code !== undefined && problem.code in codes ? (problem.code as Code) : 'NOT_POSSIBLE';
    throw new GatehouseError(code, sentences(problem.message ?? `the gateway answered HTTP ${response.status}`, problem.remedy));
  }
}

async function* entriesOf(response: Response): AsyncGenerator<{ id: number; data: string }> {
  let buffer = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    buffer += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop() ?? '';
    for (const block of blocks) {
      const id = /^id: (\d+)$/m.exec(block)?.[1];
      if (id !== undefined) yield { id: Number(id), data: /^data: (.*)$/m.exec(block)?.[1] ?? '' };
    }
  }
}

/** Messages of the gateway end without a point. */
const sentences = (message: string, remedy: string | undefined): string =>
  remedy === undefined || remedy === '' ? message : `${/[.!?]$/.test(message) ? message : `${message}.`} ${remedy}`;
