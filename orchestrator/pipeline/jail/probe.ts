import { Buffer } from 'node:buffer';
import { z } from 'zod';
import type { JailHole, Probed } from '../../domain/jail.ts';
import type { Engine } from '../../ports/engine.ts';
import { together } from '../together.ts';
import type { Cell } from './cells.ts';
import { holesIn } from './try.ts';

/** What came of a probe: the answer to each try, and what came out otherwise than it must. */
export interface Outcome {
  readonly tries: Probed['tries'];
  readonly holes: readonly JailHole[];
}

/**
 * Run a cell's probe to its end. A probe that says nothing, or not what it was asked, is a hole: it proves nothing. Throws the engine's
 * failures, and the signal's reason when it is aborted; leaves nothing behind.
 */
export async function runProbe(engine: Engine, cell: Cell, signal: AbortSignal): Promise<Outcome> {
  const { printed, how } = await runToEnd(engine, cell, signal);
  const answers = readAnswers(printed, cell.tries.length);
  if (typeof answers === 'string')
    return {
      tries: {},
      holes: [{ try: 'the probe itself', class: 'control', line: 'mounts', must: 'an answer to every try', answer: `${answers}; ${how}` }],
    };
  const tries: Record<string, Record<string, string>> = {};
  cell.tries.forEach(({ class: kind, name }, i) => {
    const group = tries[kind] ?? {};
    group[name] = answers[i] ?? '';
    tries[kind] = group;
  });
  return { tries, holes: holesIn(cell.tries, answers) };
}

/** The hole as a sentence of a failure. */
export function holeText(kind: string, { try: tried, class: of, must, answer, line }: JailHole): string {
  if (of === 'control') return `${kind}: the probe itself did not work (${tried}: ${answer})`;
  return `${kind}: ${tried}: the kernel answered ${answer}, and must ${must} (policy: ${line})`;
}

async function runToEnd(engine: Engine, { spec }: Cell, signal: AbortSignal): Promise<{ printed: string; how: string }> {
  signal.throwIfAborted();
  const container = await engine.start(spec);
  const stop = () => void container.kill().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  // Aborted while it started.
  if (signal.aborted) stop();
  try {
    container.closeInput();
    const [printed, complaints, exit] = await together([text(container.stdout), text(container.stderr), container.exit]);
    signal.throwIfAborted();
    const how = `exit code ${exit.code}${exit.killedFor === null ? '' : `, ended for ${exit.killedFor}`}${exit.oomKilled ? ', out of memory' : ''}: ${complaints.slice(0, 300)}`;
    return { printed, how };
  } finally {
    signal.removeEventListener('abort', stop);
    await container.remove();
  }
}

/** The answers, or what is wrong with them. */
function readAnswers(printed: string, tries: number): string[] | string {
  const schema = z.array(z.string().max(1_000)).length(tries);
  try {
    const parsed = schema.safeParse(JSON.parse(printed));
    return parsed.success ? parsed.data : `not an answer to each try: ${z.prettifyError(parsed.error).slice(0, 200)}`;
  } catch {
    return `no JSON: ${JSON.stringify(printed.slice(0, 200))}`;
  }
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
