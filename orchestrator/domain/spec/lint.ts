import type { TargetCard } from '../card.ts';
import type { Protection } from '../protection.ts';
import type { Spec } from '../spec.ts';
import type { TargetLayout } from '../target.ts';
import type { SpecFinding } from './finding.ts';
import { lintConstants } from './lint/constants.ts';
import { contradictions } from './lint/contradictions.ts';
import { lintDependencies } from './lint/dependencies.ts';
import { lintExamples } from './lint/examples.ts';
import { lintMeaning } from './lint/meaning.ts';
import { lintMeasures } from './lint/measures.ts';
import { lintNames } from './lint/names.ts';
import { sourcesOf } from './lint/quoted.ts';
import { lintScope } from './lint/scope.ts';
import { lintSources } from './lint/sources.ts';
import { lintWording } from './lint/wording.ts';

export type { SpecFinding } from './finding.ts';

export interface LintInput {
  readonly request: string;
  readonly card: TargetCard;
  readonly layout: TargetLayout;
  /** Paths that no stage may change; where it is not said, those that no target can lift. */
  readonly protection?: Protection;
  /** Packages that a Spec may ask for by the operator's settings, by name; none where nobody allowed any. */
  readonly allowedDependencies?: readonly string[];
}

/**
 * Everything that is wrong with a Spec that has passed its schema, found without a model: an empty list means that it may go down the line.
 * The order is that of the rules, then of the Spec.
 */
export function lintSpec(spec: Spec, { request, card, layout, protection, allowedDependencies = [] }: LintInput): SpecFinding[] {
  const sources = sourcesOf(spec, request);
  return [
    ...lintSources(spec, sources),
    ...lintMeaning(spec, sources),
    ...lintMeasures(sources),
    ...lintNames(spec, card),
    ...lintWording(spec),
    ...lintExamples(spec, card, layout),
    ...lintConstants(spec, card, layout),
    ...contradictions(spec),
    ...lintScope(spec, sources, protection),
    ...lintDependencies(spec, card, allowedDependencies),
  ];
}
