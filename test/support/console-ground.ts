import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceNowAdapter } from '../../adapters/servicenow/servicenow.adapter.ts';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { DepotAdapter } from '../../src/practice/line/depot.adapter.ts';
import { PracticeDepot } from '../../src/practice/line/depot.server.ts';
import { LineTransport } from '../../src/practice/line/line.transport.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';
import { SoapTransport } from '../../src/transports/soap/soap.transport.ts';
import { freePort } from './free-port.ts';

const parts: Parts = {
  adapters: [ServiceNowAdapter, DepotAdapter],
  transports: [new SoapTransport(), new LineTransport()],
  sourceTransports: [],
};

export interface ConsoleGroundOptions {
  /** Tokens of `anna` (operator), `vera` (viewer) and `ada` (admin) instead of an open door on loopback. */
  readonly guarded?: boolean;
  /** Writes the journal before the gateway opens it. */
  readonly journal?: (path: string) => Promise<void>;
}

/** A gateway in front of two practice systems, which can be stopped and started again at its address. */
export class ConsoleGround {
  readonly url: string;
  readonly depot: PracticeDepot;
  readonly servicenow: PracticeServiceNow;
  readonly #folder: string;
  readonly #env: Record<string, string>;
  readonly #file: string | null;
  #gateway: RunningGateway | null = null;

  private constructor(folder: string, port: number, depot: PracticeDepot, servicenow: PracticeServiceNow, guarded: boolean) {
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.depot = depot;
    this.servicenow = servicenow;
    this.#file = guarded ? join(folder, 'tokens.yaml') : null;
    const roles = { ANNA: 'operator', VERA: 'viewer', ADA: 'admin' };
    if (this.#file !== null)
      writeFileSync(
        this.#file,
        `http:\n  tokens:\n${Object.entries(roles)
          .map(([name, role]) => `    - { name: ${name.toLowerCase()}, role: ${role}, token: { env: ${name} } }`)
          .join('\n')}\n`,
      );
    this.#env = {
      GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
      GATEHOUSE_JOURNAL__PATH: this.journalPath,
      GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
      GATEHOUSE_HTTP__PORT: String(port),
      GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: servicenow.url,
      GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
      GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
      GATEHOUSE_SYSTEMS__SERVICENOW__CALLTIMEOUTMS: '20000',
      GATEHOUSE_SYSTEMS__DEPOT__LINE__PORT: String(depot.port),
      GATEHOUSE_SYSTEMS__DEPOT__CALLTIMEOUTMS: '3000',
      GATEHOUSE_SYSTEMS__DEPOT__SETTLEMS: '0',
      GATEHOUSE_SYSTEMS__DEPOT__SEARCHBODIES: 'true',
      PRACTICE: 'practice',
      ANNA: 'token-of-anna',
      VERA: 'token-of-vera',
      ADA: 'token-of-ada',
    };
  }

  static async start({ guarded = false, journal }: ConsoleGroundOptions = {}): Promise<ConsoleGround> {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
    const [depot, servicenow, port] = await Promise.all([PracticeDepot.start(), PracticeServiceNow.start(), freePort()]);
    const ground = new ConsoleGround(folder, port, depot, servicenow, guarded);
    await journal?.(ground.journalPath);
    await ground.startGateway();
    return ground;
  }

  get journalPath(): string {
    return join(this.#folder, 'journal.db');
  }

  async startGateway(): Promise<void> {
    this.#gateway = await run(loadConfig(configSchema(parts), { file: this.#file, env: this.#env }), parts);
  }

  async stopGateway(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = null;
  }

  /** Stock that the depot reserves unless the article is NONE-…; `more` goes over the usual data. Resolves with the ids of the translations. */
  want(ids: readonly string[], more: Readonly<Record<string, unknown>> = {}): Promise<readonly string[]> {
    return this.#post('com.acme.stock.wanted.v1', ids, (id) => ({ requestId: id, customerId: `C-${id}`, sku: 'BOLT', quantity: 1, ...more }));
  }

  /** Orders of the depot, which cannot be asked whether they happened. */
  order(ids: readonly string[]): Promise<readonly string[]> {
    return this.#post('com.acme.order.sent.v1', ids, (id) => ({ orderId: id, sku: 'BOLT' }));
  }

  async #post(type: string, ids: readonly string[], data: (id: string) => object): Promise<readonly string[]> {
    const found: string[] = [];
    for (let n = 0; n < ids.length; n += 100) {
      const events = ids.slice(n, n + 100).map((id) => ({
        specversion: '1.0',
        id,
        source: '/shop',
        type,
        data: data(id),
      }));
      const response = await fetch(`${this.url}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents-batch+json', authorization: 'Bearer token-of-anna' },
        body: JSON.stringify(events),
      });
      const text = await response.text();
      if (response.status !== 202) throw new Error(`the gateway answered ${response.status}: ${text}`);
      found.push(
        ...(JSON.parse(text) as { events: { translations: { id: string }[] }[] }).events.flatMap((each) => each.translations.map(({ id }) => id)),
      );
    }
    return found;
  }

  async stop(): Promise<void> {
    await this.stopGateway();
    await Promise.all([this.depot.close(), this.servicenow.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
