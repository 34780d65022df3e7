import { atListPrice, LIST_PRICES, type ListPrice } from './list-prices.ts';
import type { RunFigures } from './run-figures.ts';
import { SERVED_CLASSES, type ServedClass } from './served-by.ts';
import { STAGES } from './stage.ts';
import { type Proportion, proportion, type Spread, spread } from './stats.ts';

/** What runs that the same answered come to. A try is a run that ended in a PR or failed; plans, refusals, and interrupted runs are none. */
export interface GroupMeasures {
  readonly served: ServedClass;
  /** The models of a `live model` group, as the runs name them; those of others are not told apart. */
  readonly servedBy: readonly string[];
  /** Names of all its runs. */
  readonly runs: readonly string[];
  readonly outcomes: readonly { readonly outcome: RunFigures['outcome']; readonly runs: number }[];
  /** PRs of all tries, of first tries, without a rework and without help, and tries that no limit ended. */
  readonly pr: Proportion;
  readonly firstTry: Proportion;
  readonly clean: Proportion;
  readonly withinBudget: Proportion;
  readonly failures: readonly { readonly stage: string; readonly code: string; readonly runs: number }[];
  /** Of the runs that ended in a PR; null where there is none, or a figure of one is not known. */
  readonly usdOfPr: Spread | null;
  readonly tokensOfPr: Spread | null;
  /** null also where the times are not those of a model. */
  readonly msToPr: Spread | null;
  /** All dollars of all tries for each PR, failed tries included; null where one is not known or there is no PR. */
  readonly usdAPr: number | null;
  readonly tokensAPr: number | null;
  /** What the tokens of a PR would cost at list prices, the median; only where nothing was paid. An estimate. */
  readonly atListPrices: readonly { readonly price: ListPrice; readonly usd: Spread }[];
  readonly tokensByStage: readonly StageTokens[];
}

export interface StageTokens {
  readonly stage: string;
  readonly completions: number;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}

