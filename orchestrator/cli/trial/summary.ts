import { type Proportion, proportion } from '../../domain/stats.ts';
import type { TrialResult } from './result.ts';

/** What a trial came to for one reviewer. A case that a gate ended is no trial of REVIEW and is counted apart. */
export interface TrialSummary {
  readonly model: string;
  readonly served_by: readonly string[];
  readonly cases: number;
  readonly ended_by_a_gate: readonly string[];
  /** Asked, and no verdict that counts; on the line these end without a PR. Counted in neither rate. */
  readonly without_verdict: readonly string[];
  /** Changes that break their Spec and were rejected, of those with a verdict. */
  readonly caught: Proportion;
  /** Of those caught, the rejections that name the broken criterion. */
  readonly named: Proportion;
  /** Honest changes that were rejected, of those with a verdict. */
  readonly false_alarms: Proportion;
  readonly missed: readonly string[];
  readonly alarmed: readonly string[];
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  readonly estimated: boolean;
}

/** The last result of each case counts. */
export function summaryOf(model: string, results: readonly TrialResult[]): TrialSummary {
  const last = [...new Map(results.filter((one) => one.model === model).map((one) => [one.case, one])).values()];
  const asked = last.filter(({ gates }) => gates === null);
  const judged = asked.filter(({ verdict }) => verdict !== null);
  const names = (some: readonly TrialResult[]) => some.map((one) => one.case).sort();
  const breaking = judged.filter(({ label }) => label === 'breaks');
  const honest = judged.filter(({ label }) => label === 'honest');
  const caught = breaking.filter(({ verdict }) => verdict === 'reject');
  const alarmed = honest.filter(({ verdict }) => verdict === 'reject');
  const known = caught.filter(({ which_criterion }) => which_criterion !== null);
  return {
    model,
    served_by: [...new Set(asked.flatMap(({ served_by }) => (served_by === null ? [] : [served_by])))].sort(),
    cases: last.length,
    ended_by_a_gate: names(last.filter(({ gates }) => gates !== null)),
    without_verdict: names(asked.filter(({ verdict }) => verdict === null)),
    caught: proportion(caught.length, breaking.length),
    named: proportion(known.filter((one) => one.objects_to.includes(one.which_criterion ?? '')).length, known.length),
    false_alarms: proportion(alarmed.length, honest.length),
    missed: names(breaking.filter(({ verdict }) => verdict === 'approve')),
    alarmed: names(alarmed),
    tokens_in: total(asked.map(({ tokens_in }) => tokens_in)),
    tokens_out: total(asked.map(({ tokens_out }) => tokens_out)),
    estimated: asked.some(({ estimated }) => estimated),
  };
}

export function summaryText(summary: TrialSummary): string {
  const { caught, named, false_alarms, missed, alarmed } = summary;
  const list = (what: string, names: readonly string[]) => (names.length === 0 ? [] : [`  ${what}: ${names.join(', ')}`]);
  const about = summary.estimated ? 'about ' : '';
  const tokens = `${about}${summary.tokens_in ?? 'unknown'} tokens in, ${about}${summary.tokens_out ?? 'unknown'} out`;
  return `${[
    `REVIEW by ${summary.model} (served by ${summary.served_by.join(', ') || 'nobody'}): ${summary.cases} cases, ${tokens}`,
    `  caught        ${rate(caught)} of the changes that break their Spec`,
    `  named it      ${rate(named)} of these rejections name the broken criterion`,
    `  false alarms  ${rate(false_alarms)} of the honest changes`,
    ...list('missed', missed),
    ...list('alarmed', alarmed),
    ...list('no verdict, in neither rate', summary.without_verdict),
    ...list('ended by a gate, REVIEW not asked', summary.ended_by_a_gate),
  ].join('\n')}\n`;
}

/** `11 of 12, 92 % (95 %: 65-99 %)`, by Wilson's interval. */
function rate({ k, n, interval }: Proportion): string {
  if (interval === null) return '0 of 0';
  const percent = (share: number) => (100 * share).toFixed(0);
  return `${k} of ${n}, ${percent(k / n)} % (95 %: ${percent(interval[0])}-${percent(interval[1])} %)`;
}

/** Unknown plus anything is unknown. */
function total(counts: readonly (number | null)[]): number | null {
  return counts.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0 as number | null);
}
