import type { TestReport, TestResult } from '../domain/report.ts';
import type { Spec } from '../domain/spec.ts';
import type { Fact } from '../domain/verdict.ts';
import type { CitingTest } from './criteria-of-tests.ts';
import { broken, held } from './fact.ts';
import { namesInterface } from './interface-names.ts';
import { exitFact } from './run-facts.ts';
import { isCovered, isCoveredByAny } from './test-ids.ts';
import { counted, named, trimmedWords } from './words.ts';

export type OnBase = 'red' | 'green' | 'absent';

export interface RedOnBaseInput {
  /** The run of the new tests on the untouched base. */
  readonly baseRun: TestReport;
  readonly newTests: readonly CitingTest[];
  readonly spec: Spec;
  /** Base tests that pass: a preserved criterion without a new test may be held by one of them, as REVIEW must then cite. */
  readonly baselinePassed: readonly string[];
  readonly superseded: readonly string[];
  /** Whether a criterion that only guards stand for may wait until the change is taken apart; see `guardsFact`. */
  readonly guardsMayWait?: boolean;
}

export interface RedOnBase {
  /** What each new test did on the base, by id without parameters. */
  readonly outcomes: ReadonlyMap<string, OnBase>;
  /** Criteria cited by each new test, by the same ids. */
  readonly criteria: ReadonlyMap<string, readonly string[]>;
  /** New tests that pass on the base too: kept, listed, and no proof of anything new. */
  readonly guards: readonly string[];
  /** Criteria that wait for their guards to miss a hunk. */
  readonly byGuards: readonly string[];
  readonly facts: readonly Fact[];
}

/**
 * What the new tests prove without the change. Red is a failure in the call phase, or an ImportError or AttributeError that names the Spec's
 * interface; a broken fixture or a syntax error is not. Codes criterion_without_test, new_tests_do_not_fail_on_base.
 */
export function redOnBase(input: RedOnBaseInput): RedOnBase {
  const { baseRun, newTests } = input;
  const outcomes = new Map(newTests.map((test) => [test.id, outcomeOf(test, input)]));
  const guards = [...outcomes].filter(([, outcome]) => outcome === 'green').map(([id]) => id);
  const byGuards = input.guardsMayWait === true ? waiting(input, outcomes) : [];
  return {
    outcomes,
    criteria: new Map(newTests.map(({ id, criteria }) => [id, criteria])),
    guards,
    byGuards,
    facts: [{ ...exitFact(baseRun), name: 'base_run_agrees' }, criteriaFact(input, outcomes, guards, byGuards)],
  };
}

function outcomeOf({ id, file }: CitingTest, { baseRun, spec }: RedOnBaseInput): OnBase {
  const error = baseRun.collectionErrors.find((one) => one.file === file);
  if (error !== undefined) return namesInterface(error.message, spec.interface) ? 'red' : 'absent';
  const results = (baseRun.tests ?? []).filter((test) => isCovered(test.id, id));
  if (results.some((test) => isRed(test, spec.interface))) return 'red';
  return results.length > 0 && results.every(({ outcome }) => outcome === 'passed') ? 'green' : 'absent';
}

function isRed({ outcome, message, detail }: TestResult, names: readonly string[]): boolean {
  return outcome === 'failed' || (outcome === 'error' && namesInterface(`${message}\n${detail}`, names));
}

/** New and changed criteria without a red test and with a guard. */
function waiting({ spec, newTests }: RedOnBaseInput, outcomes: ReadonlyMap<string, OnBase>): string[] {
  const active = spec.acceptance_criteria.filter(({ kind }) => kind !== 'preserved');
  const did = (id: string) => newTests.filter(({ criteria }) => criteria.includes(id)).map((test) => outcomes.get(test.id));
  return active.map(({ id }) => id).filter((id) => !did(id).includes('red') && did(id).includes('green'));
}

