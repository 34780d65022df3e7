import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { factory } from './line/factory.ts';
import { honest, REQUEST } from './line/replies.ts';
import { type ScriptedModel, scriptedModel } from './line/scripted-model.ts';
import { fingerprint, smallTarget } from './line/small-target.ts';

const root = join(import.meta.dirname, '../..');
const policies = mkdtempSync(join(tmpdir(), 'factory-policies-'));
let model: ScriptedModel;
let target: string;

beforeAll(async () => {
  cpSync(join(root, 'policies'), policies, { recursive: true });
  appendFileSync(join(policies, 'review.yaml'), '\nruntime: no-such-runtime\n');
  model = await scriptedModel(honest);
  target = smallTarget();
});
afterAll(() => {
  model.close();
  for (const folder of [policies, target]) rmSync(folder, { recursive: true, force: true });
});

test('a policy with a runtime that the engine lacks ends the run before anything is built, asked or started', async () => {
  const before = fingerprint(target);
  const env = { OLLAMA_HOST: model.host, FACTORY_POLICIES: policies };
  const ended = await factory([...model.flags, '-C', target, '--', REQUEST], env);
  expect(ended).toMatchObject({ exitCode: 3, folder: null, result: { code: 'runtime_missing' } });
  expect(ended.stderr).toContain('policies/review.yaml asks for no-such-runtime');
  expect(ended.stderr).not.toContain('building');
  expect(model.asked).toEqual([]);
  expect(fingerprint(target)).toBe(before);
});

test('doctor says which policy asks for it and what to do', () => {
  const { stdout, status } = spawnSync(process.execPath, [join(root, 'build/orchestrator/cli/main.js'), 'doctor', '-C', target], {
    encoding: 'utf8',
    env: { ...process.env, FACTORY_POLICIES: policies },
  });
  expect(stdout).toMatch(/fail runtime .*policies\/review\.yaml asks for no-such-runtime\n.*runsc install/);
  expect(status).toBe(3);
});
