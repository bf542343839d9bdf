import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that would be waited for alone if they began last; the longest first. */
const longest = [
  'test/crash/crash.e2e-spec.ts',
  'test/crash/files.e2e-spec.ts',
  'test/adapters.spec.ts',
  'test/crash/rabbitmq.e2e-spec.ts',
  'test/e2e/large-directories.e2e-spec.ts',
  'test/e2e/carrier.e2e-spec.ts',
  'test/e2e/rabbitmq.e2e-spec.ts',
  'test/e2e/console-attention.e2e-spec.ts',
  'test/e2e/console-translations.e2e-spec.ts',
  'test/crash/bulks.e2e-spec.ts',
  'test/crash/terminal.e2e-spec.ts',
  'test/e2e/console-adapters.e2e-spec.ts',
  'test/e2e/console-systems.e2e-spec.ts',
  'test/terminal/commands.spec.ts',
];

/** A machine that has never run the tests knows nothing of how long they take: this does. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
