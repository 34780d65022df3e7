import { closeSync, readSync } from 'node:fs';
import type { z } from 'zod';
import { traceEventSchema } from '../../domain/trace.ts';
import { openPlain } from './bounded-file.ts';

type TraceEvent = z.infer<typeof traceEventSchema>;

const CHUNK = 256 * 1024;
/** Longest line and longest trace that are read, in bytes; a run writes some ten thousand in all. */
const LONGEST_LINE = 1024 * 1024;
const LONGEST_TRACE = 512 * 1024 * 1024;

const KNOWN: ReadonlySet<unknown> = new Set(
  traceEventSchema.options.flatMap((option) => ('value' in option.shape.type ? [option.shape.type.value] : option.shape.type.options)),
);

/**
 * Hand every event of a trace to `onEvent`, the oldest first, with never more than a line of it in memory; an event of a type that this program
 * does not know goes to `onForeign`. Returns what is wrong with the trace, or null: a line that is no event is left out, and the first is named.
 */
export function readTrace(path: string, onEvent: (event: TraceEvent) => void, onForeign: () => void = () => {}): string | null {
  let bad = 0;
  let first = '';
  const wrong = (line: number, what: string) => {
    bad += 1;
    if (bad === 1) first = `line ${line} ${what}`;
  };
  const cut = eachLine(path, (bytes, line, whole) => {
    if (bytes === null) return wrong(line, `is longer than ${LONGEST_LINE} bytes`);
    const event = eventOf(bytes);
    if (event === 'foreign') onForeign();
    else if (event !== null) onEvent(event);
    else if (bytes.length > 0) wrong(line, whole ? 'is no event' : 'is cut');
  });
  if (cut !== null) return cut;
  return bad === 0 ? null : bad === 1 ? first : `${first}, and ${bad - 1} more`;
}

function eventOf(bytes: Buffer): TraceEvent | 'foreign' | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
    if (typeof type === 'string' && !KNOWN.has(type)) return 'foreign';
    const parsed = traceEventSchema.safeParse(value);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** null for a line that is too long. Returns what kept it from the end, or null. */
function eachLine(path: string, onLine: (bytes: Buffer | null, line: number, whole: boolean) => void): string | null {
  let opened: ReturnType<typeof openPlain>;
  try {
    opened = openPlain(path);
  } catch (error) {
    return (error as Error).message;
  }
  if (opened === null) return 'is missing';
  const { file, size } = opened;
  try {
    if (size > LONGEST_TRACE) return `is larger than ${LONGEST_TRACE} bytes`;
    const chunk = Buffer.alloc(CHUNK);
    let parts: Buffer[] = [];
    let length = 0;
    let line = 1;
    const take = (part: Buffer) => {
      length += part.length;
      if (length <= LONGEST_LINE) parts.push(Buffer.from(part));
      else parts = [];
    };
    const end = (whole: boolean) => {
      onLine(length > LONGEST_LINE ? null : Buffer.concat(parts), line, whole);
      line += 1;
      length = 0;
      parts = [];
    };
    for (;;) {
      const read = readSync(file, chunk, 0, CHUNK, null);
      if (read === 0) break;
      let at = 0;
      for (let next = chunk.indexOf(10, 0); next !== -1 && next < read; next = chunk.indexOf(10, at)) {
        take(chunk.subarray(at, next));
        end(true);
        at = next + 1;
      }
      take(chunk.subarray(at, read));
    }
    if (length > 0) end(false);
    return null;
  } finally {
    closeSync(file);
  }
}
