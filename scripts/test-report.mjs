import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A vitest reporter that writes the counts, and what was skipped and why, to the file named in SSD_STUDIO_TEST_REPORT. */
export default class TestReport {
  onTestRunEnd(modules, errors) {
    const report = { passed: 0, failed: errors.length, skipped: [] };
    for (const module of modules) {
      // A file that cannot be loaded has no tests to fail: it counts as one itself.
      report.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') report.passed++;
        else if (state === 'failed') report.failed++;
        else report.skipped.push(`${module.relativeModuleId} > ${test.fullName}${note ? `: ${note}` : ''}`);
      }
    }
    const file = process.env.SSD_STUDIO_TEST_REPORT;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(report, null, 2));
  }
}
