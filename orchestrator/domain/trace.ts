import { z } from 'zod';
import { json } from './json.ts';

const count = z.int().nonnegative();

/** One line of trace.jsonl. `prev` is the SHA-256 of the line before (64 zeros for the first). */
const common = {
  seq: count,
  ts: z.iso.datetime(),
  run: z.string(),
  stage: z.string(),
  attempt: count,
  prev: z.string().regex(/^[0-9a-f]{64}$/),
};

/** The event at the end of a stage's attempt; the names are part of the interface. */
export const stageEventSchema = z.object({
  ...common,
  type: z.literal('stage'),
  /** Model asked for, and who in the end answered; null where the stage asks none. */
  model: z.string().nullable(),
  served_by: z.string().nullable(),
  tokens_in: count.nullable(),
  tokens_out: count.nullable(),
  /** Wall-clock milliseconds of the attempt. */
  ms: count,
  eval_ok: z.boolean(),
  retries: count,
  /** US dollars; null for unknown, never 0 for unknown. */
  cost_usd: z.number().nonnegative().nullable(),
  /** Failure or finding code when `eval_ok` is false. */
  code: z.string().nullable(),
  detail: z.string(),
});

export const noteEventSchema = z.object({
  ...common,
  type: z.enum([
    'run_started',
    'run_ended',
    'container',
    'turn',
    'check',
    'rework',
    'repair',
    /** A call to a model failed: it is made again, the next model of the chain is asked, or nobody is left. Each with what it was charged. */
    'retry',
    'hop',
    'gave_up',
    'baseline',
    'forecast',
    'fact',
    'drift',
    'cleanup',
    'probe',
  ]),
  data: z.record(z.string(), json),
});

export const traceEventSchema = z.discriminatedUnion('type', [stageEventSchema, noteEventSchema]);

export type StageEvent = z.infer<typeof stageEventSchema>;

type Stamped = 'seq' | 'ts' | 'run' | 'prev';
/** What a caller says; the sink adds seq, ts, run and prev. */
export type NewStageEvent = Omit<StageEvent, Stamped>;
export type NewNoteEvent = Omit<z.infer<typeof noteEventSchema>, Stamped>;
export type NewTraceEvent = NewStageEvent | NewNoteEvent;
