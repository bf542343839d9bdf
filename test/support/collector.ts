import { type IncomingHttpHeaders, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';

/** A span as it came over the wire. @see opentelemetry/proto/trace/v1/trace.proto */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: SentSpan['attributes'] };
    readonly scopeSpans: readonly { readonly scope: { readonly name: string; readonly version: string }; readonly spans: readonly SentSpan[] }[];
  }[];
}

/** A collector that takes traces as OTLP over HTTP, as JSON, and does what it is told. */
export class Collector {
  /** What it does with the next requests: `hang` never answers. */
  behaves: 'take' | 'hang' | 'reject one' | number = 'take';
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly text: string; readonly body: Body }[] = [];
  readonly #server: Server;
  /** The address to send to; it stays when the collector has stopped. */
  url = '';
  /** Requests that came, taken or not. */
  seen = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#answer(request.url ?? '', request.headers, Buffer.concat(chunks).toString(), response));
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    collector.url = `http://127.0.0.1:${(collector.#server.address() as AddressInfo).port}/v1/traces`;
    return collector;
  }

  get spans(): SentSpan[] {
    return this.requests.flatMap(({ body }) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
  }

  #answer(url: string, headers: IncomingHttpHeaders, text: string, response: ServerResponse): void {
    this.seen += 1;
    if (this.behaves === 'hang') return;
    if (typeof this.behaves === 'number') {
      response.writeHead(this.behaves).end();
      return;
    }
    this.requests.push({ url, headers, text, body: JSON.parse(text) as Body });
    const answer = this.behaves === 'take' ? {} : { partialSuccess: { rejectedSpans: '1', errorMessage: 'no' } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The attributes of a span as plain values. */
export function attributesOf({ attributes }: Pick<SentSpan, 'attributes'>): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
