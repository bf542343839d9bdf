import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closing-line.reporter.ts';
import { LongestFirst } from './test/support/longest-first.sequencer.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    // Most of the long ones wait more than they work.
    maxWorkers: Math.max(3, availableParallelism()),
    include: ['src/**/*.spec.ts', 'adapters/**/*.spec.ts', 'test/**/*.spec.ts', 'test/**/*.e2e-spec.ts'],
    globalSetup: ['test/support/run-ground.ts'],
    setupFiles: ['reflect-metadata'],
    // Words are compared; in CI the command line would colour them.
    env: { NO_COLOR: '1' },
    sequence: { sequencer: LongestFirst },
    reporters: ['default', new ClosingLine()],
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    // On a machine that has nothing the first of them install what they need.
    hookTimeout: 300_000,
  },
});
