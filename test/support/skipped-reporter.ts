/** Says at the end what was skipped; the reason stands in the name of the test or of the suite around it. */
import type { Reporter, TestModule } from 'vitest/node';

export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names = new Set<string>();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        names.add(`${module.relativeModuleId}: ${test.fullName}`);
      }
    }
    for (const name of names) console.log(`skipped: ${name}`);
  }
}
