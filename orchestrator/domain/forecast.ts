import type { ModelStage } from './stage.ts';

/** What a run will take, said before a model is asked. */
export interface Forecast {
  /** Tokens in and out, all completions together. */
  readonly tokens: number;
  /** How many earlier runs this is the median of; 0: none, it was computed from sizes. */
  readonly earlierRuns: number;
  /** US dollars that the run cannot pass; null where a price is not known. */
  readonly mostUsd: number | null;
}

/** What is known before PLAN. Sizes in characters. */
export interface KnownSizes {
  readonly request: number;
  /** The target card, as it stands in a prompt. */
  readonly card: number;
  /** The target's source files, tests apart. */
  readonly source: number;
  /** Each prompt as its file has it. */
  readonly prompts: Readonly<Record<ModelStage, number>>;
  /** Most completions an attempt may take. */
  readonly turns: Readonly<Record<ModelStage, number>>;
}

/** The median of what earlier runs took; null where there is none. An even number of them gives the mean of the two in the middle. */
export function medianTokens(totals: readonly number[]): number | null {
  const sorted = [...totals].sort((a, b) => a - b);
  const above = sorted[Math.floor(sorted.length / 2)];
  const below = sorted[Math.floor((sorted.length - 1) / 2)];
  return above === undefined || below === undefined ? null : Math.round((above + below) / 2);
}

/**
 * What one clean pass through these stages takes, in tokens. Every stage is one conversation, and every turn of it sends all that was said before; a prompt has about
 * four characters a token. What the host puts before a model is known by its size: prompt, request, target card. What models say is not, so the
 * lengths are those of recorded runs. A stage that may look is taken to look once, so it has two turns where the settings leave it two; a look
 * brings a half of the source, and no more than one is allowed to bring. Reworks are not in it: it is what to expect, not what is allowed.
 */
export function computedTokens({ request, card, source, prompts, turns }: KnownSizes, stages: readonly ModelStage[]): number {
  const read = tokensOf(Math.min(source / 2, LOOK_CHARS));
  const first = {
    PLAN: card + request,
    SCOUT: card,
    BUILD: 0,
    TEST: card,
    REVIEW: request,
  };
  const conversations: Record<ModelStage, Conversation> = {
    PLAN: { opening: 0, out: SPEC, looks: 0, read },
    SCOUT: { opening: SPEC, out: BRIEF, looks: 1, read },
    BUILD: { opening: SPEC + BRIEF + read / 2, out: EDITS, looks: 1, read: read / 4 },
    TEST: { opening: 2 * SPEC, out: TESTS, looks: 0, read },
    REVIEW: { opening: SPEC + EDITS + TESTS + read / 2, out: VERDICT, looks: 1, read },
  };
  const each = stages.map((stage) => {
    const { opening, ...rest } = conversations[stage];
    return conversation({ ...rest, opening: opening + tokensOf(prompts[stage] + first[stage]) }, turns[stage]);
  });
  return Math.round(each.reduce((sum, tokens) => sum + tokens, 0));
}

/** About how many tokens a text of this many characters has. */
export function tokensOf(chars: number): number {
  return Math.ceil(chars / CHARS_A_TOKEN);
}

const CHARS_A_TOKEN = 4;
/** Most that one look brings, in characters: what an agent may read at once. */
const LOOK_CHARS = 40_000;
/** Lengths of replies in recorded runs, in tokens: a Spec as JSON, a brief, edits, tests, a verdict; and a wish to look. */
const SPEC = 1_900;
const BRIEF = 1_000;
const EDITS = 700;
const TESTS = 1_500;
const VERDICT = 700;
const WISH = 200;

/** In tokens. `out` is the reply that hands over; each look is a turn of its own before it, and brings `read`. */
interface Conversation {
  readonly opening: number;
  readonly out: number;
  readonly looks: number;
  readonly read: number;
}

function conversation({ opening, out, looks, read }: Conversation, mostTurns: number): number {
  const looked = Math.min(looks, mostTurns - 1);
  let tokens = out;
  for (let turn = 0; turn <= looked; turn++) tokens += opening + turn * (WISH + read) + (turn < looked ? WISH : 0);
  return tokens;
}

/** What one stage may be asked, and what it costs by the million tokens; null for a price that is not known. */
export interface Allowance {
  readonly turns: number;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly price: { readonly inUsd: number; readonly outUsd: number } | null;
}

/**
 * What a run cannot pass, in US dollars: every attempt that the rework budget allows, every turn of it, each with a full context and the longest
 * reply. One price that is not known makes the whole unknown.
 */
export function mostUsd(stages: readonly Allowance[], reworks: number): number | null {
  let usd = 0;
  for (const { turns, contextTokens, maxOutputTokens, price } of stages) {
    if (price === null) return null;
    usd += ((1 + reworks) * turns * (contextTokens * price.inUsd + maxOutputTokens * price.outUsd)) / 1_000_000;
  }
  return usd;
}
