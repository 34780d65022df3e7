import { CATALOGUE, type Failure } from '../domain/failure.ts';
import { forTerminal } from '../domain/untrusted.ts';

/** Characters of a line that are shown. */
const MAX_LINE = 2_000;

/** The one place that tells a person how something ended badly. */
export function printFailure(failure: Failure, write: (text: string) => void): void {
  const { fault, sentence, advice } = CATALOGUE[failure.code];
  write(`\n${failure.code}: ${sentence}\n`);
  for (const line of failure.detail.split('\n').slice(0, 40)) write(`  ${forTerminal(line.slice(0, MAX_LINE))}\n`);
  write(`fault: ${fault}   exit code ${CATALOGUE[failure.code].exit}\n${advice}\n`);
}
