import { existsSync, readFileSync } from 'node:fs';
import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { type Mistakes } from './mistakes.ts';

/** A value as it was configured, with where it stands. */
export interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/** A tree of given values: maps by name, lists by index. */
export type Tree = Given | { readonly map: Map<string, Tree>; readonly origin: string } | { readonly list: Tree[]; readonly origin: string };

export const isMapTree = (tree: Tree | undefined): tree is { map: Map<string, Tree>; origin: string } => tree !== undefined && 'map' in tree;

/** The file as a tree. Plain YAML only: no tags, no aliases, no merge keys. */
export function readFile(path: string, mistakes: Mistakes): Tree {
  const empty: Tree = { map: new Map(), origin: '' };
  if (!existsSync(path)) {
    mistakes.add('', path, 'there is no such file');
    return empty;
  }
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(path, 'utf8'), {
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    customTags: [],
    stringKeys: true,
  });
  const at = (offset: number | undefined): string =>
    offset === undefined ? path : `${path}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`;
  for (const error of document.errors) mistakes.add('', at(error.pos[0]), error.message.split('\n')[0] ?? 'no YAML');
  if (document.errors.length > 0 || document.contents === null) return empty;
  const walk = (node: unknown, path: string): Tree => {
    const origin = at((node as { range?: [number] | null }).range?.[0]);
    if (isMap(node))
      return {
        origin,
        map: new Map(
          node.items.map((item) => [
            String(isScalar(item.key) ? item.key.value : item.key),
            item.value === null ? { value: null, origin } : walk(item.value, `${path}.`),
          ]),
        ),
      };
    if (isSeq(node)) return { origin, list: node.items.map((item) => walk(item, path)) };
    if (isScalar(node)) return { value: node.value, origin };
    mistakes.add('', origin, 'aliases and tags are not allowed');
    return { value: null, origin };
  };
  return walk(document.contents, '');
}

const prefix = 'GATEHOUSE_';
/** Variables that are no settings. */
const reserved = new Set(['GATEHOUSE_CONFIG', 'GATEHOUSE_TOKEN', 'GATEHOUSE_URL', 'GATEHOUSE_CRASH_SEED']);

/** Overrides from the environment: `GATEHOUSE_HTTP__PORT` is `http.port`; names are matched without case. */
export function overlayEnvironment(tree: Tree, env: Readonly<Record<string, string | undefined>>): Tree {
  const root = isMapTree(tree) ? tree : { map: new Map<string, Tree>(), origin: '' };
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || reserved.has(name) || text === undefined) continue;
    const path = name.slice(prefix.length).toLowerCase().split('__');
    let here = root;
    for (const level of path.slice(0, -1)) {
      const key = keyOf(here.map, level);
      const next = here.map.get(key);
      const map = isMapTree(next) ? next : { map: new Map<string, Tree>(), origin: name };
      here.map.set(key, map);
      here = map;
    }
    here.map.set(keyOf(here.map, path.at(-1) ?? ''), { value: text, origin: name });
  }
  return root;
}

function keyOf(map: ReadonlyMap<string, Tree>, level: string): string {
  return [...map.keys()].find((key) => sameName(key, level)) ?? level;
}

export const sameName = (a: string, b: string): boolean => a.replaceAll(/[_-]/g, '').toLowerCase() === b.replaceAll(/[_-]/g, '').toLowerCase();
