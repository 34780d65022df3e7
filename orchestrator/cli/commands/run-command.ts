import type { Command } from 'commander';
import { Failure } from '../../domain/failure.ts';
import type { Console, Ending } from '../console.ts';
import { readRequest } from '../request.ts';
import type { Asked } from '../task.ts';
import { lineOptions } from './line-options.ts';
import { type RunFlags, run } from './run.ts';
import { showEnd } from './show-end.ts';

interface Options extends RunFlags, Pick<Asked, 'spec' | 'strict' | 'resume' | 'rework' | 'answer'> {
  readonly json?: boolean;
  readonly replay?: string | boolean;
}

/** `factory run`: the whole line, from the start, from a Spec, from a recording, or on from a run that did not end in a PR. */
export function runCommand(program: Command, console: Console, ending: Ending): void {
  const collect = (value: string, before: string[]) => [...before, value];
  lineOptions(program.command('run [request...]'))
    .description('take one request down the line to a local branch (request: arguments, "-" for stdin, or the environment variable REQ)')
    .option('--reworks <n>', 'how often work may be returned')
    .option('--checks <n>', 'how often BUILD’s work is checked before it is handed over')
    .option('--spec <file>', 'a Spec that takes PLAN’s place: spec.md as `factory plan` writes it, edited or not, or YAML or JSON')
    .option('--resume <run>', 'go on from a run that did not end in a PR; what it recorded is not paid again')
    .option('--answer <Qn=text>', 'with --resume: answer a question that PLAN refused with; one for each', collect, [])
    .option('--rework <words>', 'with --resume: what to do differently where the run failed')
    .option('--replay [run]', 'answer from a recorded run instead of a model (default: the bundled one)')
    .option('--strict', 'refuse a reply that was recorded for another form of the request')
    .action(async (words: string[], options: Options) => {
      ending.json = options.json === true;
      if (options.resume !== undefined && words.length > 0)
        throw new Failure(
          'usage',
          'with --resume the request is the recorded one: answer its questions with --answer, or run a new request',
        );
      if (options.resume !== undefined && (options.base ?? options.target) !== undefined)
        throw new Failure('usage', 'with --resume base and target are the recorded ones');
      const request = await readRequest(words, console.env, process.stdin);
      const { spec, resume, rework, answer } = options;
      const asked: Asked = { request, upTo: 'PR', spec, resume, rework, answer, ...replayed(options) };
      await showEnd(
        console,
        ending,
        (signal) => run(asked, options, console.env, console, signal),
        ({ result }) => result.branch,
      );
    });
}

/** `--replay` alone means the bundled run, `--replay=strict` the bundled run without drift. */
function replayed({ replay, strict }: Options): Pick<Asked, 'replay' | 'strict'> {
  if (replay === undefined || replay === false) return { strict };
  if (replay === 'strict') return { replay: 'bundled', strict: true };
  return { replay: replay === true ? 'bundled' : replay, strict };
}
