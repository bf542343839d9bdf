import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { type IncidentEntry, IncidentTable, type JournalEntry, type UpdateEntry } from './incident.table.ts';
import { type PracticeRequest, readRequest } from './servicenow.request.ts';

export type ServiceNowFaultKind =
  | 'silent'
  | 'slow'
  | 'commit-then-drop'
  | 'commit-late'
  | 'busy'
  | 'throttled'
  | 'no-rights'
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
  /** Only this call; `commit-…` meets writes only. */
  readonly call?: 'insert' | 'update' | 'getRecords';
  /** Only requests whose envelope contains this text. */
  readonly matching?: string;
  times?: number;
}

const namespace = 'http://www.service-now.com/incident';

/** The SOAP interface of an incident table to practise on, with faults on request. */
export class PracticeServiceNow {
  readonly #user: string;
  password: string;
  readonly #table = new IncidentTable();
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

  /** What was really inserted, in order. */
  ledger(): readonly IncidentEntry[] {
    return this.#table.inserts;
  }

  /** What was really updated, in order. */
  updates(): readonly UpdateEntry[] {
    return this.#table.updates;
  }

  /** The notes of all incidents, in order. */
  journal(): readonly JournalEntry[] {
    return this.#table.journal;
  }

  /** Puts an incident there, past every rule and ledger. */
  seed(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    return this.#table.seed(fields);
  }

  /** Deletes every incident of this number. */
  remove(number: string): void {
    this.#table.remove(number);
  }

  /** Changes an incident as somebody at a screen would. */
  edit(sysId: string, fields: Readonly<Record<string, string>>): void {
    this.#table.edit({ ...fields, sys_id: sysId });
  }

  fault(fault: ServiceNowFault): void {
    this.#faults.push({ ...fault });
  }

  /** Faults that were not used up yet. */
  faultsLeft(): number {
    return this.#faults.length;
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
    // A client that dies in the middle of its request gets nothing done, and ends only its own connection.
    const server = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
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
    const asked = envelope === '' ? null : readRequest(envelope);
    const fault = this.#meets(envelope, asked);
    if (fault?.kind === 'silent') return;
    const expected = `Basic ${Buffer.from(`${this.#user}:${this.password}`).toString('base64')}`;
    if (request.headers.authorization !== expected || fault?.kind === 'unauthorized')
      return send(response, 401, 'text/html', '<html>Unauthorized</html>');
    if (request.method === 'GET') return send(response, 200, 'text/xml', '<definitions/>');
    if (asked === null) return sendFault(response, 'Client', 'Unable to parse SOAP document', '');
    if (fault?.kind === 'slow') setTimeout(() => this.#answer(asked, response), fault.ms ?? 100);
    else if (fault === undefined) this.#answer(asked, response);
    else this.#misbehave(fault, asked, response);
  }

  #meets(envelope: string, asked: PracticeRequest | null): ServiceNowFault | undefined {
    const writes = asked?.call === 'insert' || asked?.call === 'update';
    const fault = this.#faults.find(
      ({ kind, matching, call }) =>
        (matching === undefined || envelope.includes(matching)) &&
        (call === undefined || call === asked?.call) &&
        (envelope !== '' || kind === 'silent' || kind === 'html-503') &&
        (writes || !kind.startsWith('commit')),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.#faults.splice(this.#faults.indexOf(fault), 1);
    }
    return fault;
  }

  #misbehave({ kind, ms }: ServiceNowFault, asked: PracticeRequest, response: ServerResponse): void {
    switch (kind) {
      case 'commit-then-drop':
        this.#write(asked);
        response.destroy();
        return undefined;
      case 'commit-late':
        return this.#writeLate(asked, ms ?? 100);
      case 'busy':
        return sendFault(response, 'Server', 'Transaction cancelled: maximum execution queue depth reached', '');
      case 'throttled':
        return send(response, 429, 'text/html', '<html><body>Too Many Requests</body></html>');
      case 'no-rights':
        return sendFault(response, 'Server', 'Insufficient rights to access the table', '');
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
          `<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><${asked.call}Response`,
        );
      case 'doctype':
        return send(response, 200, 'text/xml', '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>');
      case 'redirect':
        response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
        return undefined;
      case 'huge':
        return send(response, 200, 'text/xml', 'x'.repeat(12_000_000));
      default:
        return this.#answer(asked, response);
    }
  }

  #writeLate(asked: PracticeRequest, ms: number): void {
    const work = new Promise<void>((resolve) => {
      setTimeout(() => {
        this.#write(asked);
        this.#late.delete(work);
        resolve();
      }, ms);
    });
    this.#late.add(work);
  }

  #write({ call, fields }: PracticeRequest): readonly [name: string, value: string][] {
    if (call === 'update') return [['sys_id', this.#table.update(fields)?.sysId ?? '']];
    const { sysId, number } = this.#table.insert(fields);
    return [
      ['sys_id', sysId],
      ['number', number],
    ];
  }

  #answer(asked: PracticeRequest, response: ServerResponse): void {
    const { call, fields } = asked;
    if (call === 'getRecords') {
      const records = this.#table.query(fields).map((record) => `<getRecordsResult>${elements(Object.entries(record))}</getRecordsResult>`);
      return sendBody(response, `<getRecordsResponse xmlns="${namespace}">${records.join('')}</getRecordsResponse>`);
    }
    if (call !== 'insert' && call !== 'update') return sendFault(response, 'Client', `Function ${call} is not supported`, '');
    const objection = this.#table.objection(call, fields);
    if (objection !== null) return sendFault(response, 'Server', objection.text, objection.detail);
    return sendBody(response, `<${call}Response xmlns="${namespace}">${elements(this.#write(asked))}</${call}Response>`);
  }
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const elements = (values: readonly (readonly [name: string, text: string])[]): string =>
  values.map(([name, text]) => (text === '' ? `<${name} xmlns=""/>` : `<${name} xmlns="">${escape(text)}</${name}>`)).join('');

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
