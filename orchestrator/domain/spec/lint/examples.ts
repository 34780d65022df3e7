/** Whether the examples can be compiled, and show something. */
import type { TargetCard } from '../../card.ts';
import type { Criterion, Example, Spec } from '../../spec.ts';
import type { TargetLayout } from '../../target.ts';
import { pathsOf, statusesOf } from '../columns.ts';
import { onBase, sameName } from '../dotted.ts';
import type { SpecFinding } from '../finding.ts';
import { sharedFixtures } from '../fixtures.ts';
import { type Problem, problemsOfBackground, problemsOfExample } from '../problems.ts';
import { BUILTIN_ERRORS } from '../python/errors.ts';
import { hasRoute } from '../routes.ts';

export function lintExamples(spec: Spec, card: TargetCard, layout: TargetLayout): SpecFinding[] {
  const surroundings = { fixtures: sharedFixtures(card), background: spec.background, constants: spec.constants ?? [] };
  return [
    ...problemsOfBackground(surroundings).map((problem) => asFinding('background', problem)),
    ...spec.acceptance_criteria.flatMap((criterion) => [
      ...criterion.examples.flatMap((example, at) => {
        const where = `${criterion.id}.examples[${at}]`;
        return [
          ...problemsOfExample(example, surroundings).map((problem) => asFinding(`${where}.`, problem)),
          ...missingNames(example, where, spec, card, layout),
        ];
      }),
      ...unobservable(criterion, card),
      ...statusNotShown(criterion),
    ]),
    ...nothingNew(spec),
  ];
}

function asFinding(where: string, { code, at, message, instead }: Problem): SpecFinding {
  return { code, where: where + at, message, instead };
}

function missingNames(example: Example, where: string, spec: Spec, card: TargetCard, layout: TargetLayout): SpecFinding[] {
  if (example.type !== 'call') return [];
  const raises = 'raises' in example.then ? example.then.raises : null;
  const found: SpecFinding[] = [];
  if (!isKnown(example.call, spec, card, layout)) {
    found.push(notInInterface(`${where}.call`, example.call, `add \`${example.call}\` to \`interface\`, or call what the base has`));
  }
  if (raises !== null && !BUILTIN_ERRORS.has(raises) && !isKnown(raises, spec, card, layout)) {
    const instead = `write a built-in exception, or \`package.module:Name\` of one that the base or \`interface\` has`;
    found.push(notInInterface(`${where}.then.raises`, raises, instead));
  }
  return found;
}

function isKnown(dotted: string, spec: Spec, card: TargetCard, layout: TargetLayout): boolean {
  return spec.interface.some((name) => sameName(name, dotted)) || onBase(dotted, card, layout) !== 'no';
}

function notInInterface(where: string, name: string, instead: string): SpecFinding {
  return { code: 'not_in_interface', where, message: `\`${name}\` is neither on the base nor in \`interface\``, instead };
}

/** A new or changed criterion whose every example is a mere success of a route that the base has: the base may well pass it too. */
function unobservable({ id, kind, rule, examples }: Criterion, card: TargetCard): SpecFinding[] {
  if (kind === 'preserved') return [];
  const silent = examples.every(
    (example) =>
      example.type === 'http' &&
      statusesOf(example).every((status) => (status === 200 || status === 201) && !rule.includes(String(status))) &&
      [example.then.json, example.then.headers, example.then.absent].every((part) => part === undefined) &&
      pathsOf(example.when.path, example.table ?? {}).every((path) => hasRoute(card, example.when.method, String(path))),
  );
  if (!silent) return [];
  const message = 'the examples show only that the request succeeds, which the base may do without the change';
  return [
    {
      code: 'no_observable',
      where: `${id}.examples`,
      message,
      instead: 'add to `then` the `json`, `headers` or `absent` that the rule is about',
    },
  ];
}

/** A rule that names a status which none of its examples has. */
function statusNotShown({ id, rule, examples }: Criterion): SpecFinding[] {
  const named = [...rule.matchAll(STATUS)].map(([, status]) => Number(status));
  const shown = examples.flatMap((example) => (example.type === 'http' ? statusesOf(example) : [null]));
  if (named.length === 0 || shown.includes(null) || named.some((status) => shown.includes(status))) return [];
  const message = `the rule says ${named.join(', ')}, the examples ${[...new Set(shown)].join(', ')}`;
  return [
    {
      code: 'status_not_shown',
      where: `${id}.examples`,
      message,
      instead: 'show the status that the rule names, or name the one that is shown',
    },
  ];
}

const STATUS = /\b(?:answers?|responds?|status(?: code)?)\s+(?:with\s+)?(?:an?\s+)?(?:status\s+)?(?:HTTP\s+)?([1-5]\d\d)\b/gi;

/** A Spec of which all holds today: the base would pass it, and nothing could be proven. */
function nothingNew({ acceptance_criteria: criteria }: Spec): SpecFinding[] {
  if (criteria.some(({ kind }) => kind !== 'preserved')) return [];
  const message = 'every criterion is `preserved`, so nothing would have to change';
  return [
    {
      code: 'nothing_new',
      where: 'acceptance_criteria',
      message,
      instead: 'make `new` or `changed` what does not hold today; if all of it holds, refuse with the question what is missing',
    },
  ];
}
