/** Whether a rule is about what its quotation is about, as far as words tell. */
import type { Spec } from '../../spec.ts';
import { statusesOf } from '../columns.ts';
import { exampleText } from '../example-text.ts';
import type { SpecFinding } from '../finding.ts';
import { countShared, isEnglish, stemsOf } from '../stems.ts';
import { askedIn, excerpt, type Quoted, type Sources } from './quoted.ts';

export function lintMeaning(spec: Spec, { request, quoted }: Sources): SpecFinding[] {
  if (!isEnglish(request)) return [];
  return quoted
    .filter(({ sentences }) => sentences.length > 0)
    .flatMap((one) => [...offSource(one), ...foundedOnAssumption(one, spec), ...negationLost(one)]);
}

function offSource({ criterion: { id, rule, examples, from }, sentences }: Quoted): SpecFinding[] {
  const source = stemsOf(sentences.map(askedIn).join(' '));
  if (source.size === 0 || countShared(stemsOf([rule, ...examples.map(exampleText)].join(' ')), source) > 0) return [];
  const message = `the rule has no word in common with \`${excerpt(from)}\``;
  const instead =
    'quote the words that ask for this rule, or say the rule with the words of the quotation; without such words, drop the criterion';
  return [{ code: 'rule_off_source', where: `${id}.rule`, message, instead }];
}

/** A rule that takes its matter from an assumption: the quotation is only there to have one. */
function foundedOnAssumption({ criterion: { id, rule, refined_by = [] }, sentences }: Quoted, spec: Spec): SpecFinding[] {
  const source = stemsOf(sentences.map(askedIn).join(' '));
  const assumed = stemsOf(
    spec.assumptions
      .filter((assumption) => refined_by.includes(assumption.id))
      .map(({ text }) => text)
      .join(' '),
  );
  const said = stemsOf(rule);
  const added = [...said].filter((one) => assumed.has(one) && !source.has(one)).length;
  if (countShared(said, source) > MOST_BORROWED || added < LEAST_ADDED) return [];
  const message = `what the rule says comes from ${refined_by.join(', ')} and not from the quotation`;
  const instead = 'quote the words that ask for it, or drop the criterion: an assumption decides what a quotation leaves open, no more';
  return [{ code: 'founded_on_assumption', where: `${id}.rule`, message, instead }];
}

const MOST_BORROWED = 1;
const LEAST_ADDED = 3;

/** A quotation that forbids, under a rule that forbids, refuses, leaves out or keeps nothing. What is `preserved` may be the other side of it. */
function negationLost({ criterion: { id, kind, rule, examples, from } }: Quoted): SpecFinding[] {
  if (kind === 'preserved' || !FORBIDS.test(from)) return [];
  const texts = [rule, ...examples.map((example) => (example.type === 'prose' ? example.text : ''))];
  const refuses = examples.some((example) => {
    if (example.type === 'http') return example.then.absent !== undefined || statusesOf(example).some((status) => Number(status) >= 400);
    return example.type === 'call' ? 'raises' in example.then : example.type === 'cli' && example.then.exit !== 0;
  });
  if (refuses || texts.some((text) => DENIES.test(text))) return [];
  const message = `\`${excerpt(from)}\` forbids something, the rule does not`;
  const instead = 'say what is refused, left out or kept as it was, with an example that shows it';
  return [{ code: 'negation_lost', where: `${id}.rule`, message, instead }];
}

const FORBIDS =
  /\b(?:must|may|shall|should|can|could|will)(?: not|n['’]t)\b|\b(?:cannot|never(?! (?:needs?|ha[sv]e?) to)|no longer|nobody|no one)\b/i;

/** Generous: any of these may be how a rule says no. */
const DENIES =
  /\b(?:no|not|never|without|neither|nor|none|nobody|nothing|cannot|\w+n['’]t|unless|until|refus\w*|reject\w*|den(?:y|ies|ied)|forbid\w*|fail\w*|error\w*|exclud\w*|omit\w*|hid\w*|ignor\w*|absent|missing|leav\w*|left|keep\w*|kept|stay\w*|remain\w*|unchanged|same|only|still|always|ever|forever|long as|less|fewer|below|within|except\w*|instead|empty|null|zero|0|stop\w*|drop\w*|at (?:most|least)|up to|other than|[45]\d\d)\b/i;
