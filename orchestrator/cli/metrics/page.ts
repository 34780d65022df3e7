import { dollars, seconds, thousands } from '../../adapters/progress/terminal/figures.ts';
import { LIST_PRICES, LIST_PRICES_FROM } from '../../domain/list-prices.ts';
import { type GroupMeasures, measured, rejections, type StageTokens, stageFailures, tokensByAnswerer } from '../../domain/metrics.ts';
import { figuresOf, type RunFigures } from '../../domain/run-figures.ts';
import { type Proportion, proportion, type Spread } from '../../domain/stats.ts';
import { countedRuns } from '../runs/counted-runs.ts';
import type { RunRecord } from '../runs/read-run.ts';
import { outcomeOf, titleOf } from '../runs/row.ts';
import { nameOf } from '../runs/stats.ts';
import type { KeptRuns } from './kept-runs.ts';
import { cell, code, markdownTable } from './markdown-table.ts';
import type { NamedSet } from './named-sets.ts';
import { setSection } from './set-section.ts';

/** `METRICS.md`: what the kept runs come to. Throws config_invalid where a named set names a run that is not kept. */
export function metricsPage({ runs, folders }: KeptRuns, sets: readonly NamedSet[]): string {
  const { counted, left } = countedRuns(runs);
  const figures = figuresOf(counted);
  const groups = measured(figures);
  return `${[
    HEAD,
    answerers(groups),
    ...(left.length === 0 ? [] : [`Left out: ${left.map(({ name, why }) => `${code(name)} (${cell(why, 300)})`).join(', ')}.`]),
    ...groups.filter(({ pr }) => pr.n > 0).map(groupSection),
    ...sets.map((set) => setSection(set, figures)),
    runsSection(figures, runs),
    failuresSection(figures),
    answererSection(figures),
    ...[...folders].map(([name, records]) => plansSection(name, records)),
    PRICES,
    HOW,
  ].join('\n\n')}\n`;
}

const HEAD = `# Metrics

What the runs that are kept in [runs/](runs/README.md) come to, counted from their \`result.json\` and \`trace.jsonl\`. This page is made by \`make metrics\`; a test fails when it is stale.
The same figures of your own runs: \`factory runs stats\` ([docs/asking.md](docs/asking.md)).

**n is small.** A share of six runs says little, and its interval says how little. Figures are kept apart by who answered: those of a relay (somebody stood in for a model) or of a
replay (a recording answered) say something about the factory, and nothing about any model.`;

function answerers(groups: readonly GroupMeasures[]): string {
  const rows = groups.map(({ served, servedBy, runs, pr, outcomes }) => [
    `${nameOf(served)}${servedBy.length === 0 ? '' : `: ${servedBy.map((one) => code(one)).join(', ')}`}`,
    String(runs.length),
    String(pr.n),
    String(pr.k),
    outcomes.map(({ outcome, runs: n }) => `${n} ${outcome}`).join(', '),
  ]);
  const none = groups.some(({ served }) => served === 'live model')
    ? ''
    : '\n\n**No run that a live model answered is kept: nothing on this page measures one.**';
  return `## Who answered\n\n${markdownTable(['who answered', 'runs #', 'tries #', 'PRs #', 'ended as'], rows)}${none}`;
}

/** The measures of one group, each with its n and its interval. */
function groupSection(group: GroupMeasures): string {
  const { served, servedBy, pr, firstTry, clean, withinBudget, failures, tokensByStage } = group;
  const failed = failures.map((one) => `${one.runs} ${cell(one.stage, 30)} ${code(one.code, 60)}`).join(', ');
  const rows = [
    share('ended in a PR, of all tries', pr),
    share('first try: the first run of a request ended in a PR', firstTry),
    share('clean pass: a PR without a rework and without help', clean),
    share('within budget: no limit ended it', withinBudget),
    share(`failed${failed === '' ? '' : `: ${failed}`}`, proportion(pr.n - pr.k, pr.n)),
    ...(pr.k === 0 ? [] : costRows(group)),
  ];
  return [
    `## ${capital(nameOf(served))}${servedBy.length === 0 ? '' : `: ${servedBy.map((one) => code(one)).join(', ')}`}`,
    markdownTable(['measure', 'value', 'n #', '95 % interval'], rows),
    ...(tokensByStage.length === 0
      ? []
      : [
          `Tokens by stage${served === 'relay' ? ' (estimates: characters / 4)' : ''}, all its runs:`,
          markdownTable(['stage', 'completions #', 'tokens in #', 'tokens out #', 'share of all #'], stageRows(tokensByStage)),
        ]),
  ].join('\n\n');
}

