// Print what failed, and what passed only when it was tried again, each with the first lines of its message, then `N passed, N failed[, N skipped]`, over the test runner's reports.
// A report that is missing or ran nothing counts as one failure.
import { readFileSync } from 'node:fs';

const sum = { passed: 0, failed: 0, skipped: 0 };
const LINES = 12;
for (const part of ['unit', 'engine', 'hostile']) {
  const report = read(`.cache/reports/${part}.json`);
  const collected = report?.numPassedTests + report?.numFailedTests > 0;
  sum.passed += report?.numPassedTests ?? 0;
  sum.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  // A file that does not load fails as a suite and has no test to count.
  const broken = (report?.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  sum.failed += (report?.numFailedTests ?? 0) + broken.length + (collected ? 0 : 1);
  if (!collected) console.log(`FAILED ${part}: it has no report, or the report has no test`);
  for (const file of broken) tell(part, file.name, [file.message]);
  for (const file of report?.testResults ?? [])
    for (const test of file.assertionResults) {
      if (test.failureMessages?.length > 0) tell(part, `${file.name} > ${test.fullName}`, test.failureMessages, test.status === 'passed' ? 'FLAKY' : 'FAILED');
    }
}
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
process.exitCode = sum.failed > 0 ? 1 : 0;

function tell(part, what, messages, how = 'FAILED') {
  const lines = (messages ?? []).join('\n').split('\n');
  console.log([`${how} ${part}: ${what.replace(`${process.cwd()}/`, '')}`, ...lines.slice(0, LINES).map((line) => `    ${line.slice(0, 300)}`)].join('\n'));
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
