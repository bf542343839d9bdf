#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { launch } from './launch.ts';

const self = fileURLToPath(import.meta.url);
const cli = './src/cli/gatehouse.js';
launch(self, process.versions.node, [self, ...process.argv.slice(2)], async () =>
  ((await import(cli)) as { main(argv: readonly string[]): Promise<number> }).main(process.argv.slice(2)),
);
