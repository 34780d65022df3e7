import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { Command } from 'commander';
import { seconds } from '../../adapters/progress/terminal/figures.ts';
import { Failure } from '../../domain/failure.ts';
import { forTerminal } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { type DemoEnd, runDemo } from '../demo/demo.ts';
import { refusalText, tableText } from '../demo/table.ts';
import { readSettings } from '../settings.ts';
import { onSignals } from '../signals.ts';

/** `factory demo`: what `make demo` shows. Not shown in the help. */
export function demoCommand(program: Command, console: Console, ending: Ending): void {
  program
    .command('demo', { hidden: true })
    .description('one request and four recorded BUILDs, before a naive runner and down the line; offline')
    .option('--docker-host <url>', 'the engine')
    .option('--at-once <n>', 'lines that are at work at the same time', String(Math.max(2, Math.min(4, availableParallelism()))))
    .action(async ({ dockerHost, atOnce }: { dockerHost?: string; atOnce: string }) => {
      const began = Date.now();
      const signals = onSignals(console.err);
      const note = (line: string) => console.err(`${forTerminal(line)}\n`);
      // The demo is the same everywhere: no settings of the operator's.
      const settings = readSettings({}, {}, '/nowhere');
      const { env } = console;
      try {
        console.out(INTRODUCTION);
        const end = await runDemo({ settings, dockerHost, env, note, signal: signals.signal, atOnce: Number(atOnce) });
        console.out(`${tableText(end.rows)}\n\n${end.refusals.map(refusalText).join('\n')}\n\n`);
        console.out(`${seconds(Date.now() - began)}   kept in ${relative(process.cwd(), end.folder) || '.'}\n`);
        const wrong = notAsItMustBe(end);
        if (wrong.length > 0) throw new Failure('bug', `the demo did not end as it must:\n${wrong.join('\n')}`);
        ending.code = 0;
      } catch (error) {
        throw signals.signal.aborted ? signals.signal.reason : error;
      } finally {
        signals.end();
      }
    });
}

const INTRODUCTION = `One request, one Spec, one set of tests, and four BUILDs kept as data in
runs/demo; three are attacks that we wrote. Each goes to a naive runner (pytest,
ruff and mypy in a plain container) and down the line. No model is asked.\n\n`;

function notAsItMustBe({ rows, refusals }: DemoEnd): string[] {
  const codes = rows.filter(({ build }) => build.isAttack).map(({ factory }) => factory.code);
  return [
    ...rows.filter(({ naive }) => !naive.green).map(({ build }) => `the naive runner says red of ${build.title}`),
    ...rows.filter(({ build, factory }) => build.isAttack === (factory.pr !== null)).map(({ build }) => `${build.title} ended wrongly`),
    ...(new Set(codes).size === codes.length ? [] : [`two attacks ended with the same code: ${codes.join(', ')}`]),
    ...refusals.filter(({ code }) => code === null).map(({ changed }) => `a changed ${changed} was not refused`),
    ...(refusals.length === 2 ? [] : ['there was no run to change']),
  ];
}
