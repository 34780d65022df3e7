import { figuresOf } from '../../domain/run-figures.ts';
import { fenced } from '../../domain/untrusted.ts';
import { asked, shownContainer } from '../runs/containers.ts';
import { countedRuns } from '../runs/counted-runs.ts';
import { type ListFlags, listText } from '../runs/list.ts';
import { containerText, othersText } from '../runs/logs.ts';
import type { RunRecord } from '../runs/read-run.ts';
import { rowsOf } from '../runs/row.ts';
import { changeOf, showText } from '../runs/show.ts';
import { statsText } from '../runs/stats.ts';

/** Columns of the terminal that the page shows. */
const WIDTH = 120;

/** `docs/asking.md`: each question with its command and what that says of the kept runs; `example` is the one that is looked into. `read` finds its files. */
export function askingPage(records: readonly RunRecord[], example: RunRecord, read: (folder: string) => string): string {
  const rows = rowsOf(records);
  const figures = figuresOf(countedRuns(records).counted);
  const list = (flags: ListFlags) => listText(rows, flags, WIDTH);
  const [row] = rowsOf([example]);
  const onDisk = { ...example, folder: read(example.folder) };
  const { chosen, others } = asked(example, { stage: 'BUILD' });
  const logs = [
    ...chosen.flatMap((one) => [...containerText(shownContainer(onDisk.folder, one), example, WIDTH), '']),
    ...othersText(others, example.run),
  ];
  const shown = row === undefined ? [] : showText(example, row, changeOf(onDisk), WIDTH).slice(0, SHOWN_LINES);
  return `${[
    HEAD,
    answered('Which stage fails most? What does a feature cost?', 'factory runs stats', statsText(figures, WIDTH), STATS),
    answered('Did REVIEW ever reject, and why?', 'factory runs list --rejected', list({ rejected: true }), REJECTED),
    answered(
      'What was the BUILD container allowed to do, and what did it print?',
      `factory runs logs ${example.run} --stage BUILD`,
      logs,
      LOGS,
    ),
    answered('What ran, and how did it end?', 'factory runs list', list({}), LIST),
    answered('What failed, and why?', 'factory runs list --failed', list({ failed: true }), FAILED),
    answered('What happened in one run?', `factory runs show ${example.run}`, [...shown, '…'], SHOW),
    OTHER,
  ].join('\n\n')}\n`;
}

/** Lines of the page about one run that are printed here: request, Spec, stages. */
const SHOWN_LINES = 36;

function answered(question: string, command: string, lines: readonly string[], more: string): string {
  return `## ${question}\n\n${fenced([`$ ${command}`, ...lines].join('\n').trimEnd())}\n\n${more}`;
}

const HEAD = `# Asking the runs

\`factory runs list | show RUN | logs RUN | stats\` answer from the folders of [runs/](../runs/README.md) alone: no engine, no model, nothing is written. \`--runs DIR\` asks another folder,
\`--json\` prints one object with the same in it and more. \`RUN\` is a run's name, the beginning of it, or \`last\`. What follows are their answers about the runs that are kept with the
project, 120 columns wide (this page is made by \`make metrics\`, a test fails when it is stale; \`factory\` is \`npx factory\` in this folder).`;

const STATS = `Only runs that ended, and whose folder is whole, are counted; the others are named. Figures are kept apart by who answered: a relay's and a replay's are never those of a model.
What a stage sent back was mended within the run (a rework). With \`--json\` also tokens by who answered. The same over the kept runs, with intervals: [METRICS.md](../METRICS.md).`;

const REJECTED = `With a run that was rejected, its reasons stand below it, by the Spec's ids.`;

const LOGS = `What it was allowed is read from the create request as it was sent to the engine, not from today's policy files; words in capitals would be what is open. Without \`--stage\` or \`--kind\`
every container of the run is listed; \`--attempt N\` picks one attempt. Of what a container printed, at most the first and the last 64 kB are shown, with the place of the rest.`;

const LIST = `Time is to the PR, else to the end. \`--stage S\` and \`--code C\` narrow it to runs in which something failed there or so, mended since or not; \`--limit N\` (50) shows more or fewer.`;

const FAILED = `Runs whose process died, or that somebody interrupted, are among them.`;

const SHOW = `Further down: reworks with their reasons, facts, REVIEW's verdict, the files that changed, the jail, and where everything is.`;

const OTHER = `## Folders that are not whole

A trace whose last line is cut, a result that is missing because the process died, a file that is none of ours, text that would act on a terminal: none of it ends a command. What is
wrong is named on stderr (\`broken: …\`, \`not counted: …\`, \`no run: …\`), what can be read is shown, and a figure that is not known is \`?\`. Everything that others wrote (requests, replies, output of
containers) is shown with control characters and invisible ones written out. A trace is read line by line, whatever its size; links and pipes in a run's folder are not followed.

A run that is not there ends with \`run_unknown\`, a beginning that fits several with \`usage\` and their names: exit code 2 both.`;
