// Print the catalogue of attacks as a table, from the test runner's report, and keep the same table in docs/hostile.md. Ends with 1 when a
// case failed.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';

const CLASSES = { jail: 'Jail', gates: 'Gates', host: 'Host boundary', models: 'Models', crash: 'Crash and load', input: 'Input' };
const report = JSON.parse(readFileSync('.cache/hostile.json', 'utf8'));
const tests = report.testResults.flatMap((file) => file.assertionResults);
const order = Object.keys(CLASSES);
const rows = tests
  .filter((test) => test.meta?.hostile !== undefined)
  .map(rowOf)
  .sort((a, b) => order.indexOf(a.class) - order.indexOf(b.class) || (a.id < b.id ? -1 : 1));
const others = tests.filter((test) => test.meta?.hostile === undefined && test.status === 'failed').map((test) => test.fullName);
const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).map((file) => file.name);
const count = (result) => rows.filter((row) => row.result === result).length;
const summary = `${count('ok')} ok, ${count('no')} no, ${count('open')} open${count('long') > 0 ? `, ${count('long')} only with FACTORY_LONG=1` : ''}`;

printTable();
for (const name of [...others, ...broken]) console.log(`no: ${name}`);
writeFileSync('docs/hostile.md', page());
console.log(`\n${summary}   (docs/hostile.md)`);
process.exitCode = count('no') + others.length + broken.length > 0 ? 1 : 0;

function rowOf(test) {
  const { played, ...one } = test.meta.hostile;
  const result = one.status !== 'built' ? 'open' : test.status === 'passed' ? 'ok' : test.status === 'failed' ? 'no' : 'long';
  return { ...one, played, result, seconds: result === 'ok' || result === 'no' ? (test.duration ?? 0) / 1000 : null };
}

function printTable() {
  const lines = rows.map(({ id, class: group, title, stage, codes, played, seconds, result }) => [
    result === 'ok' ? ' ok' : result === 'no' ? ' no' : ' --',
    id,
    group.padEnd(6),
    cut(title, 58).padEnd(58),
    stage.padEnd(8),
    played === null ? '         ' : `${played.control}/${played.attack.length}/${played.twin}`.padEnd(9),
    (seconds === null ? '' : seconds.toFixed(1)).padStart(6),
    result === 'open' ? 'open' : codes.join(', '),
  ]);
  console.log(` .. id  class  ${'what'.padEnd(58)} by       c/a/t     seconds  code`);
  for (const line of lines) console.log(line.join(' '));
}

function page() {
  const groups = Object.entries(CLASSES).map(([group, name]) => {
    const own = rows.filter((row) => row.class === group);
    const table = own.map((row) => `| ${row.id} | ${row.title} | ${row.door}, ${row.stage} | ${cell(row)} | ${row.control} | ${row.twin} | ${tries(row)} | ${row.seconds?.toFixed(1) ?? ''} | ${row.result} |`);
    const open = own.filter((row) => row.result === 'open').map((row) => `- ${row.id}: ${row.status.replace('open: ', '')}`);
    const head = '| id | attack | enters at, stopped by | ends as | control: without the defence | twin: passes | tried | s | |\n|---|---|---|---|---|---|---|---|---|';
    return `## ${name}\n\n${head}\n${table.join('\n')}${open.length === 0 ? '' : `\n\nOpen:\n${open.join('\n')}`}`;
  });
  return `# Hostile cases

${summary}. Made by \`make hostile\` on ${new Date().toISOString().slice(0, 10)} (${machine()}); do not edit.

A case is ok when its control shows that the attack works where nothing defends, every variant of the attack ends with its code and no other,
the honest twin passes, the user's repository has the same hash as before, and nothing is left on the engine. \`tried\` is the number of controls /
variants of the attack / twins. The cases are data in \`tests/hostile/catalogue.ts\`; after a class an honest run still passes.

${groups.join('\n\n')}
`;
}

function cell({ codes }) {
  return codes.map((code) => (code.includes(' ') || code === 'neutralised' ? code : `\`${code}\``)).join(', ');
}

function tries({ played }) {
  return played === null ? '' : `${played.control} / ${played.attack.length} / ${played.twin}`;
}

function machine() {
  const processors = cpus();
  const engine = execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' }).trim();
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, Linux ${release()}, Docker ${engine}, Node ${process.versions.node}`;
}

function cut(text, max) {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
