import { createHash } from 'node:crypto';
import { traceEventSchema } from '../../domain/trace.ts';
import { type Check, fails, holds } from './check.ts';

const FILE = 'trace.jsonl';
const FIRST = '0'.repeat(64);

export interface TraceChain {
  readonly checks: readonly Check[];
  /** SHA-256 of each line, in order; empty where the trace is no chain. */
  readonly hashes: readonly string[];
}

/** Whether each line of a trace holds the hash of the line before it. `null`: there is no trace. */
export function traceChain(bytes: Buffer | null, run: string): TraceChain {
  const broken = (says: string): TraceChain => ({ checks: [fails(FILE, says)], hashes: [] });
  if (bytes === null) return broken('is not there');
  const lines = linesOf(bytes);
  if (lines === null) return broken('its last line is cut off');
  if (lines.length === 0) return broken('is empty');
  const hashes: string[] = [];
  for (const [i, line] of lines.entries()) {
    const event = eventOf(line);
    if (event === null) return broken(`line ${i + 1} is no event: it was changed after it was written`);
    const before = hashes.at(-1) ?? FIRST;
    if (event.prev !== before)
      return broken(
        i === 0
          ? 'line 1 does not begin a trace: it was changed, or lines before it were taken out'
          : `line ${i} is not the line that line ${i + 1} was written after: one of them was changed`,
      );
    if (event.seq !== i || event.run !== run) return broken(`line ${i + 1} is event ${event.seq} of run ${event.run}`);
    hashes.push(createHash('sha256').update(line).digest('hex'));
  }
  return { checks: [holds(FILE, `${lines.length} events, each with the hash of the one before it`)], hashes };
}

function linesOf(bytes: Buffer): Buffer[] | null {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at);
    if (end < 0) return null;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

function eventOf(line: Buffer) {
  try {
    const event = traceEventSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line)));
    return event.success ? event.data : null;
  } catch {
    return null;
  }
}
