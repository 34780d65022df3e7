import type { Spec } from '../domain/spec.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import { testFunctions } from './test-functions.ts';
import { counted, named, trimmedWords } from './words.ts';

/** A new test and the criteria that it says it proves. */
export interface CitingTest {
  /** Node id without parameters: `tests/test_x.py::TestA::test_y`. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** From the line `Criteria: C1, C3` of its docstring; empty where there is none. */
  readonly criteria: readonly string[];
}

export interface CitedCriteria {
  readonly tests: readonly CitingTest[];
  /** Every one of these tests cites a criterion (`test_without_criterion`); with a Spec, one that the Spec has. */
  readonly fact: Fact;
}

/** The tests in these files, with the criteria they cite. */
export function criteriaOfTests(files: readonly { readonly path: string; readonly content: string }[], spec?: Spec): CitedCriteria {
  const tests = files.flatMap(({ path, content }) =>
    testFunctions(content).map(({ name, from, docstring }) => ({
      id: `${path}::${name}`,
      file: path,
      line: from,
      criteria: docstring === null ? [] : criteriaIn(docstring),
    })),
  );
  return { tests, fact: citesFact(tests, spec?.acceptance_criteria.map(({ id }) => id) ?? null) };
}

function criteriaIn(docstring: string): string[] {
  const lines = [
    ...docstring.matchAll(
      /^[ \t]*Criteri(?:a|on)[ \t]*:[ \t]*(C[1-9][0-9]?\b(?:(?:[ \t]*,[ \t]*|[ \t]+(?:and[ \t]+)?)C[1-9][0-9]?\b)*)/gim,
    ),
  ];
  return [...new Set(lines.flatMap((match) => (match[1] ?? '').match(/C[1-9][0-9]?/gi) ?? []).map((id) => id.toUpperCase()))];
}

function citesFact(tests: readonly CitingTest[], known: readonly string[] | null): Fact {
  const name = 'every_new_test_cites_a_criterion';
  const silent = tests.filter(({ criteria }) => criteria.length === 0);
  const unknown = tests.filter(({ criteria }) => known !== null && criteria.some((id) => !known.includes(id)));
  if (tests.length === 0) return broken(name, 'criterion_without_test', 'there is no new test');
  if (silent.length + unknown.length === 0) return held(name, `${counted(tests.length, 'new test')}, each citing a criterion`);
  const wrong = [...silent, ...unknown];
  return broken(
    name,
    'test_without_criterion',
    `${wrong.length} of ${counted(tests.length, 'new test')} cite no criterion of the Spec: ${named(wrong.map(({ id }) => id))}`,
    {
      where: wrong.map(({ file, line }) => ({ path: file, line })),
      words: trimmedWords(
        wrong.map(
          ({ id, criteria }) =>
            `${id}: ${criteria.length === 0 ? 'write `Criteria: C1` (the ids that it proves) as a line of its docstring' : `the Spec has not all of ${criteria.join(', ')}`}`,
        ),
      ),
    },
  );
}
