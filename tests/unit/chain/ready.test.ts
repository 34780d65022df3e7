import { describe, expect, test } from 'vitest';
import { Failure } from '../../../orchestrator/domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../../../orchestrator/domain/stage.ts';
import type { ModelSettings } from '../../../orchestrator/pipeline/asking.ts';
import type { ModelChoice } from '../../../orchestrator/pipeline/chain.ts';
import { readyChains } from '../../../orchestrator/pipeline/chain-ready.ts';
import { asking, choice, doing } from './stage.ts';

/** A provider that has these models only; null: it does not answer. Counts how often it is asked. */
function having(name: string, models: readonly string[] | null) {
  const looks: string[][] = [];
  const ready = async (wanted: readonly string[]) => {
    looks.push([...wanted]);
    if (models === null) throw new Failure('model_unavailable', `${name} is down`);
    const missing = wanted.filter((model) => !models.includes(model));
    if (missing.length > 0) throw new Failure('model_missing', `${name} does not have ${missing.join(', ')}`);
  };
  return { looks, ...doing(name, ['yes'], { ready }) };
}

const all = (chain: readonly ModelChoice[]): Record<ModelStage, ModelSettings> => {
  const [first, ...others] = chain;
  const settings = { ...(first as ModelChoice), maxTurns: 8, others };
  return Object.fromEntries(MODEL_STAGES.map((stage) => [stage, settings])) as unknown as Record<ModelStage, ModelSettings>;
};

describe('before a run begins', () => {
  test('a first choice that cannot be asked is passed over, and the run goes on and says so', async () => {
    const [a, b] = [having('a', null), having('b', ['m'])];
    const models = await readyChains(all([choice(a), choice(b)]), MODEL_STAGES, 100);
    const { ask, notes } = asking([], { of: models });
    expect((await ask()).servedBy).toBe('b/m');
    expect(notes).toEqual(['BUILD: a/m failed (model_unavailable: a is down); b/m is asked instead']);
    expect([a.asked.length, a.looks.length]).toEqual([0, 1]);
  });

  test('a second choice that is not there is no matter until it is needed', async () => {
    const a = having('a', ['m']);
    const models = await readyChains(all([choice(a), choice(a, { model: 'gone' })]), MODEL_STAGES, 100);
    expect(models.BUILD.unready).toBeUndefined();
    expect(models.BUILD.others?.[0]?.unready).toMatchObject({ code: 'model_missing' });
  });

  test('a stage with nobody left ends it, with what each said; all that one server lacks is named together', async () => {
    const [a, b] = [having('a', ['x']), having('b', null)];
    await expect(readyChains(all([choice(a), choice(b)]), MODEL_STAGES, 100)).rejects.toMatchObject({
      code: 'model_unavailable',
      detail: expect.stringMatching(/a\/m: model_missing: a does not have m[\s\S]*b\/m: model_unavailable: b is down/),
    });
    const apart = { ...all([choice(a)]), PLAN: { ...choice(a, { model: 'n' }), maxTurns: 8 } };
    await expect(readyChains(apart, MODEL_STAGES, 100)).rejects.toMatchObject({ detail: 'a does not have n, m' });
  });

  test('a stage that asks nobody needs nobody', async () => {
    await expect(
      readyChains({ ...all([choice(having('a', ['m']))]), REVIEW: { ...choice(having('b', null)), maxTurns: 8 } }, ['BUILD'], null),
    ).resolves.toBeDefined();
  });

  test('a model whose context is too small for PLAN is passed over, and ends it where it is the only one', async () => {
    const small = doing('small', ['no'], { contextTokens: async () => 1_000 });
    const models = await readyChains(all([choice(small), choice(having('b', ['m']))]), ['PLAN', 'BUILD'], 40_000);
    expect(models.PLAN.unready).toMatchObject({ code: 'model_too_small' });
    expect(models.BUILD.unready).toBeUndefined();
    await expect(readyChains(all([choice(small)]), ['PLAN'], 40_000)).rejects.toMatchObject({ code: 'model_too_small' });
  });

  test('what no other model can help is thrown as it is', async () => {
    const ready = async () => {
      throw new Failure('config_invalid', 'not encrypted');
    };
    await expect(readyChains(all([choice(doing('a', ['x'], { ready })), choice(having('b', ['m']))]), ['PLAN'], 1)).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });
});
