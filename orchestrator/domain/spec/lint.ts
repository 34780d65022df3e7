import type { TargetCard } from '../card.ts';
import type { Spec } from '../spec.ts';
import type { TargetLayout } from '../target.ts';
import type { SpecFinding } from './finding.ts';
import { contradictions } from './lint/contradictions.ts';
import { lintExamples } from './lint/examples.ts';
import { lintNames } from './lint/names.ts';
import { lintScope } from './lint/scope.ts';
import { lintSources } from './lint/sources.ts';
import { lintWording } from './lint/wording.ts';

export type { SpecFinding } from './finding.ts';

export interface LintInput {
  readonly request: string;
  readonly card: TargetCard;
  readonly layout: TargetLayout;
}

/**
 * Everything that is wrong with a Spec that has passed its schema, found without a model: an empty list means that it may go down the line.
 * The order is that of the rules, then of the Spec.
 */
export function lintSpec(spec: Spec, { request, card, layout }: LintInput): SpecFinding[] {
  return [
    ...lintSources(spec, request),
    ...lintNames(spec, card),
    ...lintWording(spec),
    ...lintExamples(spec, card, layout),
    ...contradictions(spec),
    ...lintScope(spec),
  ];
}
