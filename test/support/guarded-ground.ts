import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Parts, configSchema } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { demoEvents } from '../../src/practice/demo-events.ts';
import { type DemoSystems, demoParts, startSystems, stopSystems, systemsEnv } from '../../src/practice/demo-systems.ts';

const roles = { sven: 'sender', vera: 'viewer', anna: 'operator', ada: 'admin' } as const;
export type Somebody = keyof typeof roles;

/** A gateway in front of the five practice systems of the demo, for people with tokens. */
export interface GuardedGround {
  readonly url: string;
  readonly gateway: RunningGateway;
  readonly systems: DemoSystems;
  readonly journalPath: string;
  /** Sends an event of the demo by its number (`S-101`); resolves with the ids of its translations. */
  send(ref: string): Promise<readonly string[]>;
  /** Asks the API as somebody; null: without a token. */
  ask(who: Somebody | null, path: string, init?: RequestInit): Promise<Response>;
  state(id: string): Promise<string>;
  /** Resolves when all of them are published. @throws Error after a minute */
  published(ids: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export const tokenOf = (who: Somebody): string => `token-of-${who}`;

export interface GroundOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly parts?: Parts;
  /** Without tokens: whoever is on this machine may do everything. */
  readonly open?: boolean;
}

export async function startGuardedGround({ env = {}, parts = demoParts, open = false }: GroundOptions = {}): Promise<GuardedGround> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ground-'));
  const systems = await startSystems(folder);
  const file = join(folder, 'tokens.yaml');
  const tokens = Object.entries(roles).map(([name, role]) => `    - { name: ${name}, role: ${role}, token: { env: TOKEN_${name} } }`);
  writeFileSync(file, open ? '' : `http:\n  tokens:\n${tokens.join('\n')}\n`);
  const journalPath = join(folder, 'journal.db');
  const gateway = await run(
    loadConfig(configSchema(parts), {
      file,
      env: {
        GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
        GATEHOUSE_JOURNAL__PATH: journalPath,
        GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
        GATEHOUSE_HTTP__PORT: '0',
        ...systemsEnv(systems),
        ...Object.fromEntries(Object.keys(roles).map((name) => [`TOKEN_${name}`, tokenOf(name as Somebody)])),
        ...env,
      },
    }),
    parts,
  );
  const ask = (who: Somebody | null, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      ...init,
      headers: { ...(who === null ? {} : { authorization: `Bearer ${tokenOf(who)}` }), ...(init.headers as Record<string, string> | undefined) },
    });
  const state = async (id: string): Promise<string> =>
    ((await (await ask('vera', `/api/translations/${id}`)).json()) as { translation: { state: string } }).translation.state;
  return {
    url: gateway.url,
    gateway,
    systems,
    journalPath,
    ask,
    send: async (ref) => {
      const found = demoEvents().find(({ event }) => event.id === `demo-${ref}`);
      if (found === undefined) throw new Error(`the demo has no event ${ref}`);
      const answer = await ask('sven', '/events', {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(found.event),
      });
      const body = (await answer.json()) as { events: { translations: { id: string }[] }[] };
      return body.events.flatMap(({ translations }) => translations.map(({ id }) => id));
    },
    state,
    published: async (ids) => {
      const untilMs = performance.now() + 60_000;
      for (const id of ids)
        while ((await state(id)) !== 'published') {
          if (performance.now() > untilMs) throw new Error(`${id} is still ${await state(id)}`);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
    },
    stop: async () => {
      await gateway.stop();
      await stopSystems(systems);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
