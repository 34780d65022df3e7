import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { atMost, costUsd, countOf, findPrice, priceListSchema } from '../../../orchestrator/domain/prices.ts';

const price = { in: 3, out: 15, cache_read: 0.3, cache_write: 3.75 };
const counts = (more: object) => ({ fresh: 0, cacheRead: 0, cacheWrite: 0, out: 0, ...more });

describe('what a completion costs', () => {
  test.each([
    [counts({ fresh: 1_000_000 }), 3],
    [counts({ out: 1_000_000 }), 15],
    [counts({ cacheRead: 1_000_000 }), 0.3],
    [counts({ cacheWrite: 1_000_000 }), 3.75],
    [counts({ fresh: 100, cacheRead: 2_000, cacheWrite: 300, out: 50 }), (100 * 3 + 2_000 * 0.3 + 300 * 3.75 + 50 * 15) / 1e6],
  ])('%j', (given, usd) => {
    expect(costUsd(price, given)).toBeCloseTo(usd, 12);
  });

  test('counts cached tokens as others where the cache has no price', () => {
    expect(costUsd({ in: 2, out: 8 }, counts({ fresh: 500_000, cacheRead: 250_000, cacheWrite: 250_000 }))).toBe(2);
  });

  test('is that of a long prompt for the whole call as soon as the prompt is long, cached or not', () => {
    const tiered = { ...price, above: { tokens: 200_000, in: 6, out: 22.5, cache_read: 0.6 } };
    expect(costUsd(tiered, counts({ fresh: 200_000, out: 1_000 }))).toBeCloseTo(0.6 + 0.015, 12);
    expect(costUsd(tiered, counts({ fresh: 1, cacheRead: 200_000, out: 1_000 }))).toBeCloseTo((6 + 200_000 * 0.6 + 1_000 * 22.5) / 1e6, 12);
  });

  test('is unknown without a price or without counts, and never $0 for it', () => {
    expect(costUsd(null, counts({ fresh: 1 }))).toBeNull();
    expect(costUsd(price, null)).toBeNull();
  });

  test('is $0 without counts only where nothing costs anything', () => {
    expect(costUsd({ in: 0, out: 0 }, null)).toBe(0);
    expect(costUsd({ in: 0, out: 0, above: { tokens: 1, in: 1, out: 1 } }, null)).toBeNull();
  });

  test('is at most what its dearest token costs', () => {
    expect(atMost(price)).toEqual({ inUsd: 3.75, outUsd: 15 });
    expect(atMost({ ...price, above: { tokens: 1, in: 6, out: 22.5 } })).toEqual({ inUsd: 6, outUsd: 22.5 });
  });
});

test.each([-1, Number.NaN, 1.5, '7', null, undefined, 1e30, Number.POSITIVE_INFINITY, {}])('%j is no count', (value) => {
  expect(countOf(value)).toBeNull();
});

test.each([
  ['claude-haiku-4-5', 1],
  ['claude-haiku-4-5-20251001', 1],
  ['claude-haiku-4-5-latest', 1],
  ['claude-haiku-4', null],
  ['claude-haiku-4-5-turbo', null],
  ['constructor', null],
  ['', null],
])('the price of %s is found under its own name or that of its edition only', (model, usd) => {
  expect(findPrice({ 'claude-haiku-4-5': { in: 1, out: 5 } }, model)?.in ?? null).toBe(usd);
});

describe('the price list', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../orchestrator/prices.yaml'), 'utf8');
  const list = priceListSchema.parse(parse(text));

  test('says when and where it was read, and has every price of its models', () => {
    expect(Object.keys(list.anthropic).length).toBeGreaterThan(5);
    expect(Object.keys(list.openai).length).toBeGreaterThan(5);
    // Anthropic prices its cache, and the factory uses it.
    for (const [model, { cache_read, cache_write }] of Object.entries(list.anthropic))
      expect([model, cache_read, cache_write]).not.toContain(undefined);
  });

  test('has no model for nothing', () => {
    for (const one of [...Object.values(list.anthropic), ...Object.values(list.openai)])
      expect(Math.min(one.in, one.out)).toBeGreaterThan(0);
  });
});
