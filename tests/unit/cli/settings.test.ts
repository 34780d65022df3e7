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

  test('refuse a stage that is none', () => {
    expect(() => readSettings({ model: ['BILD=x'] }, {}, nowhere)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