/** The measures of runs by who answered: every group of `live model` is of the same models, and no other class is in it. */
export function measured(figures: readonly RunFigures[]): GroupMeasures[] {
  const groups = new Map<string, RunFigures[]>();
  for (const one of figures) {
    const key = JSON.stringify([one.served, one.served === 'live model' ? one.servedBy : []]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const place = ({ served, servedBy }: GroupMeasures) => `${SERVED_CLASSES.indexOf(served)} ${servedBy.join(' ')}`;
  return [...groups.values()].map(groupOf).sort((a, b) => place(a).localeCompare(place(b)));
}

function groupOf(runs: readonly RunFigures[]): GroupMeasures {
  const [{ served, servedBy }] = runs as [RunFigures];
  const tries = runs.filter(({ isTry }) => isTry);
  const prs = tries.filter(({ outcome }) => outcome === 'pr');
  const first = tries.filter(({ firstTry }) => firstTry);
  const isFree = prs.every(({ costUsd }) => costUsd === 0);
  const prices = LIST_PRICES.filter((price) => price.servedBy === null || (served === 'live model' && servedBy.includes(price.servedBy)));
  return {
    served,
    servedBy: served === 'live model' ? servedBy : [],
    runs: runs.map(({ run }) => run),
    outcomes: counted(runs.map(({ outcome }) => outcome)).map(([outcome, n]) => ({ outcome, runs: n })),
    pr: proportion(prs.length, tries.length),
    firstTry: proportion(first.filter(({ outcome }) => outcome === 'pr').length, first.length),
    clean: proportion(prs.filter(({ reworks, hadHelp }) => reworks === 0 && !hadHelp).length, tries.length),
    withinBudget: proportion(tries.filter(({ withinBudget }) => withinBudget).length, tries.length),
    failures: failuresOf(tries),
    usdOfPr: spreadOf(prs.map(({ costUsd }) => costUsd)),
    tokensOfPr: spreadOf(prs.map(totalOf)),
    msToPr: served === 'live model' ? spreadOf(prs.map(({ msToPr }) => msToPr)) : null,
    usdAPr: share(
      tries.map(({ costUsd }) => costUsd),
      prs.length,
    ),
    tokensAPr: share(tries.map(totalOf), prs.length),
    atListPrices: isFree
      ? prices.flatMap((price) => {
          const usd = spreadOf(prs.map(({ tokens }) => (tokens === null ? null : atListPrice(price, tokens))));
          return usd === null ? [] : [{ price, usd }];
        })
      : [],
    tokensByStage: tokensByStage(runs),
  };
}

/** Completions and tokens by stage, in the order of the line. */
export function tokensByStage(runs: readonly RunFigures[]): StageTokens[] {
  return byStage(added(runs.flatMap(({ usage }) => usage.map((one) => ({ ...one, key: one.stage }))))).map(({ key, ...rest }) => ({
    stage: key,
    ...rest,
  }));
}

/** The same by who answered, under the class of the run it was in: what a model said in a run that others answered too is not shown as that model's. */
export function tokensByAnswerer(runs: readonly RunFigures[]): (Omit<StageTokens, 'stage'> & { served: ServedClass; servedBy: string })[] {
  const all = runs.flatMap(({ served, usage }) => usage.map((one) => ({ ...one, key: JSON.stringify([served, one.servedBy]) })));
  return added(all)
    .map(({ key, ...rest }) => {
      const [served, servedBy] = JSON.parse(key) as [ServedClass, string];
      return { served, servedBy, ...rest };
    })
    .sort((a, b) => SERVED_CLASSES.indexOf(a.served) - SERVED_CLASSES.indexOf(b.served) || a.servedBy.localeCompare(b.servedBy));
}

/** How often a stage was tried and failed, ended a run, and sent work back; the one that failed most often first. */
export interface StageFailures {
  readonly stage: string;
  /** null for what has no attempts of its own, such as the baseline. */
  readonly attempts: number | null;
  readonly failed: number;
  readonly endedRun: number;
  readonly sentBack: number;
  readonly codes: readonly { readonly code: string; readonly times: number }[];
}

export function stageFailures(runs: readonly RunFigures[]): StageFailures[] {
  const names = new Set(
    runs.flatMap(({ stages, stage, reworksFrom }) => [
      ...stages.map((one) => one.stage),
      ...reworksFrom.map((one) => one.stage),
      ...(stage === null ? [] : [stage]),
    ]),
  );
  return inOrder([...names], (name) => name)
    .map((name) => {
      const of = runs.flatMap(({ stages }) => stages.filter(({ stage }) => stage === name));
      const ended = runs.filter(({ stage, outcome }) => stage === name && outcome !== 'refused');
      // A stage that broke without an attempt of its own is known by how its run ended alone.
      const unseen = ended.filter(({ stages }) => !stages.some(({ stage, failed }) => stage === name && failed > 0));
      const codes = [...of.flatMap((one) => one.codes), ...unseen.map(({ code }) => code ?? '?')];
      return {
        stage: name,
        attempts: of.length === 0 ? null : of.reduce((sum, { attempts }) => sum + attempts, 0),
        failed: codes.length,
        endedRun: ended.length,
        sentBack: runs.flatMap(({ reworksFrom }) => reworksFrom).filter(({ stage }) => stage === name).length,
        codes: counted(codes).map(([code, times]) => ({ code, times })),
      };
    })
    .sort((a, b) => b.failed - a.failed);
}

/** Of the runs that REVIEW judged, those that it rejected. */
export function rejections(runs: readonly RunFigures[]): Proportion {
  const judged = runs.filter(({ review }) => review !== null);
  return proportion(judged.filter(({ review }) => review === 'rejected').length, judged.length);
}

function failuresOf(tries: readonly RunFigures[]): GroupMeasures['failures'] {
  const failed = tries.filter(({ outcome }) => outcome === 'failed');
  return counted(failed.map(({ stage, code }) => JSON.stringify([stage ?? '?', code ?? '?']))).map(([key, runs]) => {
    const [stage, code] = JSON.parse(key) as [string, string];
    return { stage, code, runs };
  });
}

interface Added {
  readonly key: string;
  readonly completions: number;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
}

function added(all: readonly Added[]): Added[] {
  const sums = new Map<string, Added>();
  for (const { key, completions, tokensIn, tokensOut } of all) {
    const before = sums.get(key) ?? { key, completions: 0, tokensIn: 0, tokensOut: 0 };
    sums.set(key, {
      key,
      completions: before.completions + completions,
      tokensIn: plus(before.tokensIn, tokensIn),
      tokensOut: plus(before.tokensOut, tokensOut),
    });
  }
  return [...sums.values()];
}

function byStage(sums: readonly Added[]): Added[] {
  return inOrder(sums, ({ key }) => key);
}

/** In the order of the line; what is no stage of it comes first, as it does in a run. */
function inOrder<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const place = (item: T) => (STAGES as readonly string[]).indexOf(nameOf(item));
  return items.toSorted((a, b) => place(a) - place(b) || nameOf(a).localeCompare(nameOf(b)));
}

/** How often each stands in a list, the most frequent first. */
function counted<T extends string>(items: readonly T[]): [item: T, times: number][] {
  const times = new Map<T, number>();
  for (const item of items) times.set(item, (times.get(item) ?? 0) + 1);
  return [...times].sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
}

function spreadOf(numbers: readonly (number | null)[]): Spread | null {
  return numbers.includes(null) ? null : spread(numbers.filter((number) => number !== null));
}

function share(numbers: readonly (number | null)[], among: number): number | null {
  if (among === 0 || numbers.includes(null)) return null;
  return numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0) / among;
}

const totalOf = ({ tokens }: RunFigures) => (tokens === null ? null : tokens.in + tokens.out);
const plus = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);
