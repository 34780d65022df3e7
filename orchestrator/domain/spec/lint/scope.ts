/** Whether the Spec stays inside the target and does not forbid what it asks for. */
import type { Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { countWords, foldText } from '../quotation.ts';

export function lintScope(spec: Spec): SpecFinding[] {
  return [
    ...spec.touchpoints.flatMap((touchpoint, at) => badTouchpoint(touchpoint, `touchpoints[${at}]`)),
    ...spec.out_of_scope.flatMap((item, at) => forbidden(item, `out_of_scope[${at}]`, spec)),
  ];
}

function badTouchpoint(touchpoint: string, where: string): SpecFinding[] {
  const path = touchpoint.replace(/(::?|#L?\d).*$/, '');
  if (/^([/\\~]|[A-Za-z]:[\\/]|[a-z]+:\/\/)/.test(touchpoint) || path.split(/[/\\]/).includes('..')) {
    const message = `\`${touchpoint}\` is outside the target`;
    return [{ code: 'touchpoint_outside_target', where, message, instead: 'name paths relative to the target’s folder, or drop it' }];
  }
  if (isProtected(path.replace(/^\.\//, ''))) {
    const message = `the factory never changes \`${path}\``;
    const instead = 'drop it; a feature that needs it is refused with the question whether it may be changed by hand first';
    return [{ code: 'touchpoint_protected', where, message, instead }];
  }
  return [];
}

/** Dependency lists, tool and CI configuration and what pytest loads by itself: no feature changes these in the line. */
function isProtected(path: string): boolean {
  const segments = path.split('/');
  return segments.some((segment) => segment.startsWith('.')) || PROTECTED.test(segments.at(-1) ?? '');
}

const PROTECTED =
  /^(pyproject\.toml|setup\.(py|cfg)|tox\.ini|pytest\.ini|mypy\.ini|ruff\.toml|conftest\.py|requirements.*\.(txt|lock|in)|.*\.lock|Pipfile|Dockerfile)$/;

/** An exclusion that says what a criterion asks for. */
function forbidden(item: string, where: string, spec: Spec): SpecFinding[] {
  return spec.acceptance_criteria
    .filter(({ rule, from }) => repeats(item, rule) || repeats(item, from))
    .map(({ id }) => ({
      code: 'scope_contradicts' as const,
      where,
      message: `it excludes what ${id} asks for`,
      instead: `drop the entry, or ${id}; say exactly what is left out`,
    }));
}

/** Whether two sentences have nearly all content words in common, or one stands in the other. */
function repeats(item: string, sentence: string): boolean {
  const [a, b] = [foldText(item).toLowerCase(), foldText(sentence).toLowerCase()];
  if (countWords(item) >= 3 && b.includes(a.replace(/\.$/, ''))) return true;
  const [left, right] = [contentWords(a), contentWords(b)];
  const both = [...left].filter((word) => right.has(word)).length;
  return both >= 3 && both / (left.size + right.size - both) >= 0.75;
}

function contentWords(text: string): Set<string> {
  const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return new Set(words.filter((word) => !EMPTY.has(word)));
}

const EMPTY = new Set(
  'when while where if then the a an shall api to of in on by for with and or be is are it that this any all as not no'.split(' '),
);
