import type { ModelStage, Stage } from '../domain/stage.ts';
import type { Progress } from '../ports/progress.ts';
import type { Trace } from '../ports/trace.ts';
import type { Asking } from './asking.ts';
import type { LineWatcher } from './run-line.ts';
import type { Cause, StageDefinition, StageId } from './stage.ts';

/** The stages whose attempts ask a model, and under which name their questions are counted. */
const ASKS: Readonly<Partial<Record<StageId, ModelStage>>> = {
  PLAN: 'PLAN',
  SCOUT: 'SCOUT',
  BUILD: 'BUILD',
  'TEST-writing': 'TEST',
  REVIEW: 'REVIEW',
};

const STAGE_OF: Readonly<Record<StageId, Stage>> = {
  PLAN: 'PLAN',
  SCOUT: 'SCOUT',
  BUILD: 'BUILD',
  VALIDATE: 'VALIDATE',
  'TEST-writing': 'TEST',
  'TEST-running': 'TEST',
  REVIEW: 'REVIEW',
};

/** What a stage that asks nobody is at. */
const AT_WORK: Readonly<Partial<Record<StageId, string>>> = {
  VALIDATE: 'ruff, ruff format, mypy',
  'TEST-running': 'all tests on the change',
};

/** Writes what happens on the line into the trace and shows it to people. */
export function watcher(options: {
  trace: Trace;
  progress: Progress;
  asking: Asking;
  /** The stages that ask a model; the others are given what they hand over. */
  asked: readonly ModelStage[];
  onStage: (stage: Stage) => void;
  onRework: (used: number, cause: Cause) => void;
}): LineWatcher {
  const { trace, progress, asking } = options;
  const began = new Map<StageId, number>();

  function usageOf(stage: StageDefinition, attempt: number) {
    const asks = ASKS[stage.id];
    return asks === undefined || !options.asked.includes(asks)
      ? null
      : { ...asking.usage(asks, attempt), model: asking.settings(asks).model };
  }

  return {
    begin(stage, attempt) {
      began.set(stage.id, Date.now());
      options.onStage(stage.stage);
      const about = attempt.returned === null ? (AT_WORK[stage.id] ?? '') : `rework: ${attempt.returned.reason}`;
      progress.begin(stage.stage, about);
    },
    end(stage, attempt, { ok, text, code }) {
      const ms = Date.now() - (began.get(stage.id) ?? Date.now());
      const usage = usageOf(stage, attempt.number);
      trace.write({
        type: 'stage',
        stage: stage.stage,
        attempt: attempt.number,
        model: usage?.model ?? null,
        served_by: usage === null || usage.servedBy.length === 0 ? null : usage.servedBy.join(', '),
        tokens_in: usage?.tokensIn ?? null,
        tokens_out: usage?.tokensOut ?? null,
        ms,
        eval_ok: ok,
        retries: usage?.retries ?? 0,
        cost_usd: usage === null ? 0 : usage.costUsd,
        code,
        detail: text.slice(0, 2_000),
      });
      progress.end({
        stage: stage.stage,
        ok,
        ms,
        tokensIn: usage?.tokensIn ?? null,
        tokensOut: usage?.tokensOut ?? null,
        costUsd: usage?.costUsd ?? null,
        // Without a reply nothing is known of what the question took.
        asked: usage !== null && usage.completions > 0,
        text: headline(text),
      });
    },
    rework(returned, to, used, budget) {
      options.onRework(used, returned.cause);
      trace.write({
        type: 'rework',
        stage: returned.from,
        attempt: used,
        data: { to, cause: returned.cause, code: returned.code, reason: returned.reason, used, budget },
      });
      progress.rework?.(STAGE_OF[to], used, budget);
    },
  };
}

/** The first line of what was said; where that only introduces a list, with the list's first entry. */
function headline(text: string): string {
  const [first = '', second = ''] = text.split('\n');
  return first.endsWith(':') ? `${first} ${second}`.trim() : first;
}
