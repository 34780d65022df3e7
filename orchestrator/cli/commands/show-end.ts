import { Failure, type FailureCode } from '../../domain/failure.ts';
import { forTerminal, jsonLine } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { printFailure } from '../print.ts';
import { onSignals } from '../signals.ts';
import type { Ended } from './run.ts';

/**
 * Run it with Ctrl-C heeded, and show how it ended: what was wrong and how to go on for a person, then the result on stdout, as one object
 * with --json, else what `resultOf` says of it.
 */
export async function showEnd(
  console: Console,
  ending: Ending,
  work: (signal: AbortSignal) => Promise<Ended>,
  resultOf: (ended: Ended) => string | null,
): Promise<void> {
  const signals = onSignals(console.err);
  try {
    const ended = await work(signals.signal);
    const { result, waysOn } = ended;
    if (result.code !== null) printFailure(new Failure(result.code as FailureCode, result.reason ?? ''), console.err);
    for (const line of waysOn) console.err(`${forTerminal(line)}\n`);
    const shown = resultOf(ended);
    if (ending.json) console.out(`${jsonLine(result)}\n`);
    else if (shown !== null) console.out(`${shown}\n`);
    ending.code = result.exit_code;
  } catch (error) {
    throw signals.signal.aborted ? signals.signal.reason : error;
  } finally {
    signals.end();
  }
}