/** What its PRs took. */
function costRows({ served, pr, usdOfPr, usdAPr, tokensOfPr, tokensAPr, msToPr, atListPrices }: GroupMeasures): string[][] {
  const about = served === 'relay' ? ', estimates' : '';
  return [
    middle('dollars of a PR', usdOfPr, dollars),
    ['dollars for each PR, failed tries included', dollars(usdAPr), String(pr.k), ''],
    ...atListPrices.map(({ price, usd }) => middle(`the same at the list price of ${price.model}, an estimate`, usd, dollars)),
    middle(`tokens of a PR, in and out${about}`, tokensOfPr, (n) => thousands(Math.round(n))),
    [`tokens for each PR, failed tries included${about}`, tokensAPr === null ? '?' : thousands(Math.round(tokensAPr)), String(pr.k), ''],
    served === 'live model' ? middle('time to PR', msToPr, seconds) : ['time to PR', `not measured: ${PACE[served]} set the pace`, '', ''],
  ];
}

const PACE: Readonly<Record<Exclude<GroupMeasures['served'], 'live model'>, string>> = {
  relay: 'whoever stood in',
  replay: 'a recording',
  unknown: 'nobody knows who',
  'no model': 'no model',
};

function stageRows(stages: readonly StageTokens[]): string[][] {
  const total = stages.reduce((sum, { tokensIn, tokensOut }) => sum + (tokensIn ?? 0) + (tokensOut ?? 0), 0);
  return stages.map(({ stage, completions, tokensIn, tokensOut }) => [
    cell(stage, 30),
    thousands(completions),
    count(tokensIn),
    count(tokensOut),
    tokensIn === null || tokensOut === null || total === 0 ? '?' : `${((100 * (tokensIn + tokensOut)) / total).toFixed(0)} %`,
  ]);
}

function runsSection(figures: readonly RunFigures[], records: readonly RunRecord[]): string {
  const titles = new Map(records.map((record) => [record.run, titleOf(record)]));
  const rows = figures.map((one) => [
    `[${one.run}](runs/${one.run}/)`,
    cell(titles.get(one.run) ?? '', 90),
    nameOf(one.served).replace(/ \(.*/, ''),
    cell(outcomeOf(one), 80),
    one.firstTry ? 'yes' : '',
    String(one.reworks),
    one.tokens === null ? '?' : thousands(one.tokens.in + one.tokens.out),
    dollars(one.costUsd),
  ]);
  return `## Every run, the losses too\n\n${markdownTable(['run', 'what', 'who answered', 'ended as', 'first try', 'reworks #', 'tokens #', '$ #'], rows)}`;
}

function failuresSection(figures: readonly RunFigures[]): string {
  const rows = stageFailures(figures).map(({ stage, attempts, failed, endedRun, sentBack, codes }) => [
    cell(stage, 30),
    attempts === null ? '' : thousands(attempts),
    thousands(failed),
    thousands(endedRun),
    thousands(sentBack),
    codes.map((one) => `${one.times} ${code(one.code, 60)}`).join(', '),
  ]);
  const rejected = rejections(figures);
  return [
    '## Which stage fails',
    'Whoever answered; the one that failed most often first.',
    markdownTable(['stage', 'attempts #', 'failed #', 'ended the run #', 'sent work back #', 'codes'], rows),
    `REVIEW rejected ${percent(rejected)} of the changes that it judged.`,
  ].join('\n\n');
}

function answererSection(figures: readonly RunFigures[]): string {
  const rows = tokensByAnswerer(figures).map(({ served, servedBy, completions, tokensIn, tokensOut }) => [
    nameOf(served).replace(/ \(.*/, ''),
    code(servedBy),
    thousands(completions),
    count(tokensIn),
    count(tokensOut),
    served === 'live model' || served === 'unknown' ? '' : served === 'relay' ? 'estimates' : 'as recorded',
  ]);
  return `## Tokens by who answered\n\n${markdownTable(['in a run of', 'served by', 'completions #', 'tokens in #', 'tokens out #', 'counted'], rows)}`;
}

/** A kept folder of runs that were stopped after PLAN. */
function plansSection(name: string, records: readonly RunRecord[]): string {
  const figures = figuresOf(countedRuns(records).counted);
  const groups = measured(figures).map(({ served, runs, outcomes, tokensByStage }) => [
    nameOf(served).replace(/ \(.*/, ''),
    String(runs.length),
    outcomes.map(({ outcome, runs: n }) => `${n} ${outcome}`).join(', '),
    tokensByStage
      .map(
        ({ stage, completions, tokensIn, tokensOut }) =>
          `${cell(stage, 30)}: ${thousands(completions)} completions, ${count(tokensIn)} in, ${count(tokensOut)} out`,
      )
      .join('; '),
  ]);
  return `## ${code(`runs/${name}`)}: no tries\n\n${markdownTable(['who answered', 'runs #', 'ended as', 'tokens'], groups)}`;
}

const PRICES = `## List prices

US dollars a million tokens, read from ${LIST_PRICES_FROM.source} on ${LIST_PRICES_FROM.date} (\`orchestrator/domain/list-prices.ts\`). Where nothing was paid, the tokens of each PR are multiplied by them: without
caching, batches, tiers or tax, and as if another model needed as many tokens, which none does. They are yardsticks; only a row whose last column is filled is the price of a model that answered.

${markdownTable(
  ['model', 'sold by', 'in #', 'out #', 'is the one served as'],
  LIST_PRICES.map(({ model, seller, inUsd, outUsd, servedBy }) => [
    model,
    seller,
    `$${inUsd}`,
    `$${outUsd}`,
    servedBy === null ? '' : `\`${servedBy}\``,
  ]),
)}`;

const HOW = `## How it is counted

