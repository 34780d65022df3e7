// Drop each part of the facts from a copy of the factory (tests/mutants/facts.yaml), one at a time, and see that the named test fails by an
// assertion. Ends with 1 when a suite is not green without a mutation, when a mutated file no longer loads, or when nothing or something else fails.
//
//   node .ci/mutants.mjs [--page] [WORD]
//
// --page writes the table to docs/mutants.md. WORD: only those whose file, suite or sentence has it; what needs an engine runs only so.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** Of the tree, what the suites read. */
const COPIED = ['orchestrator', 'images', 'policies', 'prompts', 'target-app', 'tests', 'docs', 'package.json', 'package-lock.json', 'tsconfig.json', 'vitest.config.ts'];
const FACTS = {
  1: 'Exit code and report',
  2: 'Canaries',
  3: 'The base’s tests still pass',
  4: 'Red on the base',
  5: 'Coverage, and its control',
  6: 'Configuration, files and paths are the host’s',
  7: 'Nothing is silenced, no finding is new',
  8: 'Every hunk earns its place',
  9: 'The verdict, and what is published',
};
const RUN_MS = 120_000;

const options = process.argv.slice(2);
const word = options.find((option) => !option.startsWith('--')) ?? null;
const wanted = parse(readFileSync('tests/mutants/facts.yaml', 'utf8')).filter((one) =>
  word === null ? one.by_hand === undefined : [one.file, one.suite, one.drops].some((text) => text.includes(word)),
);
const byHand = parse(readFileSync('tests/mutants/facts.yaml', 'utf8')).filter((one) => one.by_hand !== undefined && !wanted.includes(one));
const began = Date.now();
const folder = mkdtempSync(join(tmpdir(), 'factory-mutants-'));
const rows = [];
try {
  const queue = [...grouped(wanted)];
  await Promise.all([...cpus().keys()].slice(0, 2).map((n) => work(copied(join(folder, String(n))), queue)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
rows.sort((a, b) => wanted.indexOf(a.one) - wanted.indexOf(b.one));
const bad = rows.filter(({ fault }) => fault !== null);
const seconds = Math.round((Date.now() - began) / 1000);
const suites = new Set(wanted.map(({ suite }) => suite)).size;
const summary = `${rows.length} mutations, ${rows.length - bad.length} found by the named case${bad.length === 0 ? '' : `, ${bad.length} NOT`}; ${suites} suites green without one; ${seconds} s`;
for (const { one, fault } of bad) console.log(`no: fact ${one.fact}, ${one.drops}: ${fault}`);
console.log(`\n${summary}`);
if (options.includes('--page')) writeFileSync('docs/mutants.md', page());
process.exitCode = bad.length > 0 || rows.length === 0 ? 1 : 0;

/** Suites one after the other: each without a mutation, then with each of its own. */
async function work(root, queue) {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [suite, mutations] = next;
    const cases = mutations.map((one) => one.case);
    const clean = await tested(root, suite, cases);
    const isGreen = clean.loaded && !clean.tests.some(({ status }) => status === 'failed');
    for (const one of mutations) {
      const passed = isGreen && clean.tests.some((test) => isNamed(test, one.case) && test.status === 'passed');
      const row = passed ? await mutated(root, one) : { one, fault: `${suite} is not green without it, or has no such case`, failed: 0 };
      rows.push(row);
      console.log(` ${row.fault === null ? 'ok' : 'no'} ${one.fact} ${one.drops.padEnd(76)} ${row.failed} failed`);
    }
  }
}

async function mutated(root, one) {
  const path = join(root, one.file);
  const text = readFileSync(path, 'utf8');
  const fault = (what, failed = 0) => ({ one, fault: what, failed });
  if (text.split(one.find).length !== 2) return fault(`what is to be replaced stands in ${one.file} ${text.split(one.find).length - 1} times`);
  writeFileSync(path, text.replace(one.find, () => one.replace));
  try {
    const { loaded, tests } = await tested(root, one.suite, [one.case]);
    if (!loaded) return fault(`with it ${one.suite} does not load`);
    const failed = tests.filter(({ status }) => status === 'failed');
    if (failed.length === 0) return fault('decoration: nothing fails');
    const named = failed.find((test) => isNamed(test, one.case));
    if (named === undefined) return fault(`${failed.length} fail, and not “${one.case}” but “${failed[0].fullName}”`, failed.length);
    if (!/^(?:Assertion)?Error: /.test(named.failureMessages?.[0] ?? ''))
      return fault(`“${one.case}” fails by no assertion: ${(named.failureMessages?.[0] ?? '').split('\n')[0]}`, failed.length);
    return { one, fault: null, failed: failed.length };
  } finally {
    writeFileSync(path, text);
  }
}

/** A case is named by its title, or by that of its group and its own where two have the same. */
function isNamed({ title, fullName }, name) {
  return title === name || fullName === name;
}

/** What the test runner says of this file (of an engine's, which take long, of these cases alone); `loaded` is false where it could not be read at all. */
async function tested(root, suite, cases) {
  const report = join(root, 'report.json');
  rmSync(report, { force: true });
  const project = suite.startsWith('tests/docker/') ? 'engine' : 'unit';
  const only = project === 'engine' ? ['-t', cases.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')] : [];
  const args = ['run', '--project', project, suite, '--reporter=json', `--outputFile.json=${report}`, ...only];
  const child = spawn(join(root, 'node_modules/.bin/vitest'), args, { cwd: root, stdio: 'ignore' });
  const limit = setTimeout(() => child.kill('SIGKILL'), project === 'engine' ? 8 * RUN_MS : RUN_MS);
  await new Promise((resolved, failed) => child.on('close', resolved).on('error', failed));
  clearTimeout(limit);
  try {
    const files = JSON.parse(readFileSync(report, 'utf8')).testResults;
    return {
      loaded: files.length > 0 && files.every((file) => file.assertionResults.some(({ status }) => status === 'passed' || status === 'failed')),
      tests: files.flatMap((file) => file.assertionResults),
    };
  } catch {
    // No report: the runner itself came to nothing.
    return { loaded: false, tests: [] };
  }
}

function copied(root) {
  mkdirSync(root, { recursive: true });
  for (const name of COPIED) cpSync(name, join(root, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  return root;
}

function grouped(list) {
  const groups = new Map();
  for (const one of list) groups.set(one.suite, [...(groups.get(one.suite) ?? []), one]);
  return groups;
}

function page() {
  const all = [...rows.map(({ one, fault, failed }) => ({ one, said: fault === null ? String(failed) : `**${fault}**` })), ...byHand.map((one) => ({ one, said: `by hand, ${one.by_hand}` }))];
  const tables = Object.entries(FACTS).map(([number, title]) => {
    const own = all.filter(({ one }) => String(one.fact) === number);
    const lines = own.map(({ one, said }) => `| ${one.drops} | ${one.case} | \`${one.suite.replace(/^tests\//, '')}\` | ${said} |`.replaceAll('\n', ' '));
    const name = Number(number) <= 8 ? `${number}. ${title}` : title;
    return `## ${name}\n\n| dropped or let through | the case that then fails | in | failed |\n|---|---|---|---|\n${lines.join('\n')}`;
  });
  return `# No fact is decoration

${summary}. Made by \`make mutants\` on ${new Date().toISOString().slice(0, 10)} (${machine()}); do not edit.

A green means that all of these facts hold. Here each part of them is dropped from a copy of the factory, one at a time, and the named test must fail
by an assertion or an error that it throws itself; a test file that no longer loads, or a mutation that nothing notices, is an error. \`failed\` is how many tests of that file fail.
The list is \`tests/mutants/facts.yaml\`. The lines of the policies are dropped in the same way, against a real engine, in \`tests/docker/jail-open.test.ts\`.
What only a container can show is mutated by hand, with the same program, where the table says so.

${tables.join('\n\n')}
`;
}

function machine() {
  const processors = cpus();
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Linux ${release()}, Node ${process.versions.node}`;
}
