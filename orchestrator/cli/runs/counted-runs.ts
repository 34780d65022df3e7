import type { EndedRun } from '../../domain/run-figures.ts';
import type { RunRecord } from './read-run.ts';

/** Runs whose figures are added to those of others, and the rest with the reason: a figure of what is not whole would be a guess. */
export interface CountedRuns {
  readonly counted: readonly EndedRun[];
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

export function countedRuns(records: readonly RunRecord[]): CountedRuns {
  const judged = records.map((record) => ({ record, why: whyNot(record) }));
  return {
    counted: judged.flatMap(({ record, why }) => (why === null && record.result !== null ? [{ ...record, result: record.result }] : [])),
    left: judged.flatMap(({ record, why }) => (why === null ? [] : [{ name: record.run, why }])),
  };
}

function whyNot({ atWork, given, problems }: RunRecord): string | null {
  if (atWork) return 'it is at work';
  if (problems.length > 0) return problems.join('; ');
  return given ? 'its work was given to it, and no model was to answer' : null;
}
