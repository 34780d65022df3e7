import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assertAnotherReviewer, modelSettings } from '../../../orchestrator/cli/model-settings.ts';
import { DEFAULT_MODELS, type Flags, readSettings } from '../../../orchestrator/cli/settings.ts';
import { PROFILES, profileFor } from '../../../orchestrator/domain/profiles.ts';
import { MODEL_STAGES } from '../../../orchestrator/domain/stage.ts';
import { doing } from './stage.ts';

function settings(file = '', flags: Flags = {}, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  if (file !== '') writeFileSync(join(folder, 'factory.yaml'), file);
  return readSettings(flags, env, folder);
}
const anybody = doing('ollama', ['yes']);
const sizes = (file: string, flags: Flags = {}) => modelSettings(anybody, settings(file, flags)).BUILD;

describe('a chain', () => {
  test('is one name, a list or a text with commas, in the file, the environment and on the command line', () => {
    const file = settings('models: {PLAN: a, SCOUT: [a, b], BUILD: "a,b"}');
    expect(file.chainOf).toMatchObject({ PLAN: ['a'], SCOUT: ['a', 'b'], BUILD: ['a', 'b'], TEST: [DEFAULT_MODELS.TEST] });
    expect(file.modelOf.BUILD).toBe('a');
    expect(settings('', { model: ['BUILD=a,b', 'c,d'] }).chainOf).toMatchObject({ BUILD: ['a', 'b'], TEST: ['c', 'd'] });
    expect(settings('', {}, { FACTORY_MODEL: 'a', FACTORY_MODEL_TEST: 'b,c' }).chainOf).toMatchObject({ PLAN: ['a'], TEST: ['b', 'c'] });
  });

  test.each([
    'models: {BUILD: []}',
    'models: {BUILD: [a, a]}',
    'models: {BUILD: "a,"}',
    'models: {BUILD: [1]}',
    `models: {BUILD: [${'x'.repeat(201)}]}`,
  ])('is not %j', (file) =>
    expect(() => settings(file)).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining('models.BUILD') }),
    ),
  );

  test('becomes models that are asked in order, with the name it has in the settings', () => {
    const { BUILD, PLAN } = modelSettings(anybody, settings('', { model: ['BUILD=a,b'] }));
    expect([BUILD.model, BUILD.others?.map(({ model }) => model), BUILD.named]).toEqual(['a', ['b'], 'a,b']);
    expect(PLAN.others).toBeUndefined();
  });
});

describe('REVIEW', () => {
  const check = (file: string, flags: Flags = {}) => {
    const read = settings(file, flags);
    assertAnotherReviewer(modelSettings(anybody, read), read);
  };

  test('has another first choice than BUILD, by default too', () => {
    expect(() => check('')).not.toThrow();
    expect(() => check('models: {BUILD: [a, b], REVIEW: [b, a]}')).not.toThrow();
    const refused = expect.objectContaining({
      code: 'config_invalid',
      detail: expect.stringMatching(/both ask ollama\/a.*--same-reviewer/),
    });
    expect(() => check('models: {BUILD: a, REVIEW: [a, b]}')).toThrow(refused);
    expect(() => check('', { model: ['a'] })).toThrow(refused);
  });

  test('may have the same where somebody says so', () => {
    expect(() => check('same_reviewer: true\nmodels: {BUILD: a, REVIEW: a}')).not.toThrow();
    expect(() => check('', { model: ['a'], sameReviewer: true })).not.toThrow();
  });

  test('may have the same name at another provider', () => {
    const read = settings('models: {BUILD: a, REVIEW: "other:a"}');
    const resolve = (name: string) =>
      name === 'a' ? { provider: anybody, model: 'a' } : { provider: doing('other', ['yes']), model: 'a' };
    expect(() => assertAnotherReviewer(modelSettings(resolve, read), read)).not.toThrow();
  });
});

