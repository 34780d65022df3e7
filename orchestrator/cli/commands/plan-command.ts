import { join } from 'node:path';
import type { Command } from 'commander';
import type { Console, Ending } from '../console.ts';
import { readRequest } from '../request.ts';
import { lineOptions } from './line-options.ts';
import { type RunFlags, run } from './run.ts';
import { showEnd } from './show-end.ts';

/** `factory plan`: the line up to and with PLAN, so that a person can read and edit the Spec before anything is built. */
export function planCommand(program: Command, console: Console, ending: Ending): void {
  lineOptions(program.command('plan [request...]'))
    .description('make the Spec of a request and stop there; prints the path of spec.md, which `factory run --spec` takes')
    .action(async (words: string[], options: RunFlags & { json?: boolean }) => {
      ending.json = options.json === true;
      const request = await readRequest(words, console.env, process.stdin);
      await showEnd(
        console,
        ending,
        (signal) => run({ request, upTo: 'PLAN' }, options, console.env, console, signal),
        ({ result, folder }) => (result.outcome === 'planned' ? join(folder, 'spec.md') : null),
      );
    });
}
