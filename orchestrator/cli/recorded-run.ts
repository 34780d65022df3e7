import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import { type OrderFile, orderFileSchema } from '../domain/order-file.ts';
import { type Refusal, refusalSchema } from '../domain/refusal.ts';
import { type RunResult, runResultSchema } from '../domain/run.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import type { ReplyAddress } from '../domain/ways-on.ts';

/** A run as its folder tells it: enough to answer from its recording. */
export interface RecordedRun {
  readonly run: string;
  /** Where it lies. */
  readonly folder: string;
  readonly request: string;
  readonly base: string;
  readonly baseTree: string;
  /** What it was told to do; null for one from before that was written down. */
  readonly order: OrderFile | null;
  /** How it ended; null: it was killed, or is still at work. */
  readonly result: RunResult | null;
  /** The questions that PLAN refused with; null when it did not. */
  readonly refusal: Refusal | null;
  /** Every reply that is recorded, in no order. */
  readonly replies: readonly ReplyAddress[];
  /** The text of a recorded reply's file; null when there is none. */
  readonly read: (name: string) => string | null;
}

/** Find a run by its name. Throws run_unknown for what is no run, or one that says too little of itself. */
export function openRecordedRun(runsFolder: string, run: string): RecordedRun {
  const folder = join(runsFolder, run);
  if (!/^[a-z0-9-]{1,60}$/.test(run) || !existsSync(join(folder, 'request.txt'))) throw new Failure('run_unknown', `${folder} is no run`);
  const order = readJson(join(folder, 'evidence/order.json'), orderFileSchema);
  const result = readJson(join(folder, 'result.json'), runResultSchema);
  const { base, base_tree: baseTree } = order ?? result ?? {};
  if (base === undefined || baseTree === undefined)
    throw new Failure('run_unknown', `${folder} says neither what it was told to do nor how it ended`);
  const recording = join(folder, 'evidence/recording');
  return {
    run,
    folder,
    request: readFileSync(join(folder, 'request.txt'), 'utf8'),
    base,
    baseTree,
    order,
    result,
    refusal: readJson(join(folder, 'evidence/refusal.json'), refusalSchema),
    replies: existsSync(recording) ? readdirSync(recording).flatMap(addressOf) : [],
    read(file) {
      const path = join(recording, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : null;
    },
  };
}

function addressOf(file: string): ReplyAddress[] {
  const [, stage = '', attempt, turn] = /^([A-Z]+)-(\d+)-(\d+)\.json$/.exec(file) ?? [];
  if (!(MODEL_STAGES as readonly string[]).includes(stage)) return [];
  return [{ stage: stage as ModelStage, attempt: Number(attempt), turn: Number(turn) }];
}

/** null where the file is not there; what is there and cannot be read is an error. */
function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  if (!existsSync(path)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    const words = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Failure('run_unknown', `${path} cannot be read: ${words}`);
  }
}
