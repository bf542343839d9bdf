import 'reflect-metadata';
import { ValidationTypes, getMetadataStorage, validateSync } from 'class-validator';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Class } from '../contract/json.ts';
import { Secret } from '../contract/secret.ts';
import { type SettingDoc, SystemSettings, settingsOf } from '../contract/settings.ts';
import { Mistakes, nearest } from './mistakes.ts';
import { type Tree, isMapTree, overlayEnvironment, readFile, sameName, textOf } from './source.ts';

export interface ConfigSchema<S> {
  /** Top-level sections by name. */
  readonly sections: { readonly [K in keyof S]: new () => S[K] };
  /** By system: the settings class of each transport it uses. */
  readonly systems: ReadonlyMap<string, Readonly<Record<string, new () => object>>>;
}

export interface ConfigSource {
  /** A file that must exist; null for none; otherwise GATEHOUSE_CONFIG, or `gatehouse.yaml` when it is there. */
  readonly file?: string | null | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface SystemConfig {
  readonly settings: SystemSettings;
  readonly transports: Readonly<Record<string, object>>;
  /** Changes with the configuration of the system; tells nothing of it. */
  readonly fingerprint: string;
}

/** `systems`: without those that have a transport and are not named beside others that are. */
export type Config<S> = Readonly<S> & { readonly systems: ReadonlyMap<string, SystemConfig> };

const defaultFile = 'gatehouse.yaml';

/** File and environment as one frozen object. @throws GatehouseError CONFIG_INVALID listing every mistake */
export function loadConfig<S extends object>(schema: ConfigSchema<S>, source: ConfigSource): Config<S> {
  const mistakes = new Mistakes();
  const file = fileOf(source);
  const tree = overlayEnvironment(file === null ? { map: new Map(), origin: '' } : readFile(file, mistakes), source.env, mistakes);
  const reader = new Reader(mistakes, source.env);
  const config: Record<string, unknown> = {};
  const names = [...Object.keys(schema.sections), 'systems'];
  reader.refuseUnknown(tree, '', names);
  for (const [name, section] of Object.entries(schema.sections) as [string, new () => object][])
    config[name] = reader.instance(section, child(tree, name), name, []);
  config['systems'] = readSystems(reader, schema.systems, child(tree, 'systems'));
  mistakes.check();
  return frozen(config) as Config<S>;
}

/**
 * The settings of one transport of one system, for a command that works before the system has an adapter. Of the rest of the configuration
 * nothing is read, so that what is missing there does not matter.
 * @throws GatehouseError CONFIG_INVALID listing every mistake
 */
export function loadTransport<T extends object>(transport: string, settings: new () => T, system: string, source: ConfigSource): T {
  const mistakes = new Mistakes();
  const file = fileOf(source);
  const tree = overlayEnvironment(file === null ? { map: new Map(), origin: '' } : readFile(file, mistakes), source.env, mistakes);
  mistakes.check();
  const systems = child(tree, 'systems');
  const own = child(child(systems, system), transport);
  if (own === undefined) {
    const others = isMapTree(systems) ? [...systems.map.keys()].filter((name) => child(child(systems, name), transport) !== undefined) : [];
    const known = others.length === 0 ? `no system has a section '${transport}'` : `there are ${others.join(', ')}`;
    mistakes.add(`systems.${system}.${transport}`, file ?? 'no configuration file', `is not configured; ${known}`);
  }
  mistakes.check();
  const made = new Reader(mistakes, source.env).instance(settings, own, `systems.${system}.${transport}`, []);
  mistakes.check();
  return frozen(made);
}

const fileOf = (source: ConfigSource): string | null =>
  source.file === undefined ? (source.env['GATEHOUSE_CONFIG'] ?? (existsSync(defaultFile) ? defaultFile : null)) : source.file;

/** Frozen to the last list and map. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const refuse = (): never => {
    throw new TypeError('the configuration does not change while the gateway runs');
  };
  if (value instanceof Map) Object.assign(value, { set: refuse, delete: refuse, clear: refuse });
  for (const inner of value instanceof Map ? value.values() : Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

function readSystems(reader: Reader, systems: ConfigSchema<object>['systems'], tree: Tree | undefined): Map<string, SystemConfig> {
  if (tree !== undefined) reader.refuseUnknown(tree, 'systems', [...systems.keys()]);
  const named = [...systems.keys()].filter((system) => child(tree, system) !== undefined);
  // Without an address there is nothing to stand in front of; when none has one, the mistakes tell what each needs.
  const isLeftOut = ([system, transports]: [string, object]): boolean =>
    named.length > 0 && !named.includes(system) && Object.keys(transports).length > 0;
  return new Map(
    [...systems]
      .filter((each) => !isLeftOut(each))
      .map(([system, transports]) => {
        const path = `systems.${system}`;
        const own = child(tree, system);
        const settings = reader.instance(SystemSettings, own, path, Object.keys(transports));
        const made = Object.fromEntries(
          Object.entries(transports).map(([name, type]) => [name, reader.instance(type, child(own, name), `${path}.${name}`, [])]),
        );
        return [system, { settings, transports: made, fingerprint: fingerprintOf([settings, made]) }];
      }),
  );
}

/** Four hex digits: enough to see that something changed, too few to guess a secret by. */
function fingerprintOf(value: unknown): string {
  // `this` holds the value before toJSON: a secret shows its name there.
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, inner: unknown) {
    const raw = this[key];
    return raw instanceof Secret ? raw.reveal() : inner;
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 4);
}

