#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { CATALOGUE, Failure, type FailureCode } from '../domain/failure.ts';
import { bench } from './commands/bench.ts';
import { clean } from './commands/clean.ts';
import { type RunFlags, run } from './commands/run.ts';
import { printFailure } from './print.ts';
import { onSignals } from './signals.ts';

const err = (text: string) => void process.stderr.write(text);
const terminal = {
  err,
  tty: process.stderr.isTTY === true,
  colour: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
  columns: process.stderr.columns ?? 120,
};

process.exitCode = await main(process.argv.slice(2));
// An image build that was given up keeps its connection, and with it this process: it is let go of.
setTimeout(() => process.exit(), 2_000).unref();

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  let json = false;
  const program = new Command('factory')
    .description('A paragraph in, a proven pull request out: every stage in its own container.')
    .exitOverride()
    .configureOutput({ writeErr: err });

  const collect = (value: string, before: string[]) => [...before, value];
  program
    .command('run [request...]')
    .description('take one request down the line to a local branch (request: arguments, or the environment variable REQ)')
    .option('-C, --directory <folder>', 'work on the repository of this folder', process.cwd())
    .option('--target <folder>', 'the target inside the repository (default: target-app/ where there is one)')
    .option('--base <revision>', 'start from this commit or branch (default: HEAD)')
    .option('--model <[STAGE=]name>', 'model for all stages, or for one; may be given again', collect, [])
    .option('--ollama-host <url>', 'where Ollama answers (default: OLLAMA_HOST, else 127.0.0.1:11434)')
    .option('--replay [run]', 'answer from a recorded run instead of a model (default: the bundled one)')
    .option('--strict', 'refuse a reply that was recorded for another form of the request')
    .option('--reworks <n>', 'how often work may be returned')
    .option('--checks <n>', 'how often BUILD’s work is checked before it is handed over')
    .option('--turns <n>', 'completions an attempt may take')
    .option('--context-tokens <n>', 'context to ask the model for')
    .option('--output-tokens <n>', 'longest reply')
    .option('--model-timeout <seconds>', 'for one completion')
    .option('--time-limit <seconds>', 'for the whole run')
    .option('--docker-host <url>', 'the engine (default: DOCKER_HOST, the current context, the usual sockets)')
    .option('--config <file>', 'settings (default: factory.yaml here)')
    .option('--runs <folder>', 'where the run’s folder is made')
    .option('--json', 'print the result as one JSON object on stdout')
    .action(async (words: string[], options: Omit<RunFlags, 'replay'> & { json?: boolean; replay?: string | boolean }) => {
      json = options.json === true;
      const request = words.length > 0 ? words.join(' ') : (process.env.REQ ?? null);
      const signals = onSignals(err);
      try {
        const result = await run(request, replayFlags(options), process.env, terminal, signals.signal);
        if (result.code !== null) printFailure(new Failure(result.code as FailureCode, result.reason ?? ''), err);
        if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
        else if (result.branch !== null) process.stdout.write(`${result.branch}\n`);
        code = result.exit_code;
      } catch (error) {
        throw signals.signal.aborted ? signals.signal.reason : error;
      } finally {
        signals.end();
      }
    });

  program
    .command('clean')
    .description('remove every container and volume that a run left on the engine')
    .option('--docker-host <url>', 'the engine')
    .action(async (options: { dockerHost?: string }) => err(`${await clean(options.dockerHost, process.env)} removed\n`));

  program
    .command('bench')
    .description('measure replayed runs, the orchestrator’s memory and the images; asserts nothing')
    .option('--docker-host <url>', 'the engine')
    .action((options: { dockerHost?: string }) =>
      bench(process.argv[1] ?? '', options.dockerHost, process.env, (text) => void process.stdout.write(text)),
    );

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : CATALOGUE.usage.exit;
    const failure =
      error instanceof Failure ? error : new Failure('bug', error instanceof Error ? (error.stack ?? error.message) : String(error));
    printFailure(failure, err);
    if (json)
      process.stdout.write(
        `${JSON.stringify({ outcome: 'failed', code: failure.code, reason: failure.detail, exit_code: failure.entry.exit })}\n`,
      );
    return failure.entry.exit;
  }
}

/** `--replay` alone means the bundled run, `--replay=strict` the bundled run without drift. */
function replayFlags({ replay, ...flags }: Omit<RunFlags, 'replay'> & { replay?: string | boolean }): RunFlags {
  if (replay === undefined || replay === false) return flags;
  if (replay === 'strict') return { ...flags, replay: 'bundled', strict: true };
  return { ...flags, replay: replay === true ? 'bundled' : replay };
}
