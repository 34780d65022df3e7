/** Whether a rule can be held against what happens. */
import type { Criterion, Spec } from '../../spec.ts';
import type { SpecFinding } from '../finding.ts';

export function lintWording(spec: Spec): SpecFinding[] {
  return spec.acceptance_criteria.flatMap((criterion) => [...withoutShall(criterion), ...vague(criterion), ...withoutWas(criterion)]);
}

function withoutShall({ id, rule }: Criterion): SpecFinding[] {
  if (/\bSHALL\b/.test(rule)) return [];
  const instead = 'write one sentence of the form `WHEN <condition> THE API SHALL <what can be observed>`';
  return [{ code: 'rule_without_shall', where: `${id}.rule`, message: 'the rule does not say what SHALL be', instead }];
}

function vague({ id, rule }: Criterion): SpecFinding[] {
  const own = rule.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, ' ');
  // A status is what is answered, not a measure of how.
  const measured = /\d/.test(own.replace(/\b(?:answers?|responds?|status)\s+(?:with\s+)?(?:an?\s+)?[1-5]\d\d\b/gi, ' '));
  const words = [...own.matchAll(VAGUE)].map(([word]) => word.toLowerCase()).filter((word) => word === 'should' || !measured);
  return [...new Set(words)].map((word) => ({
    code: 'vague_word',
    where: `${id}.rule`,
    message: `two people would measure “${word}” differently`,
    instead:
      word === 'should'
        ? 'write SHALL for what must be, and leave out what need not'
        : 'say what is observed: a status, a value, an order, a number',
  }));
}

function withoutWas({ id, kind, was }: Criterion): SpecFinding[] {
  if (kind !== 'changed' || was !== undefined) return [];
  const instead = 'say in `was` what held before in one sentence, or make the criterion `new`';
  return [{ code: 'was_missing', where: `${id}.was`, message: 'a changed behaviour does not say what held before', instead }];
}

const WORDS = `should fast faster quick quickly efficient efficiently performant appropriate appropriately suitable suitably user-friendly
  reasonable reasonably proper properly robust robustly graceful gracefully nicely intuitive intuitively seamless seamlessly sensible sensibly
  adequate adequately easy easily scalable flexible meaningful optimal`;
const PHRASES = ['as needed', 'if needed', 'as appropriate', 'if possible', 'where possible', 'as expected', 'and so on', 'etc\\.?'];

/** Whole words only; `fast-track` and `quick_search` are names. */
const VAGUE = new RegExp(`(?<![\\w-])(?:${[...WORDS.split(/\s+/), ...PHRASES].join('|')})(?![\\w-])`, 'gi');