function criteriaFact(
  { newTests, spec, baselinePassed, superseded, baseRun }: RedOnBaseInput,
  outcomes: ReadonlyMap<string, OnBase>,
  guards: readonly string[],
  byGuards: readonly string[],
): Fact {
  const name = 'every_criterion_red_on_base';
  const citing = (criterion: string) => newTests.filter(({ criteria }) => criteria.includes(criterion));
  const ran = (criterion: string) => citing(criterion).filter(({ id }) => outcomes.get(id) !== 'absent');
  const mayRest = baselinePassed.some((id) => !isCoveredByAny(id, superseded));
  const active = spec.acceptance_criteria.filter(({ kind }) => kind !== 'preserved');
  const preserved = spec.acceptance_criteria.filter(({ kind }) => kind === 'preserved');
  const resting = preserved.filter(({ id }) => ran(id).length === 0);
  const untested = [...active.filter(({ id }) => citing(id).length === 0), ...(mayRest ? [] : resting)];
  const hasRed = (criterion: string) => citing(criterion).some((test) => outcomes.get(test.id) === 'red');
  const unproven = active.filter(({ id }) => citing(id).length > 0 && !hasRed(id) && !byGuards.includes(id));
  const red = [...outcomes.values()].filter((outcome) => outcome === 'red').length;
  const evidence = [
    `${active.filter(({ id }) => hasRed(id)).length} of ${counted(active.length, 'new or changed criterion').replace('criterions', 'criteria')} proven`,
    `${red} of ${counted(newTests.length, 'new test')} red on the base`,
    ...(guards.length === 0 ? [] : [`guards: ${named(guards)}`]),
    ...(resting.length === 0 || !mayRest ? [] : [`${named(resting.map(({ id }) => id))} left to a base test that REVIEW cites`]),
    ...(byGuards.length === 0 ? [] : [`${named(byGuards)} left to guards, which must miss a part of the change`]),
    ...(untested.length === 0 ? [] : [`no test cites ${named(untested.map(({ id }) => id))}`]),
    ...(unproven.length === 0 ? [] : [`no test of ${named(unproven.map(({ id }) => id))} fails without the change`]),
  ].join('; ');
  if (untested.length + unproven.length === 0) return held(name, evidence);
  const blamed = unproven.flatMap(({ id }) => citing(id));
  return broken(name, untested.length > 0 ? 'criterion_without_test' : 'new_tests_do_not_fail_on_base', evidence, {
    where: [...new Set((blamed.length === 0 ? newTests : blamed).map(({ file }) => file))].map((path) => ({ path })),
    words: trimmedWords([
      ...untested.map(({ id, rule }) => `${id} has no test. It says: ${rule}`),
      ...unproven.flatMap(({ id, rule }) => [
        `${id} has no test that fails on the base. It says: ${rule}`,
        ...citing(id).map((test) => `  ${test.id}: ${saidOf(test, outcomes, baseRun)}`),
      ]),
      ...(untested.length > 0 || !unproven.every(({ id }) => citing(id).some((test) => outcomes.get(test.id) === 'green'))
        ? []
        : [MAY_WAIT]),
    ]),
  });
}

const MAY_WAIT =
  'Where nothing about it can fail without the change (an unknown id of a new route is a 404 on the base too), hand the same files over again: its tests must then fail when a part of the change is taken out.';

function saidOf(test: CitingTest, outcomes: ReadonlyMap<string, OnBase>, { tests, collectionErrors }: TestReport): string {
  if (outcomes.get(test.id) === 'green') return 'passes without the change';
  const error = collectionErrors.find(({ file }) => file === test.file);
  if (error !== undefined) return `its file does not collect: ${error.message.slice(-600)}`;
  const result = (tests ?? []).find(({ id, outcome }) => isCovered(id, test.id) && outcome !== 'passed');
  return result === undefined ? 'did not run' : `${result.outcome}, not by an assertion: ${result.message}`;
}
