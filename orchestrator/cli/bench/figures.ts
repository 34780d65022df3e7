/** The middle value, and the least and the greatest of them. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (i: number) => sorted[i] ?? Number.NaN;
  const half = Math.floor(sorted.length / 2);
  return { median: sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2, least: at(0), most: at(sorted.length - 1) };
}

/** Milliseconds as `4.2 (4.0–4.9)`, in seconds. */
export function spreadText(values: readonly number[], digits = 1): string {
  const { median, least, most } = spreadOf(values);
  const s = (ms: number) => (ms / 1000).toFixed(digits);
  return values.length < 2 ? s(median) : `${s(median)} (${s(least)}–${s(most)})`;
}
