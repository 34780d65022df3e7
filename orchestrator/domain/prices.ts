import { z } from 'zod';

const dollars = z.number().min(0).max(100_000);

/** What one model costs, in US dollars for a million tokens; unknown keys are refused. */
const rateSchema = z.strictObject({
  in: dollars,
  out: dollars,
  /** Prompt tokens that the provider took from its cache; without it they cost what others do. */
  cache_read: dollars.optional(),
  /** Prompt tokens that the provider put into its cache; without it they cost what others do. */
  cache_write: dollars.optional(),
});
export const modelPriceSchema = rateSchema.extend({
  /** What the whole call costs instead where its prompt is longer than so many tokens. */
  above: rateSchema.extend({ tokens: z.int().min(1) }).optional(),
});
export type ModelPrice = z.infer<typeof modelPriceSchema>;
type Rate = z.infer<typeof rateSchema>;

/** `policies/prices.yaml`: by provider and model, when and where it was read. */
export const priceListSchema = z.strictObject({
  date: z.iso.date(),
  source: z.string().min(1).max(300),
  anthropic: z.record(z.string(), modelPriceSchema),
  openai: z.record(z.string(), modelPriceSchema),
});
export type PriceList = z.infer<typeof priceListSchema>;

/** What a provider counted for one completion, each token once. */
export interface Counts {
  /** Prompt tokens that neither came from a cache nor went into one. */
  readonly fresh: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly out: number;
}

/** A count as a provider says it; what cannot be one (missing, negative, no whole number, beyond all reason) is not known. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 1_000_000_000 ? value : null;
}

/** All tokens of a prompt, however they were read. */
export function promptTokens({ fresh, cacheRead, cacheWrite }: Pick<Counts, 'fresh' | 'cacheRead' | 'cacheWrite'>): number {
  return fresh + cacheRead + cacheWrite;
}

/** The price under a model's own name, or under that name without the date of its edition (`-20250929`, `-2025-08-07`, `-latest`); null: not known. */
export function findPrice(prices: Readonly<Record<string, ModelPrice>>, model: string): ModelPrice | null {
  const edition = model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '');
  for (const name of [model, edition]) if (Object.hasOwn(prices, name)) return prices[name] ?? null;
  return null;
}

/** US dollars for one completion, by the provider's own counts; null where the price or a count is not known, unless the price is nothing. */
export function costUsd(price: ModelPrice | null, counts: Counts | null): number | null {
  if (price === null) return null;
  const { inUsd, outUsd } = atMost(price);
  if (inUsd === 0 && outUsd === 0) return 0;
  if (counts === null) return null;
  const rate = price.above !== undefined && promptTokens(counts) > price.above.tokens ? price.above : price;
  const { fresh, cacheRead, cacheWrite, out } = counts;
  return (
    (fresh * rate.in + cacheRead * (rate.cache_read ?? rate.in) + cacheWrite * (rate.cache_write ?? rate.in) + out * rate.out) / 1_000_000
  );
}

/** The most that a token of the prompt and one of the reply can cost, in US dollars for a million: what has to be reserved for a call. */
export function atMost(price: ModelPrice): { readonly inUsd: number; readonly outUsd: number } {
  const rates: readonly Rate[] = price.above === undefined ? [price] : [price, price.above];
  return {
    inUsd: Math.max(...rates.flatMap((rate) => [rate.in, rate.cache_read ?? 0, rate.cache_write ?? 0])),
    outUsd: Math.max(...rates.map(({ out }) => out)),
  };
}
