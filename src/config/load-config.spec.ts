import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsInt, IsOptional, IsString, Max } from 'class-validator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Secret } from '../contract/secret.ts';
import { GatewaySettings, Setting } from '../contract/settings.ts';
import { loadConfig } from './load-config.ts';

class WireSettings {
  @Setting('Port.')
  @IsInt()
  @Max(65_535)
  port = 7;

  @Setting('User.')
  @IsString()
  user: string;

  @Setting('Password.', { secret: true })
  @IsOptional()
  password?: Secret;
}

const schema = { sections: { gateway: GatewaySettings }, systems: new Map([['crm', { wire: WireSettings }]]) };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const load = (yaml: string, env: Record<string, string> = {}) => {
  const file = join(folder, 'gatehouse.yaml');
  writeFileSync(file, yaml);
  return loadConfig(schema, { file, env });
};
const mistakesOf = (yaml: string, env: Record<string, string> = {}): string => {
  try {
    load(yaml, env);
    return 'none';
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
};

describe('configuration', () => {
  it('the environment overrides the file, the file overrides the defaults', () => {
    const config = load(
      'gateway: { name: north }\nsystems:\n  crm:\n    concurrency: 2\n    retry: { attempts: 9 }\n    wire: { user: ann, password: { env: CRM_PASSWORD } }\n',
      {
        GATEHOUSE_SYSTEMS__CRM__CALLTIMEOUTMS: '1234',
        GATEHOUSE_SYSTEMS__CRM__WIRE__PORT: '9',
        CRM_PASSWORD: 'CANARY',
      },
    );
    const crm = config.systems.get('crm');
    expect(config.gateway.name).toBe('north');
    expect(crm?.settings).toMatchObject({ concurrency: 2, callTimeoutMs: 1234, retry: { attempts: 9, firstMs: 1000 } });
    expect(crm?.transports['wire']).toMatchObject({ port: 9, user: 'ann' });
    expect((crm?.transports['wire'] as WireSettings | undefined)?.password?.reveal()).toBe('CANARY');
    expect(JSON.stringify([...config.systems])).not.toContain('CANARY');
  });

  it('every mistake is said at once, with its place', () => {
    const said = mistakesOf(
      'gatway: {}\ngateway:\n  maxEventBytes: lots\nsystems:\n  crm:\n    concurency: 2\n    hours: { zone: UTC, weekly: [{ days: [mon], from: "7", to: "19:00" }] }\n    wire: { port: 70000 }\n  erp: {}\n',
    );
    expect(said.split('\n').map((line) => line.trim())).toEqual([
      'the configuration has 7 mistakes:',
      "gatway (gatehouse.yaml:1:9): is not known; did you mean 'gateway'?",
      expect.stringMatching(/^gateway\.maxEventBytes \(gatehouse\.yaml:3:18\): .*integer/),
      expect.stringMatching(/^systems\.erp \(gatehouse\.yaml:9:8\): is not known/),
      "systems.crm.concurency (gatehouse.yaml:6:17): is not known; did you mean 'concurrency'?",
      expect.stringMatching(/^systems\.crm\.hours\.weekly\[0\]\.from \(gatehouse\.yaml:7:\d+\): from must match/),
      expect.stringMatching(/^systems\.crm\.wire\.port \(gatehouse\.yaml:8:19\): port must not be greater than 65535/),
      'systems.crm.wire.user (not configured): user must be a string',
    ]);
  });

  it('a secret in the file is refused and not shown; a missing one is named', () => {
    const said = mistakesOf('systems: { crm: { wire: { user: a, password: CANARY } } }');
    expect(said).toContain('never the secret itself');
    expect(said).not.toContain('CANARY');
    expect(mistakesOf('systems: { crm: { wire: { user: a, password: { env: NOT_SET } } } }')).toContain('NOT_SET is not set');
  });

  it('YAML that is none, aliases and prototype keys do no harm', () => {
    expect(mistakesOf('gateway: [')).toContain('gatehouse.yaml:1');
    expect(mistakesOf('a: &a {x: 1}\ngateway: *a\nsystems: { crm: { wire: { user: a } } }')).toContain('aliases and tags are not allowed');
    expect(mistakesOf('__proto__: { polluted: 1 }\nsystems: { crm: { wire: { user: a } } }')).toContain('__proto__');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('the fingerprint of a system changes with its secret and shows nothing of it', () => {
    const yaml = 'systems: { crm: { wire: { user: a, password: { env: P } } } }';
    const [one, two] = ['x', 'y'].map((value) => load(yaml, { P: value }).systems.get('crm')?.fingerprint);
    expect(one).toMatch(/^[0-9a-f]{4}$/);
    expect(one).not.toBe(two);
  });
});
