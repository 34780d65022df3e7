import { CATALOGUE, type CatalogueEntry } from '../../domain/failure.ts';

type Exit = CatalogueEntry['exit'];

/** What an exit code says, in the order a person meets them. */
const EXITS: readonly (readonly [Exit, string])[] = [
  [2, 'The request, the command line or the configuration. Nothing was built; nothing has to be undone.'],
  [3, 'The machine: engine, model server, disk, git. `factory doctor` looks at all of them at once.'],
  [4, 'Somebody has to be let in.'],
  [5, 'A limit. What was made so far is in the run’s folder.'],
  [1, 'A gate or REVIEW said no. There is no branch; `change.patch` in the run’s folder, marked UNPROVEN, is what there was.'],
  [6, 'The change is proven, its publication failed.'],
  [130, 'Somebody ended it.'],
  [143, 'Somebody ended it.'],
  [70, 'The factory’s own fault.'],
];

/** `docs/troubleshooting.md`: every code of the failure catalogue with its advice, grouped by exit code. */
export function troubleshooting(): string {
  const all = Object.entries(CATALOGUE) as [string, CatalogueEntry][];
  const sections = EXITS.flatMap(([exit, says]) => {
    const rows = all.filter(([, entry]) => entry.exit === exit);
    return rows.length === 0 ? [] : [section(exit, says, rows)];
  });
  return `${[HEAD, ...sections].join('\n\n')}\n`;
}

const HEAD = `# Troubleshooting, by failure code

Every run that does not end in a pull request says a code, the stage, a reason and advice, on the terminal and in \`result.json\` of the run's folder. The exit code tells a
script which kind it was. Below is the whole catalogue (\`orchestrator/domain/failure.ts\`; this page is made by \`make docs\`).

Where to look, in this order: the reason on the terminal; \`runs/<run>/result.json\`; \`runs/<run>/trace.jsonl\` (one event a line: \`grep '"eval_ok":false'\`); for every container a folder
in \`runs/<run>/evidence/\` with what it was allowed (\`create.json\`), what it printed (\`container.log\`) and how it ended (\`result.json\`).`;

function section(exit: Exit, says: string, rows: readonly (readonly [string, CatalogueEntry])[]): string {
  const lines = rows.map(([code, { fault, sentence, advice }]) => `| \`${code}\` | ${cell(sentence)} | ${fault} | ${cell(advice)} |`);
  return [`## Exit code ${exit}`, '', says, '', '| code | what happened | whose fault | what to do |', '|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/<(?=[a-z])/g, '&lt;');
}
