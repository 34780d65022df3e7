/** Values that the request names and the Spec says nowhere, where they belong: lost or changed on the way. */
import type { Spec } from '../../spec.ts';
import { pathsOf } from '../columns.ts';
import type { SpecFinding } from '../finding.ts';
import type { Sentence } from '../sentences.ts';
import { askedIn, excerpt } from './quoted.ts';

/** For each sentence its numbers, its names in backticks or with underscores, and its routes. */
export function lostValues(spec: Spec, sentences: readonly Sentence[]): SpecFinding[] {
  const said = saidBy(spec);
  const numbers = new Set(numbersIn(said));
  const words = new Set(wordsIn(said));
  const paths = pathsIn(spec);
  return sentences.flatMap((sentence) => {
    const asked = askedIn(sentence);
    const lost = [
      ...numbersIn(asked).filter((number) => !numbers.has(number)),
      ...namesIn(asked).filter((word) => !words.has(word)),
      ...routesIn(asked).filter((path) => !said.includes(path) && !paths.some((known) => samePath(path, known))),
    ];
    return [...new Set(lost)].map((value): SpecFinding => {
      const message = `\`${value}\` of \`${excerpt(sentence.text)}\` stands in no rule or example`;
      return { code: 'request_not_covered', where: 'request', message, instead: `say ${value} in the rule that the sentence asks for` };
    });
  });
}

/** All that the Spec itself says: quotations and `not_covered` apart, which only repeat the request. */
export function saidBy(spec: Spec): string {
  return JSON.stringify([
    spec.acceptance_criteria.map(({ rule, was, examples }) => [rule, was ?? '', examples]),
    spec.background,
    spec.constraints,
    spec.out_of_scope,
    spec.assumptions,
    spec.interface,
    (spec.constants ?? []).map(({ of }) => of),
    spec.touchpoints,
  ]);
}

/** Numbers that stand alone (`5`, `1,000`, `2.50`), in one form; not parts of names (`v2`) and not with a unit grown on (`10k`). */
function numbersIn(text: string): string[] {
  const found = text.matchAll(/(?<![\p{L}\p{N}_.])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\p{L}\p{N}_])\d{1,15}(?:\.\d{1,9})?(?![\p{L}\p{N}_])/gu);
  return [...found].map(([number]) => String(Number(number.replaceAll(',', ''))));
}

/** Names that can mean one thing only: in backticks, or with an underscore inside. */
function namesIn(text: string): string[] {
  const code = [...text.matchAll(/`([^`\n]{1,80})`/g)].flatMap(([, inside = '']) => wordsIn(inside));
  return [...code, ...wordsIn(text).filter((word) => /[a-z0-9]_[a-z0-9]/.test(word))];
}

function wordsIn(text: string): string[] {
  return (text.match(/[A-Za-z_][A-Za-z0-9_]+/g) ?? []).map((word) => word.toLowerCase());
}

/** Paths of the API that something is asked of, without their query: `/orders/{id}/cancel`; not those named for comparison. */
function routesIn(text: string): string[] {
  const asked = text.replace(/\b(?:see|like|unlike|than|as(?: in| for| with| on)?)\s+`?(?:GET|POST|PUT|PATCH|DELETE)\s+\/\S*/gi, ' ');
  return [...asked.matchAll(/(?<=\b(?:GET|POST|PUT|PATCH|DELETE)\s+)\/[\w{}:<>$.~/-]*[\w}>]/g)].map(([path]) => path);
}

function pathsIn(spec: Spec): string[] {
  const examples = spec.acceptance_criteria.flatMap((criterion) => criterion.examples);
  const http = examples.flatMap((example) => {
    if (example.type !== 'http') return [];
    return [...(example.given ?? []), example.when].flatMap(({ path }) => pathsOf(path, example.table ?? {}).map(String));
  });
  return [...http, ...spec.background.map(({ path }) => path)];
}

/** Whether a path of an example is one of the route, whose placeholders and numbers may be anything. */
function samePath(route: string, path: string): boolean {
  const [wanted, given] = [route, path.split('?')[0] ?? ''].map((text) => text.split('/').filter((segment) => segment !== ''));
  if (wanted === undefined || given === undefined || wanted.length !== given.length) return false;
  return wanted.every((segment, at) => segment === given[at] || /^[{:<$]|^\d+$/.test(segment));
}
