import { dollars, thousands } from '../../adapters/progress/terminal/figures.ts';
import { Failure } from '../../domain/failure.ts';
import type { RunFigures } from '../../domain/run-figures.ts';
import { SERVED_CLASSES } from '../../domain/served-by.ts';
import { proportion } from '../../domain/stats.ts';
import { outcomeOf } from '../runs/row.ts';
import { nameOf, shareText } from '../runs/stats.ts';
import { cell, code, markdownTable } from './markdown-table.ts';
import { type NamedSet, SETS_FILE } from './named-sets.ts';

/** A set of requests, every attempt at each in its order, and what they come to by who answered. Throws config_invalid for a run that is not among those given. */
export function setSection({ name, about, requests }: NamedSet, figures: readonly RunFigures[]): string {
  const byRun = new Map(figures.map((one) => [one.run, one]));
  const tried = requests.map(({ id, runs }) => ({
    id,
    attempts: runs.map((run) => {
      const found = byRun.get(run);
      if (found === undefined)
        throw new Failure(
          'config_invalid',
          `${SETS_FILE} names ${run} for ${id}: no whole run of this name is kept (runs/.gitignore says which are)`,
        );
      return found;
    }),
  }));
  const rows = tried.flatMap(({ id, attempts }) =>
    attempts.length === 0
      ? [[cell(id), '', 'not run yet', '', '', '', '', '']]
      : attempts.map((one, i) => [i === 0 ? cell(id) : '', ...attemptCells(one, i + 1)]),
  );
  const classes = SERVED_CLASSES.filter((served) => tried.some(({ attempts }) => attempts[0]?.served === served));
  return [
    `## ${cell(name)}`,
    ...(about === undefined ? [] : [cell(about, 600)]),
    markdownTable(['request', 'attempt #', 'run', 'ended as', 'who answered', 'reworks #', 'tokens #', '$ #'], rows),
    ...classes.map((served) => {
      const of = tried.filter(({ attempts }) => attempts[0]?.served === served);
      const first = proportion(of.filter(({ attempts: [one] }) => one?.outcome === 'pr').length, of.length);
      const clean = proportion(
        of.filter(({ attempts: [one] }) => one?.outcome === 'pr' && one.reworks === 0 && !one.hadHelp).length,
        of.length,
      );
      const atLast = proportion(of.filter(({ attempts }) => attempts.at(-1)?.outcome === 'pr').length, of.length);
      return `${nameOf(served)}: first attempt a PR ${shareText(first)}; without a rework ${shareText(clean)}; a PR in the end ${shareText(atLast)}. 95 % intervals, Wilson.`;
    }),
  ].join('\n\n');
}

function attemptCells(one: RunFigures, attempt: number): string[] {
  return [
    String(attempt),
    `[${one.run}](runs/${one.run}/)`,
    cell(outcomeOf(one), 80),
    one.served === 'live model' ? one.servedBy.map((by) => code(by)).join(', ') : nameOf(one.served).replace(/ \(.*/, ''),
    String(one.reworks),
    one.tokens === null ? '?' : thousands(one.tokens.in + one.tokens.out),
    dollars(one.costUsd),
  ];
}
