import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Json } from '../contract/json.ts';

/** A case is a folder; its name is a sentence: `open-incident--opened`. */
export interface Case {
  /** `servicenow/open-incident--opened` */
  readonly name: string;
  readonly folder: string;
  readonly system: string;
}

/** `live`: through a real gateway against the practice system. `recorded`: from what the case keeps. */
export type CaseWay = 'live' | 'recorded';

/** A reply, or what a source brought in. */
export interface CaseEvent {
  readonly type: string;
  readonly data: Json;
}

export const readJson = (folder: string, file: string): Json => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;

/** Faults, and what is there before the event comes, for the practice system. */
export const preparationOf = (folder: string): readonly object[] =>
  existsSync(join(folder, 'practice.json')) ? (readJson(folder, 'practice.json') as object[]) : [];

/** Whether it was saved from what a gateway did in front of a real system. */
export const isSaved = (folder: string): boolean => existsSync(join(folder, 'saved.json'));

/** Native files that the case keeps in a directory of its own, in order of their names. */
export function filesIn(folder: string, directory: string): ReadonlyMap<string, Uint8Array> {
  const path = join(folder, directory);
  const names = existsSync(path) ? readdirSync(path).sort() : [];
  return new Map(names.map((name) => [name, readFileSync(join(path, name))]));
}
