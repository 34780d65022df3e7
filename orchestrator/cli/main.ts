#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CATALOGUE, Failure } from '../domain/failure.ts';
import { benchCommand } from './commands/bench.ts';
import { cleanCommand } from './commands/clean.ts';
import { docsCommand } from './commands/docs.ts';
import { runCommand } from './commands/run-command.ts';
import { type Console, type Ending, processConsole } from './console.ts';
import { printFailure } from './print.ts';

/** Every command of `factory`: each adds itself to the program. */
const COMMANDS: readonly ((program: Command, console: Console, ending: Ending) => void)[] = [
  runCommand,
  cleanCommand,
  benchCommand,
  docsCommand,
];

process.exitCode = await main(process.argv.slice(2), processConsole());
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
    if (ending.json) console.out(`${JSON.stringify({ outcome: 'failed', code, reason: detail, exit_code: entry.exit })}\n`);
    return entry.exit;
  }
}
