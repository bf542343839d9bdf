import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadDocuments } from '../wsdl/documents.ts';
import { type XmlElement } from '../xml/xml.document.ts';
import { described } from './selection.ts';

export interface WsdlFiles {
  /** The WSDL itself, as a path of `files`. */
  readonly main: string;
  /** Bytes as they are, by path relative to the folder that holds them all, with `/`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A WSDL and every file that it imports or includes, at any depth. @throws GatehouseError LAYOUT_MISSING */
export function wsdlFiles(url: URL): WsdlFiles {
  const main = fileURLToPath(url);
  const { definitions, schemas } = described(main, () => loadDocuments(url));
  const paths = new Set([main, ...[...definitions, ...schemas.map(({ root }) => root)].map((root) => resolve(dirname(main), fileOf(root)))]);
  let folder = dirname(main);
  while ([...paths].some((path) => relative(folder, path).startsWith('..'))) folder = dirname(folder);
  const nameOf = (path: string): string => relative(folder, path).split(sep).join('/');
  return { main: paths.size === 1 ? basename(main) : nameOf(main), files: new Map([...paths].map((path) => [nameOf(path), readFileSync(path)])) };
}

/** Where an element stands is told by its mistakes: `schemas/order.xsd:3:1: …`. */
const fileOf = (root: XmlElement): string => root.mistake('').message.replace(/:\d+:\d+: $/, '');