- **Try**: a run that ended in a PR or failed; a replay is one of the recording alone. Plans, refusals, runs that somebody interrupted, and runs whose work was given to them are none. **First try**: \`first_try\` in \`result.json\`, and no earlier kept run of the same request, whatever its base.
  A replay and a run that went on from another are never one.
- **Within budget**: the run was ended neither by exit code 5 of the failure catalogue nor by \`budget_reworks\`.
- **Who answered** is the least telling of all that answered in a run (replay, then unknown, then relay, then live model): one reply of a relay makes the run a relay's.
- **Intervals**: of shares, Wilson's score interval at 95 %; of medians, the narrowest pair of order statistics that covers the median with at least 95 % whatever the distribution, which
  takes six values (\`-\`: there are fewer). Runs are taken as independent, which they are only in part: they share a target, and several share a request.
- **Estimates**: a relay's token counts (characters / 4), and whatever is computed from them; everything at list prices. A relay's and a replay's times are not shown here at all: a person's or a
  recording's pace is not a model's. A replay's dollars are 0 because nothing was asked.
- **Tokens** are those of completions; what a call took that failed is in the dollars alone.
- **Dollars** are those of \`cost_usd\`, unknown where one reply's price is not known (\`$?\`), never 0 for unknown; a model served on one's own machine costs $0.00 there, electricity apart.`;

function share(what: string, of: Proportion): string[] {
  return [what, `${of.k} of ${of.n}`, String(of.n), intervalOf(of)];
}

function middle(what: string, of: Spread | null, shown: (n: number) => string): string[] {
  if (of === null) return [`${what}, median`, '?', '0', '-'];
  return [
    `${what}, median`,
    shown(of.median),
    String(of.n),
    of.interval === null ? '-' : `${shown(of.interval[0])} to ${shown(of.interval[1])}`,
  ];
}

function intervalOf({ interval }: Proportion): string {
  return interval === null ? '-' : `${(100 * interval[0]).toFixed(0)} to ${(100 * interval[1]).toFixed(0)} %`;
}

function percent(of: Proportion): string {
  return `${of.k} of ${of.n}${of.interval === null ? '' : ` (95 % interval ${intervalOf(of)})`}`;
}

const count = (tokens: number | null) => (tokens === null ? '?' : thousands(tokens));
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
