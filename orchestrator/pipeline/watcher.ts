import type { ModelStage, Stage } from '../domain/stage.ts';
import type { Progress } from '../ports/progress.ts';
import type { Trace } from '../ports/trace.ts';
import type { Asking } from './asking.ts';
import type { LineWatcher } from './run-line.ts';
import type { StageDefinition, StageId } from './stage.ts';

/** The stages whose attempts ask a model, and under which name their questions are counted. */
const ASKS: Readonly<Partial<Record<StageId, ModelStage>>> = {
  PLAN: 'PLAN',
  SCOUT: 'SCOUT',
  BUILD: 'BUILD',
  'TEST-writing': 'TEST',
  REVIEW: 'REVIEW',
};

/** Writes what happens on the line into the trace and shows it to people. */
export function watcher(options: {
  trace: Trace;
  progress: Progress;
  asking: Asking;
  onStage: (stage: Stage) => void;
  onRework: (used: number) => void;
}): LineWatcher {
  const { trace, progress, asking } = options;
  const began = new Map<StageId, number>();

  function usageOf(stage: StageDefinition, attempt: number) {
    const asks = ASKS[stage.id];
    return asks === undefined ? null : { ...asking.usage(asks, attempt), model: asking.settings(asks).model };
  }

  return {
    begin(stage, attempt) {
      began.set(stage.id, Date.now());
      options.onStage(stage.stage);
      progress.begin(stage.stage, attempt.returned === null ? '' : `attempt ${attempt.number}: ${attempt.returned.reason}`);
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
        retries: 0,
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
        asked: usage !== null,
        text: code === null ? text : `${code}: ${text}`,
      });
    },
    rework(returned, to, used, budget) {
      options.onRework(used);
      trace.write({
        type: 'rework',
        stage: returned.from,
        attempt: used,
        data: { to, cause: returned.cause, code: returned.code, reason: returned.reason, used, budget },
      });
      progress.note(`-> ${to} (rework ${used} of ${budget})`);
    },
  };
}
