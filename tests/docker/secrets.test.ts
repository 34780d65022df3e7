import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Ended, factory, left } from './line/factory.ts';
import { AVERAGE, approval, build, honest, plan, REQUEST, scout } from './line/replies.ts';
import { type Script, type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

/** Planted in the host's environment; only what the tests do with it could bring it anywhere. */
const SECRET = 'Pl4nted-s3cret/value+one';
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString('hex'),
  encodeURIComponent(SECRET),
  // Of any longer text that holds it, what its own bytes decide.
  ...[0, 1, 2].map((before) =>
    Buffer.from(`${'x'.repeat(before)}${SECRET}`)
      .toString('base64')
      .slice(before === 0 ? 0 : before + 1, -4),
  ),
];

let model: ScriptedModel;
const folders: string[] = [];
afterEach(() => {
  model.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function runWith(script: Script, target: string): Promise<Ended> {
  model = await scriptedModel(script);
  const ended = await factory([...model.flags, '-C', target, '--', REQUEST], { OLLAMA_HOST: model.host, PLANTED_TOKEN: SECRET });
  folders.push(target, ...(ended.folder === null ? [] : [join(ended.folder, '..')]));
  return ended;
}

/** Every place of a run that holds one of the forms. */
function placesOf(ended: Ended, target: string): string[] {
  const folder = ended.folder ?? '';
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());
  const texts: [string, string][] = files.map((path) => [path, readFileSync(join(folder, path), 'latin1')]);
  texts.push(['stdout', ended.stdout], ['stderr', ended.stderr]);
  texts.push(['commits', execFileSync('git', ['-C', target, 'log', '--all', '--format=%B'], { encoding: 'utf8' })]);
  return texts.flatMap(([path, text]) => FORMS.filter((form) => text.includes(form)).map((form) => `${path}: ${form}`));
}

test('a secret that a model writes into code ends the run before any PR, and stands nowhere', async () => {
  const target = smallTarget();
  const before = fingerprint(target);
  const code = AVERAGE.replace('"""The mean', `"""${SECRET} The mean`);
  const ended = await runWith({ ...honest, BUILD: [build(code)] }, target);
  expect(ended.result).toMatchObject({ code: 'secret_in_change', exit_code: 1, branch: null, stage: 'BUILD' });
  expect(ended.result?.reason).toBe('prices/sums.py holds the value of PLANTED_TOKEN');
  // The attack took place: the model's reply is recorded, and what is shown of the change says what was taken out.
  const folder = ended.folder ?? '';
  expect(readFileSync(join(folder, 'evidence/recording/BUILD-1-1.json'), 'utf8')).toContain('[redacted:PLANTED_TOKEN]');
  expect(readFileSync(join(folder, 'change.patch'), 'utf8')).toMatch(/^# UNPROVEN.*secret_in_change[\s\S]*\[redacted:PLANTED_TOKEN\]/);
  expect(placesOf(ended, target)).toEqual([]);
  expect(fingerprint(target)).toBe(before);
  expect(left(ended.result?.run ?? '')).toEqual([]);
});

test('a secret that models repeat in words and the target prints stands nowhere, in any form, and the PR is made', async () => {
  const [raw, hex, url, ...base64] = FORMS;
  const said = `It is ${raw}, ${hex}, ${url}, ${Buffer.from(`a longer text with ${SECRET} in it`).toString('base64')}`;
  // Printed in two pieces, when pytest no longer looks; what is registered last runs first.
  const noisy = [
    'import atexit\nimport os\nimport time\n\n',
    `atexit.register(os.write, 2, b"${SECRET.slice(11)}\\n")\natexit.register(time.sleep, 0.2)\n`,
    `atexit.register(os.write, 2, b"${SECRET.slice(0, 11)}")\n`,
  ].join('');
  const target = smallTarget({ 'prices/__init__.py': noisy, 'README.md': `# Prices\n\nThe key is ${SECRET}.\n` });
  const spec = { ...plan.spec, intent: said.slice(0, 500) };
  const criteria = approval.review.criteria.map((one) => ({ ...one, why: `as ${raw} says` }));
  const ended = await runWith(
    {
      ...honest,
      PLAN: [{ ...plan, spec }],
      SCOUT: [{ ...scout, brief: { ...scout.brief, conventions: [raw, hex, url, ...base64].map(String) } }],
      REVIEW: [{ ...approval, review: { ...approval.review, criteria } }],
    },
    target,
  );
  expect(ended.result).toMatchObject({ outcome: 'pr', code: null });
  const folder = ended.folder ?? '';
  const logs = readdirSync(join(folder, 'evidence')).filter((name) => name.includes('test-running'));
  expect(logs.map((name) => readFileSync(join(folder, 'evidence', name, 'container.log'), 'utf8')).join('')).toContain(
    '[redacted:PLANTED_TOKEN]',
  );
  expect(readFileSync(join(folder, 'pr.md'), 'utf8')).toContain('redacted:PLANTED');
  expect(placesOf(ended, target)).toEqual([]);
}, 600_000);
