import { Failure } from '../../domain/failure.ts';
import { lintSpec } from '../../domain/spec/lint.ts';
import type { Spec } from '../../domain/spec.ts';
import { findingsText, plannedOf } from '../planned.ts';
import { stage } from '../stage.ts';

/** PLAN where a person gave the Spec: linter and compiler only, no model. A finding ends the run. */
export const givenSpec = (spec: Spec) =>
  stage({
    id: 'PLAN',
    stage: 'PLAN',
    needs: ['request', 'ground', 'card'],
    gives: 'planned',
    async run({ request, ground, card }) {
      const findings = lintSpec(spec, { ...ground, request, card });
      if (findings.length > 0) throw new Failure('spec_invalid', `The given Spec does not hold:\n${findingsText(findings)}`);
      const { product, summary } = plannedOf(spec, { card, ground }, null);
      return { kind: 'done', product, summary: `given, no model was asked: ${summary}` };
    },
  });
