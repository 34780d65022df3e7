/**
 * The line: the stages in order, who gets a failure back, and how often. This file is the whole of it.
 *
 *   PLAN -> SCOUT -> BUILD -> VALIDATE -> TEST (writing, running) -> REVIEW -> PR
 *
 * A stage runs again only when something it needs has changed or when work is returned to it; every gate downstream then runs again.
 * PR is not in the list: it is what the host does when the list has come to its end.
 */
import type { FailureCode } from '../domain/failure.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Spec } from '../domain/spec.ts';
import type { Repository } from '../ports/repository.ts';
import type { Agents } from './agents.ts';
import type { GivenWork } from './given.ts';
import { hunkGate } from './hunk-gate.ts';
import { sourceGate } from './source-gate.ts';
import type { Cause, StageDefinition, StageId } from './stage.ts';
import { build } from './stages/build.ts';
import { givenBrief } from './stages/given-brief.ts';
import { givenReview } from './stages/given-review.ts';
import { givenSource } from './stages/given-source.ts';
import { givenSpec } from './stages/given-spec.ts';
import { givenTests } from './stages/given-tests.ts';
import { plan } from './stages/plan.ts';
import { review } from './stages/review.ts';
import { scout } from './stages/scout.ts';
import { testRunning } from './stages/test-running.ts';
import { testWriting } from './stages/test-writing.ts';
import { validate } from './stages/validate.ts';
import { testGate } from './test-gate.ts';
import type { Toolbox } from './toolbox.ts';
import type { Workspace } from './workspace.ts';

/** What the stages work with; each gets only what it is given here. */
export interface Means {
  readonly agents: Agents;
  readonly workspace: Workspace;
  readonly toolbox: Toolbox;
  readonly repository: Repository;
  /** Numbers in [0, 1) for the names of planted tests; never shown to a model. */
  readonly random: () => number;
  /** How often BUILD's work is checked before it is handed over. */
  readonly checks: number;
  readonly onCheck: (attempt: number, words: string | null) => void;
  /** The Spec that a person gave; null where PLAN makes it. */
  readonly spec: Spec | null;
  /** Work that takes the place of what SCOUT, BUILD, TEST's writer and REVIEW would be asked for; null where they are asked. */
  readonly given: GivenWork | null;
  readonly onRefusal: (refusal: Refusal) => void;
}

export function theLine(means: Means): readonly StageDefinition[] {
  const { agents, workspace, toolbox, repository, random, checks, onCheck, spec, given, onRefusal } = means;
  const source = sourceGate(toolbox);
  const tests = testGate(toolbox, repository, random);
  return [
    spec === null ? plan(agents, { onRefusal }) : givenSpec(spec),
    given === null ? scout(agents, workspace) : givenBrief(given.brief),
    given === null ? build(agents, workspace, toolbox, source, { checks, onCheck }) : givenSource(given.source),
    validate(source),
    given === null ? testWriting(agents, workspace, toolbox, tests) : givenTests(tests, toolbox, given.tests),
    testRunning(tests, hunkGate(toolbox, repository)),
    given?.review == null ? review(agents, workspace, repository) : givenReview(repository, given.review),
  ];
}

/** How many times work may be returned in one run, all edges together. */
export const REWORK_BUDGET = 3;

/** How often BUILD may have its work checked in an attempt before the gates decide. */
export const BUILD_CHECKS = 6;

/** An edge back: to whom, how often this edge may be taken in a run, and how the run ends when it may not be. */
export interface ReworkEdge {
  readonly to: StageId;
  readonly most: number;
  readonly otherwise: FailureCode;
  /** Said with it, where the edge is closed. */
  readonly because?: string;
}
export type Edges = Readonly<Record<Cause, ReworkEdge | null>>;

export const REWORK: Edges = {
  /** SCOUT or BUILD finds a criterion ambiguous, impossible or contradicted by the code. */
  dispute: { to: 'PLAN', most: 1, otherwise: 'spec_ambiguous' },
  /** BUILD says that a test of TEST's writer contradicts the Spec. */
  test_disputed: { to: 'TEST-writing', most: 1, otherwise: 'tests_failed' },
  /** A finding in a source file, a base test that broke, a new test that fails on the change. */
  source: { to: 'BUILD', most: Number.POSITIVE_INFINITY, otherwise: 'budget_reworks' },
  /** A finding in a test file, a test file that does not collect, a criterion without a red test. */
  tests: { to: 'TEST-writing', most: Number.POSITIVE_INFINITY, otherwise: 'budget_reworks' },
  /** REVIEW rejects: to nobody. */
  verdict: null,
  /** A person steps in where a run had ended; to whom their words go depends on how it ended (domain/ways-on.ts). No stage returns work with it. */
  person: null,
};

/** With a Spec that a person gave, no model may amend it: a dispute goes to the person. */
export const REWORK_OF_GIVEN: Edges = {
  ...REWORK,
  dispute: {
    to: 'PLAN',
    most: 0,
    otherwise: 'spec_ambiguous',
    because: 'The Spec was given by a person, so no model amends it: decide this in the file, and run it again with --spec.',
  },
};

/** Given work goes to nobody: there is no one to mend it, and the first finding ends the run with its own code. */
export const REWORK_OF_GIVEN_WORK: Edges = {
  dispute: null,
  test_disputed: null,
  source: null,
  tests: null,
  verdict: null,
  person: null,
};
