import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GatehouseError } from '../../../contract/errors.ts';
import { type RecordLayout } from '../layouts/record-layout.ts';
import { type CopybookOptions, parseCopybook } from './copybook.ts';

/** The records of one copybook. */
export interface Copybook {
  /** By the name of its level 01. @throws GatehouseError LAYOUT_MISSING naming those that there are */
  record(name: string): RecordLayout;
}

/**
 * The copybook that lies beside an adapter.
 * @throws GatehouseError LAYOUT_MISSING when it is not there or cannot be read, with line and column
 * @example copybook(new URL('./posting.cpy', import.meta.url)).record('POSTING-HEADER')
 */
export function copybook(file: URL, options: CopybookOptions = {}): Copybook {
  const path = fileURLToPath(file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new GatehouseError('LAYOUT_MISSING', `the copybook ${path} cannot be read`, { cause });
  }
  const records = parseCopybook(text, { name: basename(path), ...options });
  return {
    record: (name) => {
      const found = records.find((record) => record.name === name);
      if (found !== undefined) return found;
      const names = records.map((record) => record.name).join(', ');
      throw new GatehouseError('LAYOUT_MISSING', `the copybook ${path} has no record ${name}; it has ${names}`);
    },
  };
}
