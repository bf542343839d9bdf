import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, ownParts } from '../../src/app.module.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Role } from '../../src/http/http.settings.ts';
import { type RunningGateway, run } from '../../src/main.ts';
import { PracticeServiceNow } from '../../src/practice/servicenow/servicenow.server.ts';

const roles = ['viewer', 'operator', 'admin', 'sender'] satisfies Role[];

/** A whole gateway in front of a practice ServiceNow; `operator-1` is an operator with the token `secret-operator`, and so for each role. */
export interface ServiceNowDoor {
  readonly gateway: RunningGateway;
  /** Of the journal; tests may put more into it. */
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startServiceNowDoor(): Promise<ServiceNowDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-door-'));
  const practice = await PracticeServiceNow.start();
  const file = join(folder, 'tokens.yaml');
  const tokens = roles.map((role) => `    - { name: ${role}-1, role: ${role}, token: { env: TOKEN_${role} } }`);
  writeFileSync(file, `http:\n  tokens:\n${tokens.join('\n')}\n`);
  const env = {
    GATEHOUSE_GATEWAY__LOGLEVEL: 'error',
    GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
    GATEHOUSE_JOURNAL__RESERVEBYTES: '0',
    GATEHOUSE_HTTP__PORT: '0',
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: practice.url,
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'PRACTICE',
    PRACTICE: 'practice',
    ...Object.fromEntries(roles.map((role) => [`TOKEN_${role}`, `secret-${role}`])),
  };
  const gateway = await run(loadConfig(configSchema(ownParts), { file, env }));
  return {
    gateway,
    folder,
    stop: async () => {
      await gateway.stop();
      await practice.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
