import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../../domain/failure.ts';
import { forTerminal } from '../../domain/untrusted.ts';
import type { Console } from '../console.ts';
import { onSignals } from '../signals.ts';
import { measuredPlans, measuresTable } from '../spec-measures.ts';
import { type CardFlags, knownTarget } from '../target-card.ts';

const requestsSchema = z.array(
  z.strictObject({ id: z.string(), kind: z.string().default('blind'), expect: z.enum(['spec', 'refusal']), request: z.string() }),
);

/** `factory spec measure`: what a list of requests became, from the folders of their plans. */
export function specMeasureCommand(spec: Command, console: Console): Command {
  return spec
    .command('measure <requests> <folder>')
    .description('print what each request of a list (YAML) became, from a folder with the plans of them')
    .action(async (requests: string, folder: string, flags: CardFlags) => {
      const signals = onSignals(console.err);
      try {
        const target = await knownTarget(flags, console, signals.signal);
        console.out(forTerminal(measuresTable(measuredPlans(readRequests(requests), folder, target))));
      } finally {
        signals.end();
      }
    });
}

function readRequests(path: string) {
  try {
    return requestsSchema.parse(parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Failure('usage', `${path} is no list of requests (id, expect, request): ${(error as Error).message.slice(0, 300)}`);
  }
}
