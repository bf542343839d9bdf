import { Agent, request } from 'undici';
import { type Clock } from '../contract/clock.ts';
import { type Log } from '../contract/log.ts';
import { type Span, readRejected } from './otlp.codec.ts';

/** Spans that wait for the collector; what is more is dropped. About 1 kB each. */
const maxQueued = 16_384;
/** About 0.4 MB of JSON and 2 ms of the gateway's thread. */
const batchSpans = 512;
const flushEveryMs = 1_000;
const maxRetryMs = 30_000;
const maxAnswerBytes = 65_536;
/** A collector that comes and goes is said at most this often. */
const quietMs = 60_000;
/** Longest idle time of a connection that is used again: common servers close at 5 s. */
const maxIdleMs = 2_000;
/** @see OTLP specification 1.x, failures, retryable response codes */
const retryable = new Set([429, 502, 503, 504]);

export interface ExporterOptions {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
  /** The body of a request that tells these spans. */
  write(spans: readonly Span[]): string;
}

type Answer = { readonly taken: true; readonly rejected: number } | { readonly taken: false; readonly why: string; readonly again: boolean };

/**
 * Sends spans in batches, one request at a time, beside the work of the gateway. A collector that is away costs the spans that do not fit
 * the queue, which are counted, and one line in the log.
 */
export class OtlpExporter {
  readonly #options: ExporterOptions;
  readonly #agent: Agent;
  readonly #queue: Span[] = [];
  #dropped = 0;
  #failures = 0;
  #said = false;
  #saidAtMs = -Infinity;
  #working: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #closing = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
    const { timeoutMs } = options;
    this.#agent = new Agent({ connect: { timeout: timeoutMs }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, keepAliveTimeout: maxIdleMs });
  }

  add(span: Span): void {
    if (this.#closing || this.#queue.length >= maxQueued) {
      this.#dropped += 1;
      return;
    }
    this.#queue.push(span);
    if (this.#working !== null) return;
    if (this.#queue.length === batchSpans && this.#failures === 0) this.#sendIn(0);
    else if (this.#cancelTimer === null) this.#sendIn(flushEveryMs);
  }

  /** Sends what is queued, for at most `withinMs`, then drops the rest. */
  async close(withinMs: number): Promise<void> {
    const { clock, log } = this.#options;
    this.#closing = true;
    this.#cancelTimer?.();
    let cancel = (): void => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = clock.after(withinMs, resolve);
    });
    await Promise.race([(this.#working ?? Promise.resolve()).then(() => this.#work()), patience]);
    cancel();
    this.#dropped += this.#queue.splice(0).length;
    await this.#agent.destroy();
    if (this.#dropped > 0) log('warn', { dropped: this.#dropped }, `${this.#dropped} span(s) were dropped: the collector did not take them`);
  }

  #sendIn(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = null;
      this.#working ??= this.#work().finally(() => {
        this.#working = null;
        if (this.#queue.length > 0 && !this.#closing) this.#sendIn(this.#failures === 0 ? flushEveryMs : this.#retryMs());
      });
    });
  }

  #retryMs(): number {
    return Math.min(maxRetryMs, flushEveryMs * 2 ** (this.#failures - 1));
  }

  /** Sends until the queue is empty or the collector fails. A batch stays at the head of the queue until it is taken or refused. */
  async #work(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, batchSpans);
      const answer = await this.#post(batch);
      if (answer.taken || !answer.again) this.#queue.splice(0, batch.length);
      if (answer.taken) {
        this.#dropped += answer.rejected;
        this.#failures = 0;
        if (answer.rejected === 0) this.#recovered();
        else this.#troubled(`it rejects ${answer.rejected} of ${batch.length}`);
        continue;
      }
      this.#failures += 1;
      if (!answer.again) this.#dropped += batch.length;
      // One lost connection is none: it is made anew.
      if (!answer.again || this.#failures > 1) this.#troubled(answer.why);
      if (answer.again) return;
    }
  }

  async #post(batch: readonly Span[]): Promise<Answer> {
    const { endpoint, headers, write } = this.#options;
    try {
      const { statusCode, body } = await request(endpoint, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: write(batch),
        dispatcher: this.#agent,
      });
      const text = await textOf(body);
      if (statusCode >= 200 && statusCode < 300) return { taken: true, rejected: readRejected(text) };
      return { taken: false, why: `HTTP ${statusCode}`, again: retryable.has(statusCode) };
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
      return { taken: false, why: code, again: true };
    }
  }

  #troubled(why: string): void {
    const { clock, log } = this.#options;
    if (this.#said || this.#closing || clock.monotonicMs() - this.#saidAtMs < quietMs) return;
    this.#said = true;
    this.#saidAtMs = clock.monotonicMs();
    log(
      'warn',
      { queued: this.#queue.length, dropped: this.#dropped },
      `the collector takes no spans (${why}): what does not fit the queue is dropped`,
    );
  }

  #recovered(): void {
    if (!this.#said) return;
    this.#said = false;
    this.#options.log('info', { dropped: this.#dropped }, `the collector takes spans again; ${this.#dropped} were dropped`);
    this.#dropped = 0;
  }
}

/** An answer has a few bytes; of a page that is none, the head is read. */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
