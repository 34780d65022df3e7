/** Figures of few things, each with how far it can be trusted. */

/** `k` of `n`, with the ends of its 95 % interval; null where n is 0. */
export interface Proportion {
  readonly k: number;
  readonly n: number;
  readonly interval: readonly [low: number, high: number] | null;
}

/** The middle of some numbers; `interval` is that of the median, null where there are too few for one. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  readonly interval: readonly [low: number, high: number] | null;
}

const Z = 1.959964;

/** Wilson's score interval, which stays inside 0 and 1 and says something even where all or none of a few succeeded. */
export function proportion(k: number, n: number): Proportion {
  if (n === 0) return { k, n, interval: null };
  const p = k / n;
  const middle = (p + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2))) / (1 + Z ** 2 / n);
  return { k, n, interval: [Math.max(0, middle - half), Math.min(1, middle + half)] };
}

/** null where there is no number. */
export function spread(numbers: readonly number[]): Spread | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const n = sorted.length;
  const [least, most] = [sorted[0], sorted[n - 1]];
  if (least === undefined || most === undefined) return null;
  const median = ((sorted[Math.floor((n - 1) / 2)] ?? least) + (sorted[Math.ceil((n - 1) / 2)] ?? least)) / 2;
  const mean = sorted.reduce((sum, number) => sum + number, 0) / n;
  return { n, median, mean, least, most, interval: medianInterval(sorted) };
}

/**
 * The narrowest pair of the numbers, equally far from both ends, that holds the median with at least 95 %, whatever they are distributed like:
 * the count of numbers below the median is binomial. Fewer than six have none.
 */
function medianInterval(sorted: readonly number[]): readonly [number, number] | null {
  const n = sorted.length;
  let term = 0.5 ** n;
  let tail = term;
  let rank = 0;
  while (tail <= 0.025 && rank < n / 2) {
    rank += 1;
    term = (term * (n - rank + 1)) / rank;
    tail += term;
  }
  const [low, high] = [sorted[rank - 1], sorted[n - rank]];
  return rank === 0 || low === undefined || high === undefined ? null : [low, high];
}
