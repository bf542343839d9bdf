import { fileURLToPath } from 'node:url';
import { launch } from './launch.ts';

/** `node dist/main.js`: the gateway, run until SIGTERM. */
const self = fileURLToPath(import.meta.url);
const cli = './src/cli/gatehouse.js';
launch(self, process.versions.node, [self, ...process.argv.slice(2)], async () =>
  ((await import(cli)) as { main(argv: readonly string[]): Promise<number> }).main(['start', ...process.argv.slice(2)]),
);
