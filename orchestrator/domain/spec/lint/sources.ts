/** Whether the Spec says what the request says: every criterion founded on it, every sentence of it taken up. */
import type { Criterion, Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';
import { countWords, findQuotation, foldText, type Span } from '../quotation.ts';
import { type Sentence, splitSentences } from '../sentences.ts';

const LEAST_WORDS = 3;
const MOST_SENTENCES = 2;

export function lintSources(spec: Spec, request: string): SpecFinding[] {
  const sentences = splitSentences(request);
  const quoted = spec.acceptance_criteria.map((criterion) => ({ criterion, spans: findQuotation(criterion.from, request) }));
  const listed = spec.not_covered.map((entry) => ({ entry, sentences: sentencesOf(entry.sentence, request, sentences) }));
  const taken = quoted.flatMap(({ spans }) => spans);
  const dropped = listed.flatMap((item) => item.sentences);
  return [
    ...quoted.flatMap(({ criterion, spans }) => badQuotation(criterion, spans, sentences)),
    ...listed.flatMap((item, at) => badEntry(item.entry.sentence, item.sentences, taken, at)),
    ...sentences
      .filter((sentence) => !taken.some((span) => overlaps(span, sentence)) && !dropped.includes(sentence))
      .map((sentence) => uncovered(sentence)),
    ...lostValues(
      spec,
      sentences.filter((sentence) => !dropped.includes(sentence)),
    ),
  ];
}

function badQuotation({ id, from }: Criterion, spans: readonly Span[], sentences: readonly Sentence[]): SpecFinding[] {
  const where = `${id}.from`;
  if (spans.length === 0) {
    const finding = `\`${excerpt(from)}\` is not a quotation of the request`;
    return [
      unfounded(where, finding, 'copy the words of the request that ask for this, unchanged; without such words, drop the criterion'),
    ];
  }
  const touched = Math.min(...spans.map((span) => sentences.filter((sentence) => overlaps(span, sentence)).length));
  if (touched > MOST_SENTENCES) {
    return [unfounded(where, `the quotation runs over ${touched} sentences`, 'quote only the sentence that asks for this rule')];
  }
  const whole = sentences.some((sentence) => sameText(sentence.text, from));
  if (countWords(from) < LEAST_WORDS && !whole) {
    return [unfounded(where, `\`${from}\` is too short to say where it comes from`, 'quote at least three words or a whole sentence')];
  }
  return [];
}

function unfounded(where: string, message: string, instead: string): SpecFinding {
  return { code: 'criterion_without_source', where, message, instead };
}

function badEntry(text: string, found: readonly Sentence[], taken: readonly Span[], at: number): SpecFinding[] {
  const where = `not_covered[${at}].sentence`;
  const code = 'not_covered_without_source';
  if (found.length === 0) {
    return [
      {
        code,
        where,
        message: `\`${excerpt(text)}\` is no sentence of the request`,
        instead: 'copy a sentence of the request, or drop the entry',
      },
    ];
  }
  if (found.every((sentence) => taken.some((span) => overlaps(span, sentence)))) {
    return [{ code, where, message: 'a criterion quotes this sentence', instead: 'drop the entry, or the criterion' }];
  }
  return [];
}

function uncovered(sentence: Sentence): SpecFinding {
  return {
    code: 'request_not_covered',
    where: 'request',
    message: `no criterion quotes \`${excerpt(sentence.text)}\``,
    instead: 'add a criterion whose `from` quotes it, or list the sentence in `not_covered` with the reason',
  };
}

/** The sentences that a `not_covered` entry names: those it holds whole, or the one that it is most of. */
function sentencesOf(entry: string, request: string, sentences: readonly Sentence[]): Sentence[] {
  const spans = findQuotation(entry, request);
  return sentences.filter((sentence) => spans.some((span) => shared(span, sentence) * 2 > sentence.end - sentence.start));
}

/** Numbers and `quoted` names of the request that the Spec says nowhere: a value lost or changed on the way. */
function lostValues(spec: Spec, sentences: readonly Sentence[]): SpecFinding[] {
  const said = saidBy(spec);
  const numbers = new Set(numbersIn(said));
  const words = new Set(wordsIn(said));
  return sentences.flatMap((sentence) => {
    const lost = [
      ...numbersIn(sentence.text).filter((number) => !numbers.has(number)),
      ...codeWordsIn(sentence.text).filter((word) => !words.has(word)),
    ];
    return [...new Set(lost)].map((value): SpecFinding => {
      const message = `\`${value}\` of \`${excerpt(sentence.text)}\` stands in no rule or example`;
      return { code: 'request_not_covered', where: 'request', message, instead: `say ${value} in the rule that the sentence asks for` };
    });
  });
}

/** All that the Spec itself says: quotations and `not_covered` apart, which only repeat the request. */
function saidBy(spec: Spec): string {
  const criteria = spec.acceptance_criteria.map(({ rule, was, examples }) => [rule, was ?? '', examples]);
  return JSON.stringify([
    criteria,
    spec.background,
    spec.constraints,
    spec.out_of_scope,
    spec.assumptions,
    spec.interface,
    spec.touchpoints,
  ]);
}

/** Numbers that stand alone (`5`, `1,000`, `2.50`), in one form; not parts of names (`v2`) and not with a unit grown on (`10k`). */
function numbersIn(text: string): string[] {
  const found = text.matchAll(/(?<![\p{L}\p{N}_.])\d{1,3}(?:,\d{3})+(?!\d)|(?<![\p{L}\p{N}_])\d{1,15}(?:\.\d{1,9})?(?![\p{L}\p{N}_])/gu);
  return [...found].map(([number]) => String(Number(number.replaceAll(',', ''))));
}

function codeWordsIn(text: string): string[] {
  return [...text.matchAll(/`([^`\n]{1,80})`/g)].flatMap(([, code = '']) => wordsIn(code));
}

function wordsIn(text: string): string[] {
  return (text.match(/[A-Za-z_][A-Za-z0-9_]+/g) ?? []).map((word) => word.toLowerCase());
}

const overlaps = (a: Span, b: Span): boolean => shared(a, b) > 0;
const shared = (a: Span, b: Span): number => Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
const bare = (text: string): string =>
  foldText(text)
    .toLowerCase()
    .replace(/[.!?…]+$/, '');
const sameText = (a: string, b: string): boolean => bare(a) === bare(b);
const excerpt = (text: string): string => (text.length > 120 ? `${text.slice(0, 117)}…` : text).replace(/\s+/g, ' ');
