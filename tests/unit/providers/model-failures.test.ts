import { describe, expect, test } from 'vitest';
import { CATALOGUE, type FailureCode } from '../../../orchestrator/domain/failure.ts';
import { canHop, canRetry } from '../../../orchestrator/domain/model-failures.ts';

const codes = Object.keys(CATALOGUE) as FailureCode[];
/** A pull comes before a run, and is no call. */
const ofCalls = codes.filter((code) => code.startsWith('model_') && code !== 'model_pull_failed');

describe('after a call to a model failed', () => {
  test.each(ofCalls)('%s: another model may answer', (code) => {
    expect(canHop(code)).toBe(true);
  });

  test('only what may pass is tried again', () => {
    expect(codes.filter(canRetry)).toEqual(['model_unavailable', 'model_timeout']);
  });

  test('nothing else is for another model to answer', () => {
    expect(codes.filter((code) => canHop(code) && !ofCalls.includes(code))).toEqual([]);
  });
});
