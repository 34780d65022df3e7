import type { TargetCard } from '../domain/card.ts';
import type { Baseline } from '../domain/report.ts';
import { takeBaseline } from './baseline.ts';
import { makeCard } from './card.ts';
import type { RunOrder, World } from './order.ts';
import { together } from './together.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * What is had for free before any model is asked: the target card, and the target's own tests on the untouched base. `key` is what both are
 * kept by. A run that ends with PLAN needs no tests: its baseline is null. Errors: those of `takeBaseline`.
 */
export async function beforePlan(
  { trace, progress, keep }: Pick<World, 'trace' | 'progress' | 'keep'>,
  { ground, upTo }: Pick<RunOrder, 'ground' | 'upTo'>,
  toolbox: Toolbox,
  key: string,
): Promise<{ baseline: Baseline | null; card: TargetCard }> {
  const began = Date.now();
  progress.begin('baseline', upTo === 'PLAN' ? 'the target card' : 'the target’s own tests, twice');
  const [baseline, card] = await together([
    upTo === 'PLAN' ? null : takeBaseline(toolbox, ground, keep, `baseline-${key}`),
    makeCard(toolbox, ground, keep, `card-${key}`),
  ]);
  const ms = Date.now() - began;
  if (baseline !== null) {
    const { passed, flaky, coverage, kept } = baseline;
    const data = { tests: passed.length, flaky: [...flaky], coverage: coverage?.percent ?? null, kept, ms };
    trace.write({ type: 'baseline', stage: 'baseline', attempt: 1, data });
  }
  const text = baseline === null ? 'the target card; its tests are not needed for a plan' : summaryOf(baseline);
  progress.end({ stage: 'baseline', ok: true, ms, tokensIn: null, tokensOut: null, costUsd: null, asked: false, text });
  return { baseline, card };
}

function summaryOf({ passed, coverage, flaky, kept }: Baseline): string {
  const covered = coverage === null ? 'coverage unknown' : `${coverage.percent.toFixed(0)} %`;
  return `${passed.length} tests, ${covered}${flaky.length === 0 ? '' : `, ${flaky.length} flaky`}${kept ? ' (kept)' : ''}`;
}