describe('budgets', () => {
  test('come from the file, and the command line’s are the last word', () => {
    const file = 'budgets: {run: {usd: 1, tokens: 5000, turns: 9}, stage: {seconds: 60}}';
    expect(settings(file).budgets).toEqual({ run: { usd: 1, tokens: 5_000, turns: 9 }, stage: { seconds: 60 } });
    expect(settings(file, { maxUsd: '0.5' }, { FACTORY_MAX_TOKENS: '70000' }).budgets.run).toEqual({ usd: 0.5, tokens: 70_000, turns: 9 });
    expect(settings('', { maxUsd: '0' }).budgets).toEqual({ run: { usd: 0 }, stage: {} });
    expect(settings('').budgets).toEqual({ run: {}, stage: {} });
  });

  test('give the run’s clock its other name', () => {
    expect(settings('budgets: {run: {seconds: 99}}').time_limit_s).toBe(99);
    expect(settings('budgets: {run: {seconds: 99}}', { timeLimit: '50' }).time_limit_s).toBe(50);
  });

  test.each([
    ['budgets: {run: {usd: -1}}', {}, /^budgets\.run\.usd \(from .*factory\.yaml\)/],
    ['budgets: {run: {euros: 1}}', {}, /^budgets\.run\.euros \(from .*factory\.yaml\)/],
    ['budgets: 3', { maxUsd: '1' }, /^budgets \(from .*factory\.yaml\)/],
    ['', { maxUsd: 'much' }, /^budgets\.run\.usd \(from --max-usd\)/],
    ['', { maxUsd: '-0.5' }, /^budgets\.run\.usd \(from --max-usd\)/],
    ['', { maxTokens: '1.5' }, /^budgets\.run\.tokens \(from --max-tokens\)/],
  ])('refuse %j with %j by name', (file, flags, detail) => {
    expect(() => settings(file, flags)).toThrow(expect.objectContaining({ code: 'config_invalid', detail: expect.stringMatching(detail) }));
  });
});

describe('a profile', () => {
  test('changes nothing for a model that no profile knows, nor for the default ones', () => {
    const before = { temperature: 0, contextTokens: 32_768, maxOutputTokens: 8_192, maxTurns: 16, deadlineMs: 1_800_000 };
    expect(sizes('models: {BUILD: my-own:70b}')).toMatchObject(before);
    for (const stage of MODEL_STAGES) expect(modelSettings(anybody, settings())[stage]).toMatchObject(before);
  });

  test('gives a model that takes less no more than it takes', () => {
    expect(sizes('models: {BUILD: "llama3:8b"}')).toMatchObject({ contextTokens: 8_192, maxOutputTokens: 3_072, maxTurns: 16 });
    expect(sizes('models: {BUILD: "llama3.1:8b"}')).toMatchObject({ contextTokens: 32_768 });
  });

  test('of the operator comes before the file’s own numbers, those before a built-in one, a flag before all', () => {
    const own = 'models: {BUILD: "llama3:8b"}\ncontext_tokens: 6000\nprofiles: [{match: "llama3:*", turns: 2, temperature: 1}]';
    expect(sizes(own)).toMatchObject({ contextTokens: 6_000, maxOutputTokens: 3_072, maxTurns: 2, temperature: 1 });
    expect(sizes(own, { turns: '5', contextTokens: '4096' })).toMatchObject({ maxTurns: 5, contextTokens: 4_096 });
    expect(sizes(`${own}\nturns: 7`)).toMatchObject({ maxTurns: 2 });
  });

  test('is the first that fits by name, or by provider and name', () => {
    const name = { provider: 'ollama', model: 'hf.co/some/model:Q4' };
    const profiles = [
      { match: 'openai/*', turns: 1 },
      { match: 'ollama/hf.co/*', turns: 2 },
      { match: '*', turns: 3 },
    ];
    expect(profileFor(profiles, name)?.turns).toBe(2);
    expect(profileFor(profiles, { provider: 'x', model: 'a.b' })?.turns).toBe(3);
    expect(profileFor([{ match: 'a.b' }], { provider: 'x', model: 'axb' })).toBeNull();
  });

  test('leaves room for a prompt', () => {
    for (const { context_tokens = 32_768, output_tokens = 8_192 } of PROFILES)
      expect(output_tokens).toBeLessThanOrEqual(context_tokens / 2);
  });

  test.each(['[{match: "a b"}]', '[{turns: 3}]', '[{match: a, context_tokens: 1}]', '[{match: a, colour: red}]', '{}'])(
    'is not %s',
    (profiles) => {
      expect(() => settings(`profiles: ${profiles}`)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    },
  );
});
