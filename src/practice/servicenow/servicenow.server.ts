import { createHash } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';

/** An incident that was really inserted. */
export interface IncidentEntry {
  readonly correlationId: string;
  readonly number: string;
  readonly sysId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly atMs: number;
}

export type ServiceNowFaultKind =
  | 'silent'
  | 'slow'
  | 'commit-then-drop'
  | 'commit-late'
  | 'busy'
  | 'unknown-fault'
  | 'html-503'
  | 'html-200'
  | 'empty-200'
  | 'truncated'
  | 'doctype'
  | 'redirect'
  | 'huge'
  | 'unauthorized';

export interface ServiceNowFault {
  readonly kind: ServiceNowFaultKind;
  readonly ms?: number;
  /** Only requests whose envelope contains this text. */
  readonly matching?: string;
  times?: number;
}

const namespace = 'http://www.service-now.com/incident';

/** A small incident table to practise on. Like the real one it takes the same correlation_id twice without a word. */
export class PracticeServiceNow {
  readonly #user: string;
  password: string;
  readonly #ledger: IncidentEntry[] = [];
  readonly #faults: ServiceNowFault[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #late = new Set<Promise<void>>();
  #server: Server | null = null;
  readonly #host: string;
  #port: number;

  private constructor(host: string, port: number, user: string, password: string) {
    this.#host = host;
    this.#port = port;
    this.#user = user;
    this.password = password;
  }

  static async start({
    host = '127.0.0.1',
    port = 0,
    user = 'gatehouse',
    password = 'practice',
  }: { host?: string; port?: number; user?: string; password?: string } = {}): Promise<PracticeServiceNow> {
    const practice = new PracticeServiceNow(host, port, user, password);
    await practice.reopen();
    return practice;
  }

  get url(): string {
    return `http://${this.#host}:${this.#port}/incident.do?SOAP`;
  }

  ledger(): readonly IncidentEntry[] {
    return this.#ledger;
  }

  fault(fault: ServiceNowFault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults.length = 0;
  }

