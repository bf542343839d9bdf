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
    // On a busy machine everything takes many times as long: these end what hangs, and judge no speed.
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    // On a machine that has nothing the first of them install what they need.
    hookTimeout: 300_000,
  },
});
