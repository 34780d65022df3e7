/** Whether every criterion is founded on the request's words, and every sentence of the request taken up. */
import type { Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { countWords, findQuotation, foldText, type Span } from '../quotation.ts';
import type { Sentence } from '../sentences.ts';
import { countShared, isEnglish, stemsOf } from '../stems.ts';
import { lostValues, saidBy } from './lost-values.ts';
import { askedIn, excerpt, overlaps, type Quoted, type Sources, shared } from './quoted.ts';

const LEAST_WORDS = 3;
const LEAST_STEMS = 2;
const MOST_SENTENCES = 2;

export function lintSources(spec: Spec, { request, sentences, quoted }: Sources): SpecFinding[] {
  const listed = spec.not_covered.map((entry) => ({ entry, sentences: sentencesOf(entry.sentence, request, sentences) }));
  const taken = quoted.flatMap(({ spans }) => spans);
  const dropped = listed.flatMap((item) => item.sentences);
  const kept = sentences.filter((sentence) => !dropped.includes(sentence));
  return [
    ...quoted.flatMap((one) => badQuotation(one, sentences)),
    ...listed.flatMap((item, at) => badEntry(item.entry.sentence, item.sentences, taken, at)),
    ...kept.filter((sentence) => !taken.some((span) => overlaps(span, sentence))).map(uncovered),
    ...kept.flatMap((sentence) => droppedClauses(sentence, taken, request, spec)),
    ...lostValues(spec, kept),
  ];
}

function badQuotation({ criterion: { id, from }, spans, sentences: touched }: Quoted, sentences: readonly Sentence[]): SpecFinding[] {
  const where = `${id}.from`;
  if (spans.length === 0) {
    const finding = `\`${excerpt(from)}\` is not a quotation of the request`;
    return [
      unfounded(where, finding, 'copy the words of the request that ask for this, unchanged; without such words, drop the criterion'),
    ];
  }
  const least = Math.min(...spans.map((span) => touched.filter((sentence) => overlaps(span, sentence)).length));
  if (least > MOST_SENTENCES) {
    return [unfounded(where, `the quotation runs over ${least} sentences`, 'quote only the sentence that asks for this rule')];
  }
  const whole = sentences.some((sentence) => sameText(sentence.text, from));
  if (!whole && (countWords(from) < LEAST_WORDS || (isEnglish(from) && stemsOf(from).size < LEAST_STEMS))) {
    return [
      unfounded(
        where,
        `\`${from}\` is too little to say where the rule comes from`,
        'quote the words that ask for it, or a whole sentence',
      ),
    ];
  }
  return [];
}

function unfounded(where: string, message: string, instead: string): SpecFinding {
  return { code: 'criterion_without_source', where, message, instead };
}

function badEntry(text: string, found: readonly Sentence[], taken: readonly Span[], at: number): SpecFinding[] {
  const where = `not_covered[${at}].sentence`;
  if (found.length === 0) {
    const message = `\`${excerpt(text)}\` is no sentence of the request`;
    return [{ code: 'not_covered_without_source', where, message, instead: 'copy a sentence of the request, or drop the entry' }];
  }
  if (found.every((sentence) => taken.some((span) => overlaps(span, sentence)))) {
    const message = 'a criterion quotes this sentence';
    return [{ code: 'not_covered_without_source', where, message, instead: 'drop the entry, or the criterion' }];
  }
  const asking = found.find((sentence) => asksForSomething(askedIn(sentence)) && !POINTS.test(sentence.text));
  if (asking === undefined) return [];
  const message = `\`${excerpt(asking.text)}\` names a route or a status, so it asks for something`;
  return [{ code: 'not_covered_asks', where, message, instead: 'quote it in a criterion, `preserved` where it must only go on holding' }];
}

/** Whether a sentence says what the program is to do, whatever the reason given for leaving it out: an error's status, or a route that does something. */
function asksForSomething(text: string): boolean {
  return STATUS.test(text) || (ROUTE.test(text) && DOES.test(text));
}

const ROUTE = /\b(?:GET|POST|PUT|PATCH|DELETE)\s+`?\//;
const DOES = /\b(?:should|must|shall|may|can|could|let|add|make|support|(?:take|accept|return|answer|show|list|give|need)s?)\b/i;
/** `is a 422`, `with 409`, `→ 404`; not `400 products`. */
const STATUS =
  /(?:\b(?:an?|with|status|code|answers?|returns?|responds?|HTTP|gives?|be|is)|→|[-=]>)\s+[45]\d\d(?=\s*(?:[.,;:!?)"'”`]|$)|\s+(?:and|or|with|if|when|error|for|too|as|unless|not|instead|in|on)\b)/i;
/** A sentence, or a part of one, that only says where to look. */
const POINTS = /^\W*(see|look|compare|cf|for (example|reference))\b/i;

function uncovered(sentence: Sentence): SpecFinding {
  return {
    code: 'request_not_covered',
    where: 'request',
    message: `no criterion quotes \`${excerpt(sentence.text)}\``,
    instead: 'add a criterion whose `from` quotes it, or list the sentence in `not_covered` with the reason',
  };
}

/** The parts of a quoted sentence that nothing quotes, and of whose own words the Spec has none: half a sentence dropped. */
function droppedClauses(sentence: Sentence, taken: readonly Span[], request: string, spec: Spec): SpecFinding[] {
  const own = taken.filter((span) => overlaps(span, sentence));
  if (own.length === 0 || !isEnglish(request)) return [];
  const known = stemsOf([saidBy(spec), ...own.map(({ start, end }) => request.slice(start, end))].join(' '));
  return clausesOf(sentence)
    .filter((clause) => !own.some((span) => overlaps(span, clause)))
    .map(({ start, end }) => request.slice(start, end).trim())
    .filter((clause) => !POINTS.test(clause) && !EXPLAINS.test(clause))
    .filter((clause) => stemsOf(clause).size >= LEAST_OWN_STEMS && countShared(stemsOf(clause), known) === 0)
    .map((clause) => ({
      code: 'request_not_covered',
      where: 'request',
      message: `nothing in the Spec takes up \`${excerpt(clause)}\``,
      instead: 'say it in the rule that quotes the sentence, or in a criterion of its own',
    }));
}

const LEAST_OWN_STEMS = 3;
/** A part that says why, or for whom. */
const EXPLAINS = /^\W*(and |but )?(so|because|since|as|for|to|in order|we|our|who|which)\b/i;

/** The parts of what a sentence asks for between commas, semicolons, colons and dashes. */
function clausesOf(sentence: Sentence): Span[] {
  const text = askedIn(sentence);
  const start = sentence.end - text.length;
  const ends = [...text.matchAll(/[,;:](?=\s)|\s[-–—](?=\s)/g)].map(({ index }) => index);
  return [...ends, text.length].map((end, at) => ({ start: start + (at === 0 ? 0 : (ends[at - 1] ?? 0) + 1), end: start + end }));
}

/** The sentences that a `not_covered` entry names: those it holds whole, or the one that it is most of. */
function sentencesOf(entry: string, request: string, sentences: readonly Sentence[]): Sentence[] {
  const spans = findQuotation(entry, request);
  return sentences.filter((sentence) => spans.some((span) => shared(span, sentence) * 2 > sentence.end - sentence.start));
}

const bare = (text: string): string =>
  foldText(text)
    .toLowerCase()
    .replace(/[.!?…]+$/, '');
const sameText = (a: string, b: string): boolean => bare(a) === bare(b);
