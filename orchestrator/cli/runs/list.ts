import { dollars, seconds, thousands } from '../../adapters/progress/terminal/figures.ts';
import { wrapped } from '../../adapters/progress/terminal/wrap.ts';
import { Failure } from '../../domain/failure.ts';
import { oneLine } from '../../domain/untrusted.ts';
import { counted } from '../../gates/words.ts';
import { type Column, cut, table } from './columns.ts';
import { outcomeOf, type RunRow } from './row.ts';

/** Which runs are asked for, as the command line gives it. */
export interface ListFlags {
  readonly failed?: boolean;
  readonly rejected?: boolean;
  readonly stage?: string;
  readonly code?: string;
  readonly limit?: string;
}

const LIMIT = 50;
const MOST = 100_000;

/** Those that are asked for, and how many there are of them without the limit. Throws usage for a limit that is no number of runs. */
export function chosen(rows: readonly RunRow[], flags: ListFlags): { readonly shown: readonly RunRow[]; readonly of: number } {
  const limit = flags.limit === undefined ? LIMIT : Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new Failure('usage', `--limit ${flags.limit}: a number from 1 to ${MOST}`);
  const stage = flags.stage?.toUpperCase();
  const all = rows.filter(
    (row) =>
      (flags.failed !== true || ['failed', 'died', 'interrupted'].includes(row.outcome)) &&
      (flags.rejected !== true || row.rejected.length > 0) &&
      (stage === undefined || row.stage?.toUpperCase() === stage || row.failed_attempts.some((one) => one.stage.toUpperCase() === stage)) &&
      (flags.code === undefined || row.code === flags.code || row.failed_attempts.some((one) => one.code === flags.code)),
  );
  return { shown: all.slice(0, limit), of: all.length };
}

const COLUMNS: readonly Column[] = [
  { name: 'run' },
  { name: 'outcome' },
  { name: 'title', flexible: { least: 16 } },
  { name: 'tokens', right: true },
  { name: '$', right: true },
  { name: 'time', right: true },
  { name: 'served by', flexible: { least: 8 } },
];

/** The list as lines of at most `width` columns; with what went wrong below each where only such runs are asked for. */
export function listText(rows: readonly RunRow[], flags: ListFlags, width: number): string[] {
  const { shown, of } = chosen(rows, flags);
  const why = (row: RunRow) => (flags.rejected === true ? row.rejected : isNarrowed(flags) ? reasonsOf(row, flags) : []);
  const lines = shown.length === 0 ? [] : laidOut(shown, why, width);
  const notes = [...noteLines(shown.length, of, flags, shown), ...(flags.rejected === true ? [reviewLine(rows)] : [])];
  return [...lines, ...notes.map((note) => wrapped(note, { columns: width, indent: 0, most: 3 }))].flatMap((line) => line.split('\n'));
}

function isNarrowed({ failed, stage, code }: ListFlags): boolean {
  return failed === true || stage !== undefined || code !== undefined;
}

function reasonsOf(row: RunRow, { stage, code }: ListFlags): readonly string[] {
  if (row.outcome === 'died') return row.problems;
  if (row.reason !== null) return [row.reason];
  return row.failed_attempts
    .filter((one) => (stage === undefined || one.stage.toUpperCase() === stage.toUpperCase()) && (code === undefined || one.code === code))
    .map((one) => `${one.stage}, mended since: ${one.code ?? '?'}: ${one.detail}`);
}

function laidOut(shown: readonly RunRow[], why: (row: RunRow) => readonly string[], width: number): string[] {
  const cells = shown.map(cellsOf);
  const lines = table(COLUMNS, cells, width);
  const blocks = lines ?? [
    '',
    ...cells.map(([run = '', outcome = '', title = '', ...rest]) =>
      [`${run}  ${outcome}`, `  ${title}`, `  ${rest.join('  ')}`].map((line) => cut(line, width)).join('\n'),
    ),
  ];
  const reasons = shown.map((row) =>
    why(row).map((reason) => `    ${wrapped(oneLine(reason, 600), { columns: width, indent: 4, most: 6 })}`),
  );
  return [blocks[0] ?? '', ...shown.flatMap((_, i) => [blocks[i + 1] ?? '', ...(reasons[i] ?? [])])].filter((line) => line !== '');
}

function cellsOf(row: RunRow): string[] {
  const tokens = row.tokens_in === null || row.tokens_out === null ? null : row.tokens_in + row.tokens_out;
  const about = row.served === 'relay' ? '~' : '';
  return [
    oneLine(row.run, 60),
    oneLine(outcomeOf(row), 60),
    row.title,
    tokens === null ? '?' : `${tokens === 0 ? '' : about}${thousands(tokens)}`,
    dollars(row.cost_usd),
    row.ms === null ? '?' : `${row.served === 'live model' || row.served === 'no model' ? '' : '~'}${seconds(row.ms)}`,
    servedText(row),
  ];
}

function servedText({ served, served_by }: RunRow): string {
  if (served !== 'live model') return served;
  return oneLine([...new Set(served_by)].join(', '), 80);
}

function noteLines(shown: number, of: number, flags: ListFlags, rows: readonly RunRow[]): string[] {
  const none = flags.rejected === true ? [] : [isNarrowed(flags) ? 'no such run' : 'no run yet'];
  return [
    ...(shown === 0 ? none : []),
    ...(shown < of ? [`${shown} of ${of} runs; --limit ${of} shows all`] : []),
    ...(rows.some(({ served }) => served === 'relay')
      ? ['relay: somebody stood in for a model; ~ tokens are estimates, times are theirs']
      : []),
    ...(rows.some(({ served }) => served === 'replay') ? ['replay: a recording answered; ~ times are not those of a model'] : []),
  ];
}

/** What REVIEW did in all runs, so that an empty list of rejections says of how many. */
function reviewLine(rows: readonly RunRow[]): string {
  const rejected = rows.filter((row) => row.rejected.length > 0).length;
  const judged = rows.filter(({ reviewed }) => reviewed).length;
  return `REVIEW rejected ${rejected} of the ${counted(judged, 'change')} that it judged`;
}
