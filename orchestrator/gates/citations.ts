import type { Spec } from '../domain/spec.ts';
import type { Citation, Review } from '../domain/turns.ts';
import type { Fact } from '../domain/verdict.ts';
import { broken, held } from './fact.ts';
import { isCovered } from './test-ids.ts';
import { counted, named, trimmedWords } from './words.ts';

export interface CitationInput {
  readonly spec: Spec;
  /** Line numbers of the head that the change adds, by path. */
  readonly added: ReadonlyMap<string, ReadonlySet<number>>;
  /** Line numbers of the base that the change deletes, by path. */
  readonly deleted: ReadonlyMap<string, ReadonlySet<number>>;
  /** Tests that pass on the change. */
  readonly passingTests: readonly string[];
  /** Criteria cited by each new test: a preserved criterion that none of them cites needs a passing test from REVIEW. */
  readonly criteria?: ReadonlyMap<string, readonly string[]>;
}

/**
 * REVIEW approves: every criterion of the Spec is said to hold, with at least one citation that exists. Codes review_rejected (a verdict, a
 * criterion or a finding with a Spec id says no) and review_uncited. A finding without a Spec id is a note and blocks nothing.
 */
export function citationFact(review: Review, input: CitationInput): Fact {
  const name = 'review_approves_with_citations';
  const { spec } = input;
  const objections = objectionsOf(review, spec);
  if (objections.length > 0) {
    const where = review.findings.flatMap(({ path, line }) => (path === null ? [] : [{ path, ...(line === null ? {} : { line }) }]));
    return broken(name, 'review_rejected', objections[0] as string, { where, words: trimmedWords(objections) });
  }
  const faults = spec.acceptance_criteria.flatMap(({ id, kind }) => faultsOf(id, kind, review, input));
  if (faults.length > 0)
    return broken(name, 'review_uncited', `REVIEW approves without proof: ${named(faults, 3)}`, { words: trimmedWords(faults) });
  const invented = review.criteria.flatMap(({ id, citations }) =>
    citations.filter((one) => !exists(one, id, input)).map((one) => `${id} ${shownCitation(one)}`),
  );
  const notes = notesOf(review, spec).length;
  return held(
    name,
    [
      `approve, ${spec.acceptance_criteria.length} of ${counted(spec.acceptance_criteria.length, 'criterion').replace('criterions', 'criteria')} cited`,
      ...(invented.length === 0 ? [] : [`citations that do not exist: ${named(invented)}`]),
      ...(notes === 0 ? [] : [counted(notes, 'note')]),
    ].join('; '),
  );
}

/** Findings that name nothing of the Spec: for the PR's reader. */
export function notesOf(review: Review, spec: Spec): Review['findings'] {
  return review.findings.filter(({ about }) => !isOfSpec(about, spec));
}

/** The citations of one criterion that exist, as text: `app/x.py:41`, `app/x.py:7 (deleted)`, a test's id. */
export function validCitations(review: Review, criterion: string, input: CitationInput): string[] {
  const cited = review.criteria.filter(({ id }) => id === criterion).flatMap(({ citations }) => citations);
  return [...new Set(cited.filter((one) => exists(one, criterion, input)).map(shownCitation))];
}

function objectionsOf({ verdict, criteria, findings }: Review, spec: Spec): string[] {
  const unheld = criteria.filter(({ holds }) => !holds).map(({ id, why }) => `${id} does not hold: ${why}`);
  const blocking = findings
    .filter(({ about }) => isOfSpec(about, spec))
    .map(({ about, path, line, what }) => `${about}${path === null ? '' : `, ${path}${line === null ? '' : `:${line}`}`}: ${what}`);
  const said = [...unheld, ...blocking];
  return verdict === 'reject' && said.length === 0
    ? ['REVIEW rejects without naming a criterion', ...findings.map(({ what }) => what)]
    : said;
}

function isOfSpec(about: string | null, { acceptance_criteria: criteria, assumptions }: Spec): boolean {
  const id = about?.trim().toUpperCase();
  return id !== undefined && [...criteria, ...assumptions].some((one) => one.id === id);
}

function faultsOf(id: string, kind: string, review: Review, input: CitationInput): string[] {
  const own = review.criteria.filter((criterion) => criterion.id === id);
  if (own.length === 0) return [`${id} is not judged`];
  const citations = own.flatMap((criterion) => criterion.citations);
  const real = citations.filter((one) => exists(one, id, input));
  if (real.length === 0)
    return [citations.length === 0 ? `${id} has no citation` : `none of ${id}'s citations exists: ${named(citations.map(shownCitation))}`];
  const isTested = [...(input.criteria ?? new Map<string, readonly string[]>()).values()].some((criteria) => criteria.includes(id));
  if (kind === 'preserved' && !isTested && !real.some((one) => one.kind === 'test'))
    return [`${id} is preserved and has no new test: cite a passing test`];
  return [];
}

function exists(citation: Citation, criterion: string, { spec, added, deleted, passingTests }: CitationInput): boolean {
  if (citation.kind === 'added') return added.get(citation.path)?.has(citation.line) ?? false;
  if (citation.kind === 'deleted') return deleted.get(citation.path)?.has(citation.line) ?? false;
  const isPreserved = spec.acceptance_criteria.some(({ id, kind }) => id === criterion && kind === 'preserved');
  return isPreserved && passingTests.some((id) => isCovered(id, citation.test));
}

function shownCitation(citation: Citation): string {
  if (citation.kind === 'test') return citation.test;
  return `${citation.path}:${citation.line}${citation.kind === 'deleted' ? ' (deleted)' : ''}`;
}
