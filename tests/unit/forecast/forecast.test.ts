import { describe, expect, test } from 'vitest';
import * as domain from '../../../orchestrator/domain/forecast.ts';
import { type KnownSizes, medianTokens, mostUsd } from '../../../orchestrator/domain/forecast.ts';
import { MODEL_STAGES } from '../../../orchestrator/domain/stage.ts';

const computedTokens = (known: KnownSizes) => domain.computedTokens(known, MODEL_STAGES);
const each = (n: number) => ({ PLAN: n, SCOUT: n, BUILD: n, TEST: n, REVIEW: n });
/** The bundled target and its prompts, as they were when the two recorded runs were made. */
const BUNDLED: KnownSizes = {
  request: 300,
  card: 8_700,
  source: 30_652,
  prompts: { PLAN: 3_474, SCOUT: 1_685, BUILD: 1_561, TEST: 1_711, REVIEW: 2_258 },
  turns: each(16),
};

describe('the median of earlier runs', () => {
  test.each([
    [[], null],
    [[40_000], 40_000],
    [[90_000, 10_000, 40_000], 40_000],
    [[38_997, 80_945], 59_971],
  ])('of %j is %j', (totals, median) => expect(medianTokens(totals)).toBe(median));
});

describe('tokens computed from sizes', () => {
  test('lie between the two recorded runs of the bundled target, which took 38,997 and 80,945', () => {
    expect(computedTokens(BUNDLED)).toBeGreaterThan(38_997);
    expect(computedTokens(BUNDLED)).toBeLessThan(80_945);
  });

  test('grow with the card by its tokens in the three stages that get it, once a turn', () => {
    // PLAN once, SCOUT in both of its turns, TEST once.
    expect(computedTokens({ ...BUNDLED, card: BUNDLED.card + 4_000 }) - computedTokens(BUNDLED)).toBe(4_000);
  });

  test('grow with a prompt by its tokens in every turn of its stage', () => {
    const longer = { ...BUNDLED, prompts: { ...BUNDLED.prompts, BUILD: BUNDLED.prompts.BUILD + 4_000 } };
    expect(computedTokens(longer) - computedTokens(BUNDLED)).toBe(2_000);
  });

  test('are fewer where the settings leave no turn to look in', () => {
    expect(computedTokens({ ...BUNDLED, turns: each(1) })).toBeLessThan(computedTokens(BUNDLED) / 1.5);
    expect(computedTokens({ ...BUNDLED, turns: each(2) })).toBe(computedTokens(BUNDLED));
  });

  test('are those of the stages that will be asked: a given Spec spares PLAN, a plan is PLAN alone', () => {
    const plan = domain.computedTokens(BUNDLED, ['PLAN']);
    expect(domain.computedTokens(BUNDLED, ['SCOUT', 'BUILD', 'TEST', 'REVIEW'])).toBe(computedTokens(BUNDLED) - plan);
    // 3,370 in and 1,651 out, 3,359 in and 2,210 out in the recorded runs.
    expect(plan).toBeGreaterThan(4_500);
    expect(plan).toBeLessThan(6_000);
  });

  test('do not grow with the source beyond what a look may bring', () => {
    expect(computedTokens({ ...BUNDLED, source: 80_000 })).toBeGreaterThan(computedTokens(BUNDLED));
    expect(computedTokens({ ...BUNDLED, source: 80_000_000 })).toBe(computedTokens({ ...BUNDLED, source: 80_000 }));
  });
});

describe('what a run cannot pass', () => {
  const stage = { turns: 10, contextTokens: 100_000, maxOutputTokens: 10_000, price: { inUsd: 3, outUsd: 15 } };

  test('is every turn of every attempt that is allowed, each full', () => {
    // 10 turns x (0.1 M in at $3 + 0.01 M out at $15) = $4.50 an attempt; 1 + 3 attempts.
    expect(mostUsd([stage], 3)).toBeCloseTo(18);
    expect(mostUsd([stage, stage], 0)).toBeCloseTo(9);
  });

  test('is nothing where all of it is free, and unknown where one price is', () => {
    const free = { ...stage, price: { inUsd: 0, outUsd: 0 } };
    expect(mostUsd([free, free], 3)).toBe(0);
    expect(mostUsd([free, { ...stage, price: null }], 3)).toBeNull();
  });
});
