import type { NewTraceEvent } from '../domain/trace.ts';

/** Where events go. Duties: a written event is on disk when `write` returns; a failed write throws `trace_write` and every later one does too. */
export interface Trace {
  write(event: NewTraceEvent): void;
  /** SHA-256 of the last line written, hex. */
  head(): string;
}