  async caughtUp(): Promise<void> {
    await Promise.all(this.#late);
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  async reopen(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#host, resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const envelope = Buffer.concat(chunks).toString('utf8');
    const fault = this.#meets(envelope);
    if (fault?.kind === 'silent') return;
    const expected = `Basic ${Buffer.from(`${this.#user}:${this.password}`).toString('base64')}`;
    if (request.headers.authorization !== expected || fault?.kind === 'unauthorized')
      return send(response, 401, 'text/html', '<html>Unauthorized</html>');
    if (request.method === 'GET') return send(response, 200, 'text/xml', '<definitions/>');
    if (fault?.kind === 'slow') setTimeout(() => this.#answer(envelope, response), fault.ms ?? 100);
    else if (fault === undefined) this.#answer(envelope, response);
    else this.#misbehave(fault, envelope, response);
  }

  #meets(envelope: string): ServiceNowFault | undefined {
    const fault = this.#faults.find(
      ({ kind, matching }) =>
        (matching === undefined || envelope.includes(matching)) &&
        (envelope !== '' || kind === 'silent' || kind === 'html-503') &&
        !(kind.startsWith('commit') && !envelope.includes(':insert')),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    }
    return fault;
  }

  #misbehave({ kind, ms }: ServiceNowFault, envelope: string, response: ServerResponse): void {
    switch (kind) {
      case 'commit-then-drop':
        this.#insert(envelope);
        response.destroy();
        return undefined;
      case 'commit-late':
        return this.#insertLate(envelope, ms ?? 100);
      case 'busy':
        return sendFault(response, 'Server', 'Transaction cancelled: maximum execution queue depth reached', '');
      case 'unknown-fault':
        return sendFault(response, 'Server', 'java.lang.NullPointerException', 'at com.glide.soap');
      case 'html-503':
        return send(response, 503, 'text/html', '<html><body>Service Unavailable</body></html>');
      case 'html-200':
        return send(response, 200, 'text/html', '<html><body>Please log in</body></html>');
      case 'empty-200':
        return send(response, 200, 'text/xml', '');
      case 'truncated':
        return send(
          response,
          200,
          'text/xml',
          '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><insertResponse',
        );
      case 'doctype':
        return send(response, 200, 'text/xml', '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>');
      case 'redirect':
        response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
        return undefined;
      case 'huge':
        return send(response, 200, 'text/xml', 'x'.repeat(12_000_000));
      default:
        return this.#answer(envelope, response);
    }
  }

  #insertLate(envelope: string, ms: number): void {
    const work = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#insert(envelope);
        this.#late.delete(work);
        resolve();
      }, ms);
    });
    this.#late.add(work);
  }

  #answer(envelope: string, response: ServerResponse): void {
    const fields = fieldsOf(envelope);
    if (/<(?:[\w-]+:)?getRecords[\s>/]/.test(envelope)) {
      const found = this.#ledger.filter(
        (entry) =>
          (fields['correlation_id'] === undefined || entry.correlationId === fields['correlation_id']) &&
          (fields['number'] === undefined || entry.number === fields['number']),
      );
      const records = found
        .map(
          (entry) =>
            `<getRecordsResult>${element('sys_id', entry.sysId)}${element('number', entry.number)}${element('correlation_id', entry.correlationId)}</getRecordsResult>`,
        )
        .join('');
      return sendBody(response, `<getRecordsResponse xmlns="${namespace}" >${records}</getRecordsResponse>`);
    }
    if (fields['caller_id']?.startsWith('nobody') === true) return sendFault(response, 'Server', 'Invalid insert', 'Caller not found');
    if ((fields['short_description'] ?? '').includes('forbidden'))
      return sendFault(response, 'Server', 'Data Policy Exception: the short description is not allowed', '');
    const { sysId, number } = this.#insert(envelope);
    return sendBody(response, `<insertResponse xmlns="${namespace}">${element('sys_id', sysId)}${element('number', number)}</insertResponse>`);
  }

  #insert(envelope: string): IncidentEntry {
    const fields = fieldsOf(envelope);
    const n = this.#ledger.length + 1;
    const entry: IncidentEntry = {
      correlationId: fields['correlation_id'] ?? '',
      number: `INC${String(10_000 + n).padStart(7, '0')}`,
      sysId: createHash('sha256').update(`incident ${n}`).digest('hex').slice(0, 32),
      fields,
      atMs: Date.now(),
    };
    this.#ledger.push(entry);
    return entry;
  }
}

function fieldsOf(envelope: string): Record<string, string> {
  const body = envelope.slice(envelope.indexOf(':Body>') + 6);
  return Object.fromEntries(
    [...body.matchAll(/<(?:[\w-]+:)?([a-z_]+)>([^<]*)<\//g)].map((match) => [match[1] as string, unescape(match[2] as string)]),
  );
}

function unescape(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (_all, hex: string | undefined, decimal: string | undefined, name: string | undefined) =>
      hex !== undefined
        ? String.fromCodePoint(Number.parseInt(hex, 16))
        : decimal !== undefined
          ? String.fromCodePoint(Number(decimal))
          : (named[name ?? ''] ?? ''),
  );
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const element = (name: string, text: string): string => `<${name} xmlns="">${escape(text)}</${name}>`;

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function sendBody(response: ServerResponse, body: string): void {
  send(
    response,
    200,
    'text/xml; charset=UTF-8',
    `<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`,
  );
}

function sendFault(response: ServerResponse, code: string, text: string, detail: string): void {
  const fault = `<SOAP-ENV:Fault><faultcode>SOAP-ENV:${code}</faultcode><faultstring>${escape(text)}</faultstring><detail>${escape(detail)}</detail></SOAP-ENV:Fault>`;
  const body = `<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body>${fault}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  send(response, 500, 'text/xml; charset=UTF-8', body);
}
