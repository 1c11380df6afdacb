// Adds up what the test runners wrote (.trx of dotnet test, .json of vitest) and says it in one line.
// A test that was skipped for want of a program says "Needs <program>"; with CI=true that is a failure.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, runnerFailed] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
const reasons = new Map();

for (const name of readdirSync(folder)) {
  const text = readFileSync(join(folder, name), 'utf8');
  if (name.endsWith('.trx')) {
    for (const [, outcome] of text.matchAll(/<UnitTestResult [^>]*?outcome="(\w+)"/g)) {
      if (outcome === 'Passed') total.passed++;
      else if (outcome === 'NotExecuted') total.skipped++;
      else total.failed++;
    }
    for (const block of text.matchAll(/<UnitTestResult [^>]*?outcome="NotExecuted"[^>]*?>([\s\S]*?)<\/UnitTestResult>/g)) {
      const reason = /<Message>([\s\S]*?)<\/Message>|<StdOut>([\s\S]*?)<\/StdOut>/.exec(block[1]);
      const words = (reason?.[1] ?? reason?.[2] ?? 'no reason given').trim();
      reasons.set(words, (reasons.get(words) ?? 0) + 1);
    }
  } else if (name.endsWith('.json')) {
    const report = JSON.parse(text);
    total.passed += report.numPassedTests;
    total.failed += report.numFailedTests;
    total.skipped += report.numPendingTests;
  }
}

for (const [words, count] of reasons) console.log(`skipped ${count}: ${words}`);
const wanting = [...reasons.keys()].filter((words) => words.startsWith('Needs '));
if (process.env.CI === 'true' && wanting.length > 0) {
  console.log(`A program is missing: ${wanting.join('; ')}`);
  total.failed++;
}
if (runnerFailed === '1' && total.failed === 0) {
  console.log('A test runner failed without naming a test.');
  total.failed++;
}
if (total.passed === 0) {
  console.log('No test ran.');
  total.failed++;
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);
