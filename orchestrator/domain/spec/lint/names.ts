/** Whether ids are unique and lead somewhere. */
import type { TargetCard } from '../../card.ts';
import type { Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';

export function lintNames(spec: Spec, card: TargetCard): SpecFinding[] {
  const criteria = spec.acceptance_criteria;
  const assumptions = new Set(spec.assumptions.map(({ id }) => id));
  return [
    ...repeated(criteria.map(({ id }) => id)).map((id) => twice(id)),
    ...repeated(spec.assumptions.map(({ id }) => id)).map((id) => twice(id)),
    ...criteria
      .filter(({ rule }, at) => criteria.findIndex((other) => plain(other.rule) === plain(rule)) < at)
      .map(
        ({ id }): SpecFinding => ({
          code: 'rule_twice',
          where: `${id}.rule`,
          message: 'another criterion has the same rule',
          instead: 'keep one of them, with the examples of both',
        }),
      ),
    ...criteria.flatMap(({ id, refined_by = [] }) =>
      refined_by
        .filter((name) => !assumptions.has(name))
        .map((name) => unknown(`${id}.refined_by`, name, 'name an assumption of this Spec, or add it to `assumptions`')),
    ),
    ...spec.supersedes.flatMap((entry, at) => badSuperseded(entry, `supersedes[${at}]`, spec, card)),
  ];
}

function badSuperseded({ test, by }: Spec['supersedes'][number], where: string, spec: Spec, card: TargetCard): SpecFinding[] {
  const found: SpecFinding[] = [];
  const criterion = spec.acceptance_criteria.find(({ id }) => id === by);
  if (criterion === undefined) found.push(unknown(`${where}.by`, by, 'name the `changed` criterion that replaces what the test states'));
  else if (criterion.kind !== 'changed') {
    found.push({
      code: 'superseded_by_unchanged',
      where: `${where}.by`,
      message: `${by} is \`${criterion.kind}\`: it replaces no behaviour that a test may state`,
      instead: 'drop the entry, or make the criterion `changed` and say in `was` what held before',
    });
  }
  const [file = '', name = ''] = test.split('::');
  if (name === '' || !card.files.includes(file)) {
    found.push({
      code: 'superseded_test_missing',
      where: `${where}.test`,
      message: name === '' ? `\`${test}\` names no single test` : `the base has no file \`${file}\``,
      instead: 'write a node id such as `tests/test_x.py::test_y` of a test on the base, or drop the entry',
    });
  }
  return found;
}

function twice(id: string): SpecFinding {
  return {
    code: 'id_twice',
    where: id,
    message: `${id} is used more than once`,
    instead: 'number the criteria C1, C2, … and the assumptions A1, A2, …',
  };
}

function unknown(where: string, id: string, instead: string): SpecFinding {
  return { code: 'id_unknown', where, message: `the Spec has no ${id}`, instead };
}

/** A rule without what makes no difference. */
function plain(rule: string): string {
  return rule
    .toLowerCase()
    .replace(/[\s.]+/g, ' ')
    .trim();
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, at) => values.indexOf(value) !== at))];
}
