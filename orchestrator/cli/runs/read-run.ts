import { join } from 'node:path';
import { z } from 'zod';
import { type RunResult, runResultSchema } from '../../domain/run.ts';
import { type Spec, specSchema } from '../../domain/spec.ts';
import { summing, type TraceSummary } from '../../domain/trace-summary.ts';
import { type Review, reviewSchema } from '../../domain/turns.ts';
import { isAtWork } from '../leftovers.ts';
import { readBounded } from './bounded-file.ts';
import { readTrace } from './read-trace.ts';

const MAX_JSON = 4 * 1024 * 1024;
/** A request has at most 8,000 characters. */
const MAX_REQUEST = 64 * 1024;

/** What a run's folder says. Nothing in it is believed to be there or to be whole: what is not is null, and named. */
export interface RunRecord {
  readonly run: string;
  readonly folder: string;
  readonly request: string | null;
  readonly spec: Spec | null;
  readonly review: Review | null;
  /** null: it is at work, or its process ended without one. */
  readonly result: RunResult | null;
  readonly atWork: boolean;
  /** All its work was given to it, and no model was to be asked. */
  readonly given: boolean;
  readonly trace: TraceSummary;
  /** What is wrong with the folder, a sentence each; nothing that is only absent because the run ended before it. */
  readonly problems: readonly string[];
}

const reviewFileSchema = z.object({ review: reviewSchema });
/** The rest of it is for whoever replays the run. */
const orderSchema = z.looseObject({ given: z.literal(true).optional() });

/** Read a run's folder: result, Spec and review as far as they hold, and its trace summed up. Never throws for what it finds in there. */
export function readRun(folder: string, run: string): RunRecord {
  const problems: string[] = [];
  const text = (file: string, max: number): string | null => {
    try {
      return readBounded(join(folder, file), max);
    } catch (error) {
      problems.push(`${file} ${(error as Error).message}`);
      return null;
    }
  };
  const data = <T>(file: string, schema: z.ZodType<T>): T | null => {
    const words = text(file, MAX_JSON);
    if (words === null) return null;
    const parsed = schema.safeParse(parsedJson(words));
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'not what it should be' };
    problems.push(`${file} cannot be read: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
    return null;
  };

  const request = text('request.txt', MAX_REQUEST);
  const result = data('result.json', runResultSchema);
  const spec = data('evidence/spec.json', specSchema);
  const review = data('evidence/review.json', reviewFileSchema)?.review ?? null;
  const given = data('evidence/order.json', orderSchema)?.given === true;
  const atWork = result === null && isAtWork(folder);
  const sum = summing();
  const wrong = readTrace(join(folder, 'trace.jsonl'), sum.add, sum.addForeign);
  if (wrong !== null && !atWork) problems.push(`trace.jsonl${wrong.startsWith('line') ? ',' : ''} ${wrong}`);
  const trace = sum.summary();
  if (result === null && !atWork && !problems.some((problem) => problem.startsWith('result.json')))
    problems.push(`there is no result.json: the process ended before the run did${lastSeen(trace)}`);
  if (result !== null && result.run !== run) problems.push(`result.json is of the run ${result.run}`);
  return { run, folder, request, spec, review, result, atWork, given, trace, problems };
}

function lastSeen({ attempts, events }: TraceSummary): string {
  const last = attempts.at(-1);
  return last === undefined ? ` (${events} events)` : ` (${events} events, the last stage that ended was ${last.stage})`;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
