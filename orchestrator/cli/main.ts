#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CATALOGUE, Failure } from '../domain/failure.ts';
import { jsonLine } from '../domain/untrusted.ts';
import { benchCommand } from './commands/bench.ts';
import { cleanCommand } from './commands/clean.ts';
import { demoCommand } from './commands/demo.ts';
import { docsCommand } from './commands/docs.ts';
import { doctorCommand } from './commands/doctor.ts';
import { metricsCommand } from './commands/metrics.ts';
import { modelsCommand } from './commands/models.ts';
import { planCommand } from './commands/plan-command.ts';
import { runCommand } from './commands/run-command.ts';
import { runsCommand } from './commands/runs.ts';
import { schemaCommand } from './commands/schema.ts';
import { specCommand } from './commands/spec.ts';
import { trialCommand } from './commands/trial.ts';
import { verifyCommand } from './commands/verify.ts';
import { type Console, type Ending, processConsole, redacted } from './console.ts';
import { printFailure } from './print.ts';
import { addressesIn, hostRedactor } from './redactor.ts';

/** Every command of `factory`: each adds itself to the program. */
const COMMANDS: readonly ((program: Command, console: Console, ending: Ending) => void)[] = [
  runCommand,
  planCommand,
  cleanCommand,
  benchCommand,
  demoCommand,
  docsCommand,
  doctorCommand,
  metricsCommand,
  modelsCommand,
  runsCommand,
  schemaCommand,
  specCommand,
  trialCommand,
  verifyCommand,
];

const words = process.argv.slice(2);
process.exitCode = await main(words, redacted(processConsole(), hostRedactor(process.env, addressesIn(words))));
// An image build that was given up keeps its connection, and with it this process: it is let go of.
setTimeout(() => process.exit(), 2_000).unref();

async function main(argv: readonly string[], console: Console): Promise<number> {
  const ending: Ending = { code: 0, json: false };
  const program = new Command('factory')
    .description('A paragraph in, a proven pull request out: every stage in its own container.')
    .exitOverride()
    .configureOutput({ writeErr: console.err });
  for (const add of COMMANDS) add(program, console, ending);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return ending.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : CATALOGUE.usage.exit;
    const failure =
      error instanceof Failure ? error : new Failure('bug', error instanceof Error ? (error.stack ?? error.message) : String(error));
    printFailure(failure, console.err);
    const { code, detail, entry } = failure;
    if (ending.json) console.out(`${jsonLine({ outcome: 'failed', code, reason: detail, exit_code: entry.exit })}\n`);
    return entry.exit;
  }
}
