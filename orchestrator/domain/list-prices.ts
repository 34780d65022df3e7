/** What a million tokens cost in US dollars where a model is sold. */
export interface ListPrice {
  readonly model: string;
  readonly seller: string;
  readonly inUsd: number;
  readonly outUsd: number;
  /** The `served_by` that is this very model, served for free; null for one that is only a yardstick. */
  readonly servedBy: string | null;
}

/** Where the prices were read, and when. They are list prices: without caching, batches, tiers or tax. */
export const LIST_PRICES_FROM = { source: 'genai-prices 0.1.8 of Pydantic', date: '2026-11-24' } as const;

export const LIST_PRICES: readonly ListPrice[] = [
  { model: 'Qwen2.5-Coder-7B', seller: 'HuggingFace (nebius)', inUsd: 0.03, outUsd: 0.09, servedBy: 'ollama/qwen2.5-coder:7b' },
  { model: 'Claude Haiku 4.5', seller: 'Anthropic', inUsd: 1, outUsd: 5, servedBy: null },
  { model: 'Claude Sonnet 4.5', seller: 'Anthropic', inUsd: 3, outUsd: 15, servedBy: null },
  { model: 'Claude Opus 4.5', seller: 'Anthropic', inUsd: 5, outUsd: 25, servedBy: null },
];

/** US dollars for so many tokens at a list price. */
export function atListPrice({ inUsd, outUsd }: ListPrice, tokens: { readonly in: number; readonly out: number }): number {
  return (tokens.in * inUsd + tokens.out * outUsd) / 1_000_000;
}
