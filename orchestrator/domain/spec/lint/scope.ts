/** Whether the Spec stays inside the target and does not forbid what it asks for. */
import { type Protection, protectedBecause } from '../../protection.ts';
import type { Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { countWords, foldText } from '../quotation.ts';
import { countShared, isEnglish, stemsOf } from '../stems.ts';
import { askedIn, type Sources } from './quoted.ts';

export function lintScope(spec: Spec, sources: Sources, protection: Protection | undefined): SpecFinding[] {
  return [
    ...spec.touchpoints.flatMap((touchpoint, at) => badTouchpoint(touchpoint, `touchpoints[${at}]`, protection)),
    ...spec.out_of_scope.flatMap((item, at) => forbidden(item, `out_of_scope[${at}]`, spec, sources)),
  ];
}

function badTouchpoint(touchpoint: string, where: string, protection: Protection | undefined): SpecFinding[] {
  const path = touchpoint.replace(/(::?|#L?\d).*$/, '');
  if (/^([/\\~]|[A-Za-z]:[\\/]|[a-z]+:\/\/)/.test(touchpoint) || path.split(/[/\\]/).includes('..')) {
    const message = `\`${touchpoint}\` is outside the target`;
    return [{ code: 'touchpoint_outside_target', where, message, instead: 'name paths relative to the target’s folder, or drop it' }];
  }
  const plain = path.replace(/^\.\//, '');
  const why = protection === undefined ? protectedAnywhere(plain) : protectedBecause(plain, protection);
  if (why !== null) {
    const message = `the factory never changes \`${path}\`, which ${why}`;
    const instead = 'drop it; a feature that needs it is refused with the question whether it may be changed by hand first';
    return [{ code: 'touchpoint_protected', where, message, instead }];
  }
  return [];
}

/** Where the list of protected paths is not known: dependency lists, tool and CI configuration and what pytest loads by itself. */
function protectedAnywhere(path: string): string | null {
  const segments = path.split('/');
  const isProtected = segments.some((segment) => segment.startsWith('.')) || PROTECTED.test(segments.at(-1) ?? '');
  return isProtected ? 'configures the project or a gate' : null;
}

const PROTECTED =
  /^(pyproject\.toml|setup\.(py|cfg)|tox\.ini|pytest\.ini|mypy\.ini|ruff\.toml|conftest\.py|requirements.*\.(txt|lock|in)|.*\.lock|Pipfile|Dockerfile)$/;

/** An exclusion of what a criterion asks for, or of what a quoted sentence of the request asks for. */
function forbidden(item: string, where: string, spec: Spec, { request, quoted }: Sources): SpecFinding[] {
  const criteria = spec.acceptance_criteria.filter(({ rule, from }) => repeats(item, rule) || repeats(item, from));
  const stems = stemsOf(item);
  const asked = isEnglish(request)
    ? quoted.filter(({ sentences }) => stems.size >= 2 && sentences.some((one) => countShared(stems, stemsOf(askedIn(one))) === stems.size))
    : [];
  const ids = new Set([...criteria.map(({ id }) => id), ...asked.map(({ criterion }) => criterion.id)]);
  return [...ids].map((id) => ({
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
