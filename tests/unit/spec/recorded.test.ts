import { describe, expect, it } from 'vitest';
import { compileExamples } from '../../../orchestrator/domain/spec/compile.ts';
import { parseSpecDocument, renderSpecDocument } from '../../../orchestrator/domain/spec/document.ts';
import { lintSpec } from '../../../orchestrator/domain/spec/lint.ts';
import { recordedSpecs, writtenSpecs } from './recorded.ts';

const all = [...recordedSpecs(), ...writtenSpecs()];

describe('the recorded Specs and those written by hand', () => {
  it('are there', () => {
    expect(recordedSpecs().length).toBeGreaterThan(1);
    expect(writtenSpecs().length).toBeGreaterThan(2);
  });

  it.each(all)('$name lints clean', ({ spec, input }) => {
    expect(lintSpec(spec, input)).toEqual([]);
  });

  it.each(all)('$name reads back from its markdown form', ({ spec, input }) => {
    expect(parseSpecDocument(renderSpecDocument(input.request, spec))).toEqual({ request: input.request, spec });
  });

  it.each(all)('$name compiles to the last example that is not prose', ({ spec, input }) => {
    const examples = spec.acceptance_criteria.flatMap((criterion) => criterion.examples);
    const { tests } = compileExamples(spec, input);
    expect(tests).toHaveLength(examples.filter(({ type }) => type !== 'prose').length);
  });
});
