import type { TargetCard } from '../domain/card.ts';
import { compileExamples } from '../domain/spec/compile.ts';
import type { SpecFinding } from '../domain/spec/lint.ts';
import type { Spec } from '../domain/spec.ts';
import { counted } from '../gates/words.ts';
import type { Amended, Ground, Planned } from './products.ts';

/** A Spec that lints, with the tests that its examples become, and what a person is told of it. */
export function plannedOf(
  spec: Spec,
  { card, ground }: { readonly card: TargetCard; readonly ground: Ground },
  amended: Amended | null,
): { product: Planned; summary: string } {
  const compiled = compileExamples(spec, { card, layout: ground.layout });
  const asData = new Set(compiled.tests.flatMap((test) => test.criteria)).size;
  const decided = amended === null ? '' : `; ${amended.assumptions.join(', ')} decides what ${amended.by} found`;
  return {
    product: { spec, compiled, amended },
    summary: `${spec.acceptance_criteria.length} criteria (${asData} compiled), ${counted(spec.assumptions.length, 'assumption')}${decided}`,
  };
}

/** Findings of the linter as a list, each with what to write instead. */
export function findingsText(findings: readonly SpecFinding[]): string {
  return findings.map(({ code, where, message, instead }) => `- ${where}: ${code}: ${message} Instead: ${instead}`).join('\n');
}
