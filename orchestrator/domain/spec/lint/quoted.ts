/** What the criteria quote of the request: looked up once, used by every rule that holds the two against each other. */
import { withoutQuestion } from '../../answers.ts';
import type { Criterion, Spec } from '../../spec.ts';
import { findQuotation, type Span } from '../quotation.ts';
import { type Sentence, splitSentences } from '../sentences.ts';

export interface Quoted {
  readonly criterion: Criterion;
  /** Every place of the request where the quotation stands; none where it is no quotation. */
  readonly spans: readonly Span[];
  /** The sentences that it touches. */
  readonly sentences: readonly Sentence[];
}

export interface Sources {
  readonly request: string;
  readonly sentences: readonly Sentence[];
  /** In the order of the criteria. */
  readonly quoted: readonly Quoted[];
}

export function sourcesOf(spec: Spec, request: string): Sources {
  const sentences = splitSentences(request);
  const quoted = spec.acceptance_criteria.map((criterion) => {
    const spans = findQuotation(criterion.from, request);
    return { criterion, spans, sentences: sentences.filter((sentence) => spans.some((span) => overlaps(span, sentence))) };
  });
  return { request, sentences, quoted };
}

/** What a sentence asks for: of an answer to a question, the answer. */
export function askedIn(sentence: Sentence): string {
  return withoutQuestion(sentence.text);
}

/** How many characters two spans share. */
export function shared(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

export function overlaps(a: Span, b: Span): boolean {
  return shared(a, b) > 0;
}

/** A text for a finding: on one line, not long. */
export function excerpt(text: string): string {
  return (text.length > 120 ? `${text.slice(0, 117)}…` : text).replace(/\s+/g, ' ');
}
