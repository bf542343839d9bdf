import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Who may import whom: every folder its own and `contract`; the composition root and what starts or shows the whole may know several. */
const star: Readonly<Record<string, readonly string[]>> = {
  'src/contract': [],
  'src/config': [],
  'src/documents': [],
  'src/gateway': [],
  'src/journal': [],
  'src/bus': [],
  'src/telemetry': [],
  'src/transports/soap': [],
  'src/transports/ssh': [],
  // Files and terminals go over SSH alike: one list of what is safe, one way to come in.
  'src/transports/file': ['src/transports/ssh/algorithms.ts', 'src/transports/ssh/authentication.ts', 'src/transports/ssh/known-hosts.ts'],
  'src/transports/terminal': ['src/transports/ssh/algorithms.ts', 'src/transports/ssh/authentication.ts', 'src/transports/ssh/known-hosts.ts'],
  'src/http': [],
  // It comes in by the same door: one guard, one way to stream.
  // What the documents say of an event is what its catalogue shows.
  'src/console': [
    'src/http/access.guard.ts',
    'src/http/http.settings.ts',
    'src/http/sse.ts',
    'src/documents/asyncapi.ts',
    'src/documents/example.ts',
  ],
  // Its pages know what the API answers, by type.
  'src/console/web': ['*'],
  'src/launcher': [],
  'src/practice': ['*'],
  'src/cli': ['*'],
  'src/main.ts': ['*'],
  'src/app.module.ts': ['*'],
  'src/composition.ts': ['*'],
  adapters: [
    'src/contract/index.ts',
    'src/transports/soap/soap.ts',
    'src/transports/file/file.ts',
    'src/transports/file/pickup/pickup.ts',
    'src/transports/terminal/terminal.ts',
  ],
};

/** Packages a folder must not know. */
const foreign: Readonly<Record<string, RegExp>> = {
  'src/contract': /^@nestjs\/(?!common$)/,
  'src/gateway': /^@nestjs\//,
  'src/journal': /^@nestjs\//,
  'src/bus': /^@nestjs\//,
  'src/telemetry': /^@nestjs\//,
  'src/transports': /^@nestjs\//,
  adapters: /^(?:node:|fs|net|http|https|crypto|undici|soap|ssh2|child_process|timers)/,
};

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s*'([^']+)'/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function areaOf(path: string): string | undefined {
  return Object.keys(star)
    .filter((area) => path === area || path.startsWith(`${area}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function violations(base: string): { violations: string[]; imports: number } {
  const files = globSync(['src/**/*.ts', 'adapters/**/*.ts'], { cwd: base }).filter((file) => !/\.(?:spec|e2e-spec)\.ts$/.test(file));
  const found: string[] = [];
  let imports = 0;
  for (const file of files) {
    const area = areaOf(file);
    if (area === undefined) {
      found.push(`${file} is in no folder of the table`);
      continue;
    }
    for (const specifier of importsOf(join(base, file))) {
      imports += 1;
      if (!specifier.startsWith('.')) {
        const [, pattern] = Object.entries(foreign).find(([folder]) => file === folder || file.startsWith(`${folder}/`)) ?? [];
        if (pattern?.test(specifier) === true) found.push(`${file} imports the package ${specifier}`);
        continue;
      }
      const target = relative(base, resolve(base, dirname(file), specifier));
      const allowed = star[area] ?? [];
      const own =
        target.startsWith(`${area}/`) && (area !== 'adapters' || target.split('/')[1] === file.split('/')[1] || file === 'adapters/index.ts');
      const contract = area !== 'adapters' && target.startsWith('src/contract/');
      if (!own && !contract && !allowed.includes('*') && !allowed.includes(target)) found.push(`${file} imports ${target}`);
    }
  }
  return { violations: found, imports };
}

describe('the star', () => {
  it('every folder imports contract and itself', () => {
    const { violations: found, imports } = violations(root);
    expect(imports).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it.each([
    [
      'src/gateway/planted.ts',
      "import { open } from '../journal/sqlite/sqlite.journal.ts';",
      'src/gateway/planted.ts imports src/journal/sqlite/sqlite.journal.ts',
    ],
    ['src/gateway/planted.ts', "import { Injectable } from '@nestjs/common';", 'src/gateway/planted.ts imports the package @nestjs/common'],
    ['adapters/crm/planted.ts', "import { readFile } from 'node:fs';", 'adapters/crm/planted.ts imports the package node:fs'],
    ['adapters/crm/planted.ts', "export { x } from '../erp/erp.adapter.ts';", 'adapters/crm/planted.ts imports adapters/erp/erp.adapter.ts'],
    ['src/http/planted.ts', "await import('../gateway/gateway.ts');", 'src/http/planted.ts imports src/gateway/gateway.ts'],
    ['src/helpers/planted.ts', '', 'src/helpers/planted.ts is in no folder of the table'],
  ])('a violation planted in %s is found: %s', (file, text, expected) => {
    const base = mkdtempSync(join(tmpdir(), 'gatehouse-star-'));
    try {
      mkdirSync(dirname(join(base, file)), { recursive: true });
      writeFileSync(join(base, file), text);
      expect(violations(base).violations).toEqual([expected]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
});

/** Imports that Node makes although they name nothing but types: it strips types without looking, and leaves `import {}`. */
function loadedForTypes(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/(?:^|\n)(?:import|export) (?!type )([^;]*?) from '(\.[^']+)'/g);
  return [...imports].flatMap(([, names = '', specifier = '']) =>
    /^\{\s*(?:type [^,]+,?\s*)+\}$/.test(names)
      ? [`${relative(root, file)}: write \`import type\` for '${specifier}'`]
      : loadedForTypes(resolve(dirname(file), specifier), seen),
  );
}

it.each(globSync('src/**/*.worker.ts', { cwd: root }))(
  '%s, which a thread of its own loads for itself, loads no module for its types alone',
  (worker) => {
    expect(loadedForTypes(join(root, worker))).toEqual([]);
  },
);
