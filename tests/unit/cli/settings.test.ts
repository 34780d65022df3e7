import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DEFAULT_MODELS, readSettings } from '../../../orchestrator/cli/settings.ts';

const nowhere = mkdtempSync(join(tmpdir(), 'settings-'));
const withFile = (text: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  writeFileSync(join(folder, 'factory.yaml'), text);
  return folder;
};

describe('settings', () => {
  test('have defaults for every stage', () => {
    expect(readSettings({}, {}, nowhere).modelOf).toEqual(DEFAULT_MODELS);
  });

  test('take a flag before the environment, that before the file, that before the default', () => {
    const folder = withFile('models: {PLAN: file, SCOUT: file, BUILD: file}\nreworks: 5\n');
    const settings = readSettings({ model: ['BUILD=flag'] }, { FACTORY_MODEL_SCOUT: 'env', FACTORY_MODEL_BUILD: 'env' }, folder);
    expect(settings.modelOf).toEqual({ ...DEFAULT_MODELS, PLAN: 'file', SCOUT: 'env', BUILD: 'flag' });
    expect(settings.reworks).toBe(5);
  });

  test('give one model to all stages and another to one', () => {
    const { modelOf } = readSettings({ model: ['REVIEW=reader', 'maker:7b'] }, {}, nowhere);
    expect(modelOf).toEqual({ PLAN: 'maker:7b', SCOUT: 'maker:7b', BUILD: 'maker:7b', TEST: 'maker:7b', REVIEW: 'reader' });
  });

  test.each([
    ['127.0.0.1:11434', 'http://127.0.0.1:11434'],
    ['http://host:1/', 'http://host:1'],
    ['0.0.0.0:11434', 'http://127.0.0.1:11434'],
  ])('read OLLAMA_HOST=%s as people write it', (host, url) => {
    expect(readSettings({}, { OLLAMA_HOST: host }, nowhere).ollamaHost).toBe(url);
  });

  test.each([
    ['reworks: -1', 'reworks'],
    ['reworks: 1.5', 'reworks'],
    ['time_limit_s: 0', 'time_limit_s'],
    ['context_tokens: 1e99', 'context_tokens'],
    ['colour: red', 'colour'],
    ['models: {PLANS: x}', 'models'],
    ['prices: {claude-x: {in: 1, out: 2}}', 'prices'],
    ['prices: {"anthropic:claude-x": {in: -1, out: 2}}', 'prices.anthropic:claude-x.in'],
    ['prices: {"openai:x": {in: 1, out: 2, tax: 3}}', 'prices.openai:x.tax'],
    ['allow_paid: "yes"', 'allow_paid'],
    ['openai_base_url: here', 'openai_base_url'],
    ['- a list', 'mapping'],
    ['a: [', 'factory.yaml'],
  ])('refuse %j, naming what is wrong', (text, named) => {
    expect(() => readSettings({}, {}, withFile(text))).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(named) }),
    );
  });

  test.each(['x', '-1', '1e99', ''])('refuse --reworks %j unless it is empty', (reworks) => {
    if (reworks === '') expect(readSettings({ reworks }, {}, nowhere).reworks).toBe(3);
    else expect(() => readSettings({ reworks }, {}, nowhere)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  test.each([['BILD=x'], ['plan=x'], ['=x'], ['PLAN='], [''], ['a model'], ['a\tb'], ['x'.repeat(201)]])('refuse --model %j', (model) => {
    expect(() => readSettings({ model: [model] }, {}, nowhere)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('refuse such a name in the environment and in the file', () => {
    const refused = expect.objectContaining({ code: 'config_invalid', detail: expect.stringMatching(/FACTORY_MODEL_PLAN|models\.PLAN/) });
    expect(() => readSettings({}, { FACTORY_MODEL_PLAN: 'a model' }, nowhere)).toThrow(refused);
    expect(() => readSettings({}, {}, withFile('models: {PLAN: a model}'))).toThrow(refused);
  });
});

/** Every number that can be set, found in the settings themselves: one that is added is tried too. */
const NUMERIC = Object.entries(readSettings({}, {}, nowhere)).flatMap(([key, value]) => (typeof value === 'number' ? [key] : []));
/** Those that may be 0: nothing is returned, checked or left to chance. */
const MAY_BE_ZERO = ['reworks', 'checks', 'temperature'];

describe('every number among the settings', () => {
  test('is one that these tests know of', () => {
    expect(NUMERIC).toEqual(
      expect.arrayContaining([...MAY_BE_ZERO, 'turns', 'context_tokens', 'output_tokens', 'model_timeout_s', 'time_limit_s']),
    );
  });

  test.each(NUMERIC.flatMap((key) => ['-1', '1e99', '.nan', '.inf', 'many', '""', '[1]', '0'].map((value) => ({ key, value }))))(
    '$key: $value in the file is refused by name, where it is not a sound 0',
    ({ key, value }) => {
      const read = () => readSettings({}, {}, withFile(`${key}: ${value}`));
      if (value === '0' && MAY_BE_ZERO.includes(key)) expect(read()).toMatchObject({ [key]: 0 });
      else
        expect(read).toThrow(
          expect.objectContaining({
            code: 'config_invalid',
            detail: expect.stringMatching(new RegExp(`^${key} \\(from .*factory\\.yaml\\): `)),
          }),
        );
    },
  );

  test.each(['reworks', 'checks', 'turns', 'contextTokens', 'outputTokens', 'modelTimeout', 'timeLimit'])(
    '--%s is told by its own name',
    (flag) => {
      const named = `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      for (const value of ['-1', '1e99', 'NaN', 'Infinity', '0x10', '1,000', '1.5', ' 7']) {
        const read = () => readSettings({ [flag]: value }, {}, nowhere);
        expect(read).toThrow(expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(`(from ${named})`) }));
      }
    },
  );

  test('in the environment is told by its variable', () => {
    expect(() => readSettings({}, { FACTORY_TIME_LIMIT: '0' }, nowhere)).toThrow(
      expect.objectContaining({ detail: expect.stringMatching(/^time_limit_s \(from FACTORY_TIME_LIMIT\): /) }),
    );
  });
});
