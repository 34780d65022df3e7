import { isAbsolute, join, relative } from 'node:path';
import type { Command } from 'commander';
import { measured, rejections, stageFailures, tokensByAnswerer, tokensByStage } from '../../domain/metrics.ts';
import { figuresOf } from '../../domain/run-figures.ts';
import { jsonLine, oneLine } from '../../domain/untrusted.ts';
import type { Console, Ending } from '../console.ts';
import { asked, type LogFlags, shownContainer } from '../runs/containers.ts';
import { countedRuns } from '../runs/counted-runs.ts';
import { chosen, type ListFlags, listText } from '../runs/list.ts';
import { containersText, containerText, othersText } from '../runs/logs.ts';
import { type RunRecord, readRun } from '../runs/read-run.ts';
import { rowsOf } from '../runs/row.ts';
import { type Entries, entriesOf, findRun } from '../runs/runs-folder.ts';
import { changeOf, showText } from '../runs/show.ts';
import { statsText } from '../runs/stats.ts';
import { factoryRoot } from '../setup/root.ts';

interface Flags {
  readonly runs?: string;
  readonly json?: boolean;
}

/** `factory runs`: what the folder of runs says, without an engine and without a model. */
export function runsCommand(program: Command, console: Console, ending: Ending): void {
  const runs = program
    .command('runs')
    .description('ask the runs that are kept: which failed, why, what it cost, what a container was allowed');
  const common = (command: Command) =>
    command.option('--runs <folder>', 'where the runs’ folders are').option('--json', 'print one JSON object on stdout');
  const print = (lines: readonly string[]) => console.out(`${lines.join('\n')}\n`);

  common(runs.command('list'))
    .description('all runs, the newest first')
    .option('--failed', 'only those that failed, died or were interrupted, and why')
    .option('--rejected', 'only those that REVIEW rejected, and why')
    .option('--stage <stage>', 'only those in which this stage failed, mended since or not')
    .option('--code <code>', 'only those in which something failed with this code')
    .option('--limit <n>', 'how many (default: 50)')
    .action((flags: Flags & ListFlags) => {
      ending.json = flags.json === true;
      const { records, others } = readAll(flags);
      const rows = rowsOf(records);
      if (ending.json)
        return console.out(`${jsonLine({ runs: chosen(rows, flags).shown, of: chosen(rows, flags).of, skipped: others })}\n`);
      print(listText(rows, flags, console.columns));
      tellBroken(records, others);
    });

  common(runs.command('show <run>'))
    .description('a page about one run: its name, the beginning of it, or `last`')
    .action((wanted: string, flags: Flags) => {
      ending.json = flags.json === true;
      const record = readOne(wanted, flags);
      const [row] = rowsOf([record]);
      if (row === undefined) return;
      const change = changeOf(record);
      const { folder, request, spec, review, result, trace } = record;
      // What counts as a first try depends on all runs; of one alone, result.json's word is what there is.
      const shown = { ...row, first_try: result?.first_try ?? false };
      if (ending.json) console.out(`${jsonLine({ ...shown, folder, request, spec, review, result, trace, change })}\n`);
      else print(showText(record, shown, change, console.columns));
    });

  common(runs.command('logs <run>'))
    .description('the containers of a run; with --stage or --kind, what each was allowed and what it printed')
    .option('--stage <stage>', 'the stage’s own containers')
    .option('--kind <kind>', 'containers of this kind')
    .option('--attempt <n>', 'of this attempt alone')
    .action((wanted: string, flags: Flags & LogFlags) => {
      ending.json = flags.json === true;
      const record = readOne(wanted, flags);
      const { chosen: containers, others } = asked(record, flags);
      const isNarrowed = flags.stage !== undefined || flags.kind !== undefined || flags.attempt !== undefined;
      if (ending.json)
        return console.out(
          `${jsonLine({ run: record.run, containers: containers.map((one) => shownContainer(record.folder, one)), others, problems: record.problems })}\n`,
        );
      if (!isNarrowed) print(containersText(record, console.columns));
      else if (containers.length === 0) print(['the trace tells of no such container']);
      for (const one of isNarrowed ? containers : [])
        print([...containerText(shownContainer(record.folder, one), record, console.columns), '']);
      if (isNarrowed && others.length > 0) print(othersText(others, record.run));
      tellBroken([record], []);
    });

  common(runs.command('stats'))
    .description('over all runs: which stage fails most, what a feature costs, whether REVIEW ever rejects')
    .action((flags: Flags) => {
      ending.json = flags.json === true;
      const { records, others } = readAll(flags);
      const { counted, left } = countedRuns(records);
      const figures = figuresOf(counted);
      const skipped = [...left, ...others];
      if (ending.json)
        return console.out(
          `${jsonLine({
            runs: figures.length,
            groups: measured(figures),
            stages: stageFailures(figures),
            review: rejections(figures),
            tokens_by_stage: tokensByStage(figures),
            tokens_by_answerer: tokensByAnswerer(figures),
            skipped,
          })}\n`,
        );
      print(statsText(figures, console.columns));
      for (const { name, why } of skipped) console.err(`${oneLine(`not counted: ${name}: ${why}`, 600)}\n`);
    });

  /** The folder's state stands beside the result, so that a list in a pipe is nothing but the list. */
  function tellBroken(records: readonly RunRecord[], others: Entries['others']): void {
    for (const { run, problems } of records) for (const problem of problems) console.err(`${oneLine(`broken: ${run}: ${problem}`, 600)}\n`);
    for (const { name, why } of others) console.err(`${oneLine(`no run: ${name}: ${why}`, 600)}\n`);
  }
}

function readAll({ runs }: Flags): { readonly records: readonly RunRecord[]; readonly others: Entries['others'] } {
  const folder = folderOf(runs);
  const entries = entriesOf(folder, runs !== undefined);
  return { records: entries.runs.map((run) => readRun(join(folder, run), run)), others: entries.others };
}

function readOne(wanted: string, { runs }: Flags): RunRecord {
  const folder = folderOf(runs);
  const run = findRun(folder, entriesOf(folder, runs !== undefined), wanted);
  return readRun(join(folder, run), run);
}

/** Relative to where it is asked from where that is shorter to read. */
function folderOf(given: string | undefined): string {
  const folder = given ?? join(factoryRoot(), 'runs');
  const near = relative(process.cwd(), folder);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? folder : near;
}
