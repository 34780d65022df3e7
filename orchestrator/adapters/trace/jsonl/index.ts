import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { pino } from 'pino';
import { Failure } from '../../../domain/failure.ts';
import type { Trace } from '../../../ports/trace.ts';

const FIRST = '0'.repeat(64);

/**
 * A trace as one JSON line an event, each with the SHA-256 of the line before. pino makes the line; a line is on disk before `write`
 * returns, and once a line could not be written no later one is either.
 */
export function jsonlTrace(options: {
  readonly path: string;
  readonly run: string;
  readonly now?: () => Date;
  readonly redact?: (line: string) => string;
}): Trace & { close(): void } {
  const { run, now = () => new Date(), redact = (line) => line } = options;
  let file: number;
  let head = FIRST;
  let seq = 0;
  let broken: Failure | null = null;
  try {
    file = openSync(options.path, 'ax');
  } catch (error) {
    throw failed(error);
  }

  const line = (text: string) => {
    const whole = redact(text);
    const bytes = new TextEncoder().encode(whole);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
    head = createHash('sha256').update(whole.replace(/\n$/, '')).digest('hex');
  };
  const log = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, { write: line });

  return {
    write(event) {
      if (broken !== null) throw broken;
      try {
        log.info({ seq, ts: now().toISOString(), run, ...event, prev: head });
        seq += 1;
      } catch (error) {
        broken = failed(error);
        throw broken;
      }
    },
    head: () => head,
    close: () => closeSync(file),
  };

  function failed(error: unknown): Failure {
    return new Failure('trace_write', `${options.path}: ${(error as Error).message}`, { cause: error });
  }
}
