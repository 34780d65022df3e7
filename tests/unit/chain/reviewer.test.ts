import { expect, test } from 'vitest';
import { caveats } from '../../../orchestrator/pipeline/caveats.ts';

const order = { spec: null, interventions: [], ground: { layout: { tests: 'tests' } } } as unknown as Parameters<
  typeof caveats
>[0]['order'];
const said = (served: Parameters<typeof caveats>[0]['served']) =>
  caveats({ order, planned: { amended: null } as never, words: [], ...(served === undefined ? {} : { served }) });
const apart = { build: 'ollama/a', review: 'ollama/b' };

test('a PR says nothing of a reviewer that is another model than the maker', () => {
  expect(said({ first: apart, build: ['ollama/a'], review: ['ollama/b'] })).toEqual([]);
});

test('a PR says that the maker judged its own work because of a hop', () => {
  expect(said({ first: apart, build: ['ollama/a', 'ollama/b'], review: ['ollama/b'] })).toEqual([
    expect.stringMatching(
      /^REVIEW was answered by ollama\/b, which answered BUILD too, as the model that it was to ask first could not answer/,
    ),
  ]);
});

test('a PR says that the maker was to judge its own work, and whether it did', () => {
  const first = { build: 'ollama/a', review: 'ollama/a' };
  expect(said({ first, build: ['ollama/a'], review: ['ollama/a'] })).toEqual([expect.stringContaining('as it was set to (same_reviewer)')]);
  expect(said({ first, build: ['ollama/a'], review: ['ollama/b'] })).toEqual([expect.stringContaining('REVIEW was set to ask')]);
});
