import { readFileSync } from 'node:fs';
import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { type Mistakes } from './mistakes.ts';

/** A value as it was configured, with where it stands. */
export interface Given {
  readonly value: unknown;
  readonly origin: string;
}

/** A tree of given values: maps by name, lists by index. */
export type Tree = Given | Branch;
type Branch = { readonly map: Map<string, Tree>; readonly origin: string } | { readonly list: Tree[]; readonly origin: string };

export const isMapTree = (tree: Tree | undefined): tree is { map: Map<string, Tree>; origin: string } => tree !== undefined && 'map' in tree;

/** The file as a tree. Plain YAML only: no tags, no aliases, no merge keys. */
export function readFile(path: string, mistakes: Mistakes): Tree {
  const empty: Tree = { map: new Map(), origin: '' };
  const text = textOf(path, mistakes);
  if (text === null) return empty;
  const lines = new LineCounter();
  const document = parseDocument(text, {
    prettyErrors: false,
    lineCounter: lines,
    uniqueKeys: true,
    merge: false,
    customTags: [],
    stringKeys: true,
  });
  const at = (offset: number | undefined): string =>
    offset === undefined ? path : `${path}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`;
  // One broken line breaks all behind it; and the code instead of the message, which may quote the file and so a secret.
  const [error] = document.errors;
  if (error !== undefined) mistakes.add('', at(error.pos[0]), `this is no YAML: ${error.code.toLowerCase().replaceAll('_', ' ')}`);
  if (document.errors.length > 0 || document.contents === null) return empty;
  const walk = (node: unknown): Tree => {
    const { range, tag } = node as { range?: [number] | null; tag?: string };
    const origin = at(range?.[0]);
    if (tag === undefined) {
      if (isMap(node)) {
        const map = new Map<string, Tree>();
        for (const item of node.items) {
          const name = String(isScalar(item.key) ? item.key.value : item.key);
          const twin = [...map.keys()].find((key) => sameName(key, name));
          if (twin !== undefined) mistakes.add('', at((item.key as { range?: [number] | null }).range?.[0]), `'${name}' is '${twin}' once more`);
          map.set(name, item.value === null ? { value: null, origin } : walk(item.value));
        }
        return { origin, map };
      }
      if (isSeq(node)) return { origin, list: node.items.map(walk) };
      if (isScalar(node)) return { value: node.value, origin };
    }
    mistakes.add('', origin, 'aliases and tags are not allowed');
    return { value: null, origin };
  };
  return walk(document.contents);
}

/** The text of a file; null, and a mistake, when it cannot be read. */
export function textOf(path: string, mistakes: Mistakes, of = '', origin = path): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    mistakes.add(of, origin, code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read (${code ?? 'unknown'})`);
    return null;
  }
}

const prefix = 'GATEHOUSE_';
const isIndex = (level: string | undefined): boolean => level !== undefined && /^\d{1,4}$/.test(level);

/**
 * Overrides from the environment: `GATEHOUSE_HTTP__PORT` is `http.port`, `GATEHOUSE_HTTP__TOKENS__0__NAME` is `http.tokens[0].name`; names are
 * matched without case. A name without `__` is no setting: Kubernetes puts GATEHOUSE_PORT and the like beside a service named gatehouse.
 */
export function overlayEnvironment(tree: Tree, env: Readonly<Record<string, string | undefined>>, mistakes: Mistakes): Tree {
  const root: Branch = isMapTree(tree) ? tree : { map: new Map<string, Tree>(), origin: '' };
  const names = Object.keys(env).filter((name) => name.startsWith(prefix) && name.includes('__') && env[name] !== undefined);
  for (const name of names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
    const path = name.slice(prefix.length).toLowerCase().split('__');
    let here: Branch = root;
    for (const [depth, level] of path.entries()) {
      const next = path[depth + 1];
      const there = childOf(here, level);
      const tree: Tree =
        next === undefined
          ? { value: env[name], origin: name }
          : there !== undefined && !('value' in there)
            ? there
            : isIndex(next)
              ? { list: [], origin: name }
              : { map: new Map(), origin: name };
      if (!put(here, level, tree)) {
        mistakes.add('', name, 'entries of a list have the numbers 0, 1, 2 and so on, without a gap');
        break;
      }
      if (!('value' in tree)) here = tree;
    }
  }
  return root;
}

function childOf(branch: Branch, level: string): Tree | undefined {
  return 'map' in branch ? branch.map.get(keyOf(branch.map, level)) : branch.list[Number(level)];
}

function put(branch: Branch, level: string, tree: Tree): boolean {
  if ('map' in branch) branch.map.set(keyOf(branch.map, level), tree);
  else if (isIndex(level) && Number(level) <= branch.list.length) branch.list[Number(level)] = tree;
  else return false;
  return true;
}

function keyOf(map: ReadonlyMap<string, Tree>, level: string): string {
  return [...map.keys()].find((key) => sameName(key, level)) ?? level;
}

export const sameName = (a: string, b: string): boolean => a.replaceAll(/[_-]/g, '').toLowerCase() === b.replaceAll(/[_-]/g, '').toLowerCase();