function child(tree: Tree | undefined, name: string): Tree | undefined {
  const given = isMapTree(tree) ? [...tree.map].find(([key]) => sameName(key, name))?.[1] : undefined;
  // `hours:` with nothing behind it is not configured.
  return given !== undefined && 'value' in given && given.value === null ? undefined : given;
}

/** What a variable of the environment, which is always text, is meant to be. */
function kindOf(type: Class, name: string, initial: unknown): string {
  if (initial !== undefined) return Array.isArray(initial) ? 'list' : typeof initial;
  const declared: unknown = Reflect.getMetadata('design:type', type.prototype as object, name);
  return declared === Number ? 'number' : declared === Boolean ? 'boolean' : declared === Array ? 'list' : 'string';
}

const isOptional = (type: Class, name: string): boolean =>
  getMetadataStorage()
    .getTargetValidationMetadatas(type, '', false, false)
    .some((rule) => rule.propertyName === name && rule.type === ValidationTypes.CONDITIONAL_VALIDATION);

/** Turns trees into instances of settings classes, noting what is wrong. */
class Reader {
  readonly #mistakes: Mistakes;
  readonly #env: ConfigSource['env'];

  constructor(mistakes: Mistakes, env: ConfigSource['env']) {
    this.#mistakes = mistakes;
    this.#env = env;
  }

  refuseUnknown(tree: Tree, path: string, known: readonly string[]): void {
    if (!isMapTree(tree)) return;
    for (const [name, given] of tree.map) {
      if (known.some((each) => sameName(each, name))) continue;
      const near = nearest(name, known);
      this.#mistakes.add(
        path === '' ? name : `${path}.${name}`,
        given.origin,
        `is not known${near === null ? `; there are ${known.join(', ')}` : `; did you mean '${near}'?`}`,
      );
    }
  }

  instance<T extends object>(type: new () => T, tree: Tree | undefined, path: string, beside: readonly string[]): T {
    const instance = new type();
    const docs = settingsOf(type as unknown as Class);
    if (tree !== undefined && !isMapTree(tree)) {
      if (!('value' in tree && tree.value === null)) this.#mistakes.add(path, tree.origin, 'is a section, not a value');
    } else if (tree !== undefined) {
      this.refuseUnknown(tree, path, [...docs.map(({ name }) => name), ...beside]);
    }
    const values = instance as Record<string, unknown>;
    for (const doc of docs) {
      const given = child(tree, doc.name);
      const kind = kindOf(type as unknown as Class, doc.name, values[doc.name]);
      if (given !== undefined) values[doc.name] = this.#value(doc, given, `${path}.${doc.name}`, values[doc.name], kind);
      else if (doc.secret === true && values[doc.name] === undefined && !isOptional(type as unknown as Class, doc.name))
        this.#mistakes.add(`${path}.${doc.name}`, tree?.origin ?? 'not configured', 'is needed: write { env: NAME } or { file: path }');
    }
    for (const error of validateSync(instance, { forbidUnknownValues: false })) {
      if (error.children !== undefined && error.children.length > 0) continue;
      const origin = child(tree, error.property)?.origin ?? 'not configured';
      this.#mistakes.add(`${path}.${error.property}`, origin, Object.values(error.constraints ?? {}).join(', '));
    }
    return instance;
  }

  #value(doc: SettingDoc, given: Tree, path: string, initial: unknown, kind: string): unknown {
    if (doc.secret === true) return this.#secret(given, path);
    if (doc.nested !== undefined && doc.list === true) {
      if ('list' in given) return given.list.map((each, index) => this.instance(doc.nested as new () => object, each, `${path}[${index}]`, []));
      this.#mistakes.add(path, given.origin, 'is a list');
      return initial;
    }
    if (doc.nested !== undefined) return this.instance(doc.nested as new () => object, given, path, []);
    if ('list' in given) return given.list.map((each) => ('value' in each ? each.value : null));
    if ('map' in given) {
      this.#mistakes.add(path, given.origin, 'is a value, not a section');
      return initial;
    }
    return fromText(given.value, kind, given.origin);
  }

  /** `{ env: NAME }` or `{ file: path }`; a literal is refused without being shown. */
  #secret(given: Tree, path: string): Secret | undefined {
    const text = (name: string): string | undefined => {
      const inner = child(given, name);
      return inner !== undefined && 'value' in inner && typeof inner.value === 'string' ? inner.value : undefined;
    };
    const [env, file] = [text('env'), text('file')];
    if (env !== undefined && /^[A-Za-z_]\w*$/.test(env)) {
      const value = this.#env[env];
      if (value === undefined || value === '') this.#mistakes.add(path, given.origin, `the environment variable ${env} is not set`);
      return new Secret(`env:${env}`, value ?? '');
    }
    if (file !== undefined) {
      const value = textOf(file, this.#mistakes, path, given.origin)?.replace(/\r?\n$/, '');
      if (value === '') this.#mistakes.add(path, given.origin, `the file ${file} is empty`);
      return new Secret(`file:${file}`, value ?? '');
    }
    this.#mistakes.add(path, given.origin, 'is a secret: write { env: NAME } or { file: path }, never the secret itself');
    return undefined;
  }
}

/** A value from the environment as what it is meant to be; from the file as it is. */
function fromText(value: unknown, kind: string, origin: string): unknown {
  if (typeof value !== 'string' || !origin.startsWith('GATEHOUSE_')) return value;
  if (kind === 'number') return value.trim() === '' ? value : Number(value);
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  if (kind === 'list') return value.split(',').map((each) => each.trim());
  return value;
}
