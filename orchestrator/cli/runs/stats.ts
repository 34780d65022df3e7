import { dollars, seconds, thousands } from '../../adapters/progress/terminal/figures.ts';
import { wrapped } from '../../adapters/progress/terminal/wrap.ts';
import { LIST_PRICES_FROM } from '../../domain/list-prices.ts';
import { type GroupMeasures, measured, rejections, type StageFailures, stageFailures, tokensByStage } from '../../domain/metrics.ts';
import type { RunFigures } from '../../domain/run-figures.ts';
import type { Proportion } from '../../domain/stats.ts';
import { oneLine } from '../../domain/untrusted.ts';
import { counted } from '../../gates/words.ts';
import { type Column, cut, table } from './columns.ts';

const FAILS: readonly Column[] = [
  { name: 'stage' },
  { name: 'attempts', right: true },
  { name: 'failed', right: true },
  { name: 'ended the run', right: true },
  { name: 'sent back', right: true },
  { name: 'codes', flexible: { least: 20 } },
];
const TOKENS: readonly Column[] = [
  { name: 'stage' },
  { name: 'completions', right: true },
  { name: 'tokens in', right: true },
  { name: 'out', right: true },
];

/** What is asked of many runs: which stage fails most, what a feature costs, whether REVIEW ever rejects. Lines of at most `width` columns. */
export function statsText(runs: readonly RunFigures[], width: number): string[] {
  if (runs.length === 0) return ['no run has ended yet'];
  const rejected = rejections(runs);
  const fails = stageFailures(runs);
  const refused = runs.filter(({ outcome }) => outcome === 'refused').length;
  return [
    `${counted(runs.length, 'run')} that ended`,
    '',
    'which stage fails most',
    ...indented(laid(FAILS, fails.map(failCells), width - 2)),
    ...(refused === 0 ? [] : [`  ${counted(refused, 'request')} refused by PLAN: no failure`]),
    '',
    'what a feature costs',
    ...measured(runs).flatMap((group) => indented(costLines(group, width - 2))),
    '',
    `REVIEW rejected ${rejected.k} of the ${counted(rejected.n, 'change')} that it judged${rejected.k === 0 ? '' : ': factory runs list --rejected says why'}`,
    '',
    'tokens by stage, all runs (those of relays are estimates)',
    ...indented(
      laid(
        TOKENS,
        tokensByStage(runs).map(({ stage, completions, tokensIn, tokensOut }) => [
          oneLine(stage, 30),
          thousands(completions),
          count(tokensIn),
          count(tokensOut),
        ]),
        width - 2,
      ),
    ),
  ].flatMap((line) => line.split('\n'));
}

function failCells({ stage, attempts, failed, endedRun, sentBack, codes }: StageFailures): string[] {
  const said = codes.map(({ code, times }) => `${times} ${oneLine(code, 60)}`).join(', ');
  return [
    oneLine(stage, 30),
    attempts === null ? '' : thousands(attempts),
    thousands(failed),
    thousands(endedRun),
    thousands(sentBack),
    said,
  ];
}

/** What the runs of one group came to, the figures of money and tokens first. */
function costLines(group: GroupMeasures, width: number): string[] {
  const { served, servedBy, runs, pr, usdOfPr, usdAPr, tokensOfPr, tokensAPr, msToPr, atListPrices } = group;
  const line = (words: string, indent: number) => ' '.repeat(indent) + wrapped(words, { columns: width, indent: indent + 2, most: 6 });
  const name = `${nameOf(served)}${servedBy.length === 0 ? '' : `: ${oneLine(servedBy.join(', '), 200)}`}`;
  const head = line(`${name}: ${counted(runs.length, 'run')}${pr.n === 0 ? '' : `, ${pr.k} of ${pr.n} to a PR`}`, 0);
  if (pr.k === 0) return [head];
  const tokens = (n: number | null) =>
    n === null ? '? tokens' : `${served === 'relay' ? 'about ' : ''}${thousands(Math.round(n))} tokens`;
  const time = msToPr === null ? '; its time is not that of a model' : `, ${seconds(msToPr.median)}`;
  const prices = atListPrices.map(({ price, usd }) => `${dollars(usd.median)} at that of ${price.model}`).join(', ');
  return [
    head,
    line(`a PR, median: ${dollars(usdOfPr?.median ?? null)}, ${tokens(tokensOfPr?.median ?? null)}${time}`, 2),
    line(`for each PR, failed tries included: ${dollars(usdAPr)}, ${tokens(tokensAPr)}`, 2),
    ...(prices === ''
      ? []
      : [
          line(
            `nothing was paid; such a PR at list prices, an estimate (${LIST_PRICES_FROM.source}, ${LIST_PRICES_FROM.date}): ${prices}`,
            2,
          ),
        ]),
    line(`first tries that ended in a PR: ${shareText(group.firstTry)}; without a rework: ${shareText(group.clean)}`, 2),
  ];
}

/** How a class of answerers is named to people. */
export function nameOf(served: RunFigures['served']): string {
  switch (served) {
    case 'live model':
      return 'live model';
    case 'relay':
      return 'relay (a stand-in’s replies)';
    case 'replay':
      return 'replay (a recording’s replies)';
    case 'unknown':
      return 'unknown (nothing says that it was a model)';
    case 'no model':
      return 'no model (none answered)';
  }
}

/** `3 of 4 (30 to 95 %)` */
export function shareText({ k, n, interval }: Proportion): string {
  if (interval === null) return `${k} of ${n}`;
  const [low, high] = interval.map((end) => (100 * end).toFixed(0));
  return `${k} of ${n} (${low} to ${high} %)`;
}

function laid(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  return table(columns, rows, width) ?? rows.map((cells) => cut(cells.join('  '), width));
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`);
const count = (tokens: number | null) => (tokens === null ? '?' : thousands(tokens));
