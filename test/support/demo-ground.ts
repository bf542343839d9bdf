import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Json } from '../../src/contract/json.ts';
import { Journal } from '../../src/contract/journal.ts';
import { type Story, type TranslationRow } from '../../src/contract/journal-reader.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { type DemoSystems, demoParts, startSystems, stopSystems, systemsEnv } from '../../src/practice/demo-systems.ts';
import { freePort } from './free-port.ts';

const people = { anna: 'operator', bert: 'operator', vera: 'viewer' } as const;
export type Person = keyof typeof people;

export const tokenOf = (person: Person): string => `token-of-${person}`;

export interface DemoGroundOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Other adapters for the same systems. */
  readonly parts?: Parts;
}

/** The gateway in front of the five practice systems of the demo, for people with tokens; it can be stopped and started again at its address. */
export class DemoGround {
  readonly systems: DemoSystems;
  readonly url: string;
  readonly #folder: string;
  readonly #env: Record<string, string>;
  #parts: Parts;
  #gateway: RunningGateway | null = null;

  private constructor(folder: string, systems: DemoSystems, port: number, { env = {}, parts = demoParts }: DemoGroundOptions) {
    this.#parts = parts;
    this.#folder = folder;
    this.systems = systems;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
      GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
      GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
      GATEHOUSE_HTTP__PORT: String(port),
      ...systemsEnv(systems),
      ...Object.fromEntries(Object.keys(people).map((name) => [name.toUpperCase(), `token-of-${name}`])),
      ...env,
    };
  }

  static async start(options: DemoGroundOptions = {}): Promise<DemoGround> {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-console-'));
    const ground = new DemoGround(folder, await startSystems(folder), await freePort(), options);
    await ground.startGateway();
    return ground;
  }

  /** With the adapters it had, unless others are given. */
  async startGateway(parts = this.#parts): Promise<void> {
    this.#parts = parts;
    const file = join(this.#folder, 'tokens.yaml');
    const tokens = Object.entries(people).map(([name, role]) => `    - { name: ${name}, role: ${role}, token: { env: ${name.toUpperCase()} } }`);
    writeFileSync(file, `http:\n  tokens:\n${tokens.join('\n')}\n`);
    this.#gateway = await run(loadConfig(configSchema(this.#parts), { file, env: this.#env }), this.#parts);
  }

  async stopGateway(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = null;
  }

  get gateway(): RunningGateway {
    if (this.#gateway === null) throw new Error('the gateway is stopped');
    return this.#gateway;
  }

  /** Posts an event, structured when `data` is JSON, else with these bytes and headers; resolves with the id of its translation. */
  async post(id: string, type: string, data: Json | Uint8Array): Promise<string> {
    const bytes = data instanceof Uint8Array;
    const attributes = { specversion: '1.0', id, source: '/shop', type };
    const response = await fetch(`${this.url}/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokenOf('anna')}`,
        ...(bytes
          ? {
              'content-type': 'application/octet-stream',
              ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)])),
            }
          : { 'content-type': 'application/cloudevents+json' }),
      },
      body: bytes ? Buffer.from(data) : JSON.stringify({ ...attributes, data }),
    });
    const text = await response.text();
    if (response.status !== 202) throw new Error(`the gateway answered ${response.status}: ${text}`);
    const { events } = JSON.parse(text) as { events: { translations: { id: string }[] }[] };
    return events[0]?.translations[0]?.id ?? '';
  }

  async story(id: string): Promise<Story> {
    const story = await this.gateway.app.get(Journal).reader.story(id);
    if (story === null) throw new Error(`there is no translation ${id}`);
    return story;
  }

  async becomes(id: string, state: TranslationRow['state']): Promise<void> {
    await expect.poll(async () => (await this.story(id)).translation.state, { timeout: 60_000 }).toBe(state);
  }

  async audited(): Promise<readonly { readonly who: string; readonly what: string; readonly subject: string; readonly why: string }[]> {
    return this.gateway.app.get(Journal).reader.audit({ limit: 100 });
  }

  async stop(): Promise<void> {
    await this.stopGateway();
    await stopSystems(this.systems);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
