import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsInt, IsOptional, IsString, Max } from 'class-validator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Secret } from '../contract/secret.ts';
import { GatewaySettings, Setting } from '../contract/settings.ts';
import { loadConfig, loadTransport } from './load-config.ts';

class UserSettings {
  @Setting('Name.')
  @IsString()
  name: string;

  @Setting('Token.', { secret: true })
  token: Secret;
}

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

  @Setting('Account.')
  @IsOptional()
  @IsString()
  account?: string;

  @Setting('Longest wait, ms.')
  @IsOptional()
  @IsInt()
  waitMs?: number;

  @Setting('Users.', { nested: UserSettings, list: true })
  users: UserSettings[] = [];
}

const schema = { sections: { gateway: GatewaySettings }, systems: new Map([['crm', { wire: WireSettings }]]) };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const minimal = 'systems: { crm: { wire: { user: a } } }';
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

  it('text stays text and numbers become numbers, also where there is no default', () => {
    const config = load(minimal, { GATEHOUSE_SYSTEMS__CRM__WIRE__ACCOUNT: '00123', GATEHOUSE_SYSTEMS__CRM__WIRE__WAIT_MS: '50' });
    expect(config.systems.get('crm')?.transports['wire']).toMatchObject({ account: '00123', waitMs: 50 });
  });

  it('a list is configured from the environment by the numbers of its entries', () => {
    const prefix = 'GATEHOUSE_SYSTEMS__CRM__WIRE__USERS';
    const first = { [`${prefix}__0__NAME`]: 'ann', [`${prefix}__0__TOKEN__ENV`]: 'ANN', ANN: 'a' };
    const config = load(minimal, { [`${prefix}__1__NAME`]: 'bob', [`${prefix}__1__TOKEN__ENV`]: 'ANN', ...first });
    expect((config.systems.get('crm')?.transports['wire'] as WireSettings | undefined)?.users.map(({ name }) => name)).toEqual(['ann', 'bob']);
    expect(mistakesOf(minimal, { [`${prefix}__1__NAME`]: 'bob' })).toContain('without a gap');
    expect(mistakesOf(minimal, { [`${prefix}__LENGTH`]: '1', ...first })).toContain('users__LENGTH'.toUpperCase());
  });

  it('what Kubernetes puts beside a service of the same name is no setting; a misspelt override is a mistake', () => {
    expect(mistakesOf(minimal, { GATEHOUSE_PORT: 'tcp://10.0.0.1:8480', GATEHOUSE_SERVICE_HOST: '10.0.0.1' })).toBe('none');
    expect(mistakesOf(minimal, { GATEHOUSE_GATEWAY__DRAINS: '1' })).toContain('(GATEHOUSE_GATEWAY__DRAINS): is not known');
  });

  it('a secret that is needed and missing, empty or unreadable is a mistake, not a later crash', () => {
    const users = (user: string): string => `systems: { crm: { wire: { user: a, users: [${user}] } } }`;
    writeFileSync(join(folder, 'empty'), '\n');
    expect(mistakesOf(users('{ name: ann }'))).toContain('systems.crm.wire.users[0].token (gatehouse.yaml:1:44): is needed');
    expect(mistakesOf(users(`{ name: ann, token: { file: ${folder}/empty } }`))).toContain('the file empty is empty');
    expect(mistakesOf(users(`{ name: ann, token: { file: ${folder} } }`))).toContain('cannot be read (EISDIR)');
    expect(mistakesOf(users(`{ name: ann, token: { env: "CANARY!" } }`))).not.toContain('CANARY');
  });

  it('tags, twins and a folder in place of the file are refused, and what does not parse is not quoted', () => {
    expect(mistakesOf(`${minimal}\ngateway: !other { name: north }`)).toContain('aliases and tags are not allowed');
    expect(mistakesOf(`${minimal}\ngateway: { drainMs: 1, drain_ms: 2 }`)).toContain("gatehouse.yaml:2:24): 'drain_ms' is 'drainMs' once more");
    expect(mistakesOf('a: "CANARY" "CANARY"')).not.toContain('CANARY');
    expect(() => loadConfig(schema, { file: folder, env: {} })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });

  it('a name with nothing behind it is not configured', () => {
    const settings = load('systems: { crm: { hours: , concurrency: , wire: { user: a } } }').systems.get('crm')?.settings;
    expect([settings?.hours, settings?.concurrency]).toEqual([undefined, 4]);
  });

  it('a system with a transport that is not named beside others is left out; when none is named, each says what it needs', () => {
    const systems = new Map<string, Record<string, new () => object>>([...schema.systems, ['erp', { wire: WireSettings }], ['router', {}]]);
    const of = (env: Record<string, string>) => loadConfig({ ...schema, systems }, { file: null, env });
    expect([...of({ GATEHOUSE_SYSTEMS__CRM__WIRE__USER: 'a' }).systems.keys()]).toEqual(['crm', 'router']);
    expect(() => of({})).toThrow(/systems\.crm\.wire\.user[^]*systems\.erp\.wire\.user/);
  });

  it('nothing of the configuration can be changed, defaults included', () => {
    const config = load(minimal);
    const crm = config.systems.get('crm');
    for (const part of [config, crm, crm?.settings, crm?.settings.retry, crm?.transports, crm?.transports['wire']])
      expect(part).toSatisfy(Object.isFrozen);
    expect(() => (config.systems as Map<string, unknown>).clear()).toThrow(TypeError);
    expect(config.systems.size).toBe(1);
  });
});

describe('one transport of one system', () => {
  const one = (yaml: string, system = 'crm', env: Record<string, string> = {}) => {
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(file, yaml);
    return loadTransport('wire', WireSettings, system, { file, env });
  };

  it('is read without its adapter, and whatever is missing elsewhere', () => {
    const read = one(
      'nonsense: 1\nsystems: { crm: { rate: x, wire: { user: a, password: { env: MINE } } }, other: { wire: { password: { env: NOT_SET } }, soap: { } } }',
      'crm',
      { MINE: 'x', GATEHOUSE_SYSTEMS__CRM__WIRE__PORT: '9' },
    );
    expect([read.user, read.port, read.password?.name]).toEqual(['a', 9, 'env:MINE']);
    expect(Object.isFrozen(read)).toBe(true);
  });

  it('its own mistakes are all said, and so is which systems have one', () => {
    expect(() => one('systems: { crm: { wire: { usr: a, password: { env: NOT_SET } } } }')).toThrow(/usr.*did you mean 'user'[^]*NOT_SET is not set/);
    expect(() => one('systems: { crm: { wire: { user: a } } }', 'erp')).toThrow(/systems\.erp\.wire .*is not configured; there are crm/);
    expect(() => one('systems: { crm: { soap: { } } }', 'crm')).toThrow(/no system has a section 'wire'/);
    expect(() => one('systems: [', 'crm')).toThrow(/no YAML/);
  });
});
