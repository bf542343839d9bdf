import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Plugin, defineConfig } from 'vite';

const outDir = join(import.meta.dirname, '../../../dist/console');

/** Packed once at build time and not at each request. */
const packed: Plugin = {
  name: 'packed',
  writeBundle: (_options, bundle) => {
    for (const file of Object.keys(bundle))
      if (/\.(?:js|css|html|svg)$/.test(file)) writeFileSync(join(outDir, `${file}.gz`), gzipSync(readFileSync(join(outDir, file)), { level: 9 }));
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A data: URL in a style sheet is refused by the policy of the pages.
    assetsInlineLimit: 0,
  },
  plugins: [packed],
});
