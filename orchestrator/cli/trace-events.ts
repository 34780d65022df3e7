import { existsSync, readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { traceEventSchema } from '../domain/trace.ts';

type TraceEvent = z.infer<typeof traceEventSchema>;

/** Longest trace that is read, in bytes; a run writes some ten thousand. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The events of a trace, oldest first; null where there is none, or none that can be read to its end. */
export function traceEvents(path: string): TraceEvent[] | null {
  if (!existsSync(path) || statSync(path).size > MAX_BYTES) return null;
  try {
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => traceEventSchema.parse(JSON.parse(line)));
  } catch {
    return null;
  }
}
