import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedSections } from '../src/cli/documents.ts';
import { commandLine } from '../src/cli/gatehouse.ts';
import { withSection } from '../src/documents/tables.ts';

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');

describe('the README', () => {
  it('its generated sections are what the code says (npx gatehouse docs writes them)', async () => {
    const sections = Object.entries(await generatedSections(commandLine()));
    expect(sections.map(([name]) => name).sort()).toEqual(['cli', 'config', 'failures']);
    for (const [name, content] of sections) expect(withSection(readme, name, content)).toBe(readme);
  });

  it('names the two commands first', () => {
    expect(readme.indexOf('npm ci && npm run demo')).toBeLessThan(1_000);
    expect(readme.indexOf('npm ci && npm test')).toBeLessThan(1_000);
  });
});
