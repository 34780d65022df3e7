import type { Command } from 'commander';
import { Failure, type FailureCode } from '../../domain/failure.ts';
import type { Console, Ending } from '../console.ts';
import { printFailure } from '../print.ts';
import { onSignals } from '../signals.ts';
import { type RunFlags, run } from './run.ts';

type Options = Omit<RunFlags, 'replay'> & { json?: boolean; replay?: string | boolean };

/** `factory run`: its options, and how its result is shown. */
export function runCommand(program: Command, console: Console, ending: Ending): void {
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
    .action(async (words: string[], options: Options) => {
      ending.json = options.json === true;
      const request = words.length > 0 ? words.join(' ') : (console.env.REQ ?? null);
      const signals = onSignals(console.err);
      try {
        const result = await run(request, replayFlags(options), console.env, console, signals.signal);
        if (result.code !== null) printFailure(new Failure(result.code as FailureCode, result.reason ?? ''), console.err);
        if (ending.json) console.out(`${JSON.stringify(result)}\n`);
        else if (result.branch !== null) console.out(`${result.branch}\n`);
        ending.code = result.exit_code;
      } catch (error) {
        throw signals.signal.aborted ? signals.signal.reason : error;
      } finally {
        signals.end();
      }
    });
}

/** `--replay` alone means the bundled run, `--replay=strict` the bundled run without drift. */
function replayFlags({ replay, ...flags }: Options): RunFlags {
  if (replay === undefined || replay === false) return flags;
  if (replay === 'strict') return { ...flags, replay: 'bundled', strict: true };
  return { ...flags, replay: replay === true ? 'bundled' : replay };
}
