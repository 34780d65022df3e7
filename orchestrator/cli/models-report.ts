import { z } from 'zod';
import { CATALOGUE, Failure } from '../domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import { oneLine } from '../domain/untrusted.ts';
import { chainOf, type ModelSettings } from '../pipeline/asking.ts';
import type { ModelChoice } from '../pipeline/chain.ts';
import { isPaid } from './providers.ts';

const modelSchema = z.strictObject({
  stage: z.enum(MODEL_STAGES),
  provider: z.string(),
  model: z.string(),
  paid: z.boolean(),
  /** null: it was not asked. */
  reached: z.boolean().nullable(),
  /** Why not. */
  code: z.string().nullable(),
  why: z.string().nullable(),
  /** US dollars for a million tokens, at the dearest rate; null: not known. */
  price: z.strictObject({ in_usd: z.number(), out_usd: z.number() }).nullable(),
  /** Tokens: what the model was made for (null: not known), what is asked for, and the longest reply. */
  context_made: z.int().nullable(),
  context_asked: z.int(),
  output_asked: z.int(),
  temperature: z.number(),
});
type ModelLine = z.infer<typeof modelSchema>;

/** What `factory models --json` prints. */
export const modelsReportSchema = z.strictObject({
  allow_paid: z.boolean(),
  prices: z.strictObject({ source: z.string(), date: z.string() }),
  models: z.array(modelSchema),
  exit_code: z.int(),
});
export type ModelsReport = z.infer<typeof modelsReportSchema>;

/**
 * Every model that a stage may ask, in the order in which they are asked: whether it can be, what it costs, what it takes. No token is spent; a model
 * that costs money is not asked at all where that is not allowed. The exit code is that of what would stop a run.
 */
export async function reportModels(
  models: Readonly<Record<ModelStage, ModelSettings>>,
  from: { readonly allowPaid: boolean; readonly prices: ModelsReport['prices'] },
): Promise<ModelsReport> {
  const known = new Map<string, Promise<Looked>>();
  const lines: ModelLine[] = [];
  for (const stage of MODEL_STAGES) {
    for (const choice of chainOf(models[stage])) {
      const name = `${choice.provider.name} ${choice.model}`;
      const looked = known.get(name) ?? lookAt(choice, from.allowPaid);
      known.set(name, looked);
      lines.push(lineOf(stage, choice, await looked));
    }
  }
  const chains = MODEL_STAGES.map((stage) => lines.filter((line) => line.stage === stage));
  // What may not be asked stops a run before anything is.
  const stops =
    lines.find((line) => line.code === 'paid_not_allowed') ?? chains.find((chain) => chain.every(({ reached }) => !reached))?.[0];
  const code = stops?.code;
  return {
    ...{ allow_paid: from.allowPaid, prices: from.prices, models: lines },
    exit_code: code === undefined || code === null ? 0 : CATALOGUE[code as keyof typeof CATALOGUE].exit,
  };
}

interface Looked {
  readonly paid: boolean;
  readonly failure: Failure | null;
  readonly asked: boolean;
  readonly contextMade: number | null;
}

async function lookAt(choice: ModelChoice, allowPaid: boolean): Promise<Looked> {
  const paid = isPaid(choice);
  const none = { paid, contextMade: null };
  if (paid && !allowPaid)
    return { ...none, asked: false, failure: new Failure('paid_not_allowed', 'it costs money, and that is not allowed (--allow-paid)') };
  try {
    await choice.provider.ready([choice.model]);
    return { paid, asked: true, failure: null, contextMade: (await choice.provider.contextTokens?.(choice.model)) ?? null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...none, asked: true, failure: error };
  }
}

function lineOf(stage: ModelStage, choice: ModelChoice, { paid, failure, asked, contextMade }: Looked): ModelLine {
  const { provider, model, contextTokens, maxOutputTokens, temperature } = choice;
  const price = provider.price?.(model) ?? null;
  return {
    ...{ stage, provider: provider.name, model, paid },
    ...{ reached: asked ? failure === null : null, code: failure?.code ?? null, why: failure?.detail ?? null },
    price: price === null ? null : { in_usd: price.inUsd, out_usd: price.outUsd },
    ...{ context_made: contextMade, context_asked: contextTokens, output_asked: maxOutputTokens, temperature },
  };
}

/** The same for a person: a line a model, what is wrong below it. */
export function renderModels({ models, prices, allow_paid }: ModelsReport): string {
  const width = Math.max(...models.map(({ provider, model }) => provider.length + model.length + 1));
  const lines = models.flatMap((line, i) => {
    const { stage, provider, model, reached, why } = line;
    const first = models[i - 1]?.stage === stage ? 'else  ' : stage.padEnd(6);
    const mark = reached === true ? 'ok' : reached === null ? '--' : 'no';
    const told = `${mark} ${first}  ${`${provider}/${model}`.padEnd(width)}  ${priceWords(line).padEnd(24)}  ${contextWords(line)}`;
    return why === null ? [told] : [told, `           ${oneLine(why, 300)}`];
  });
  const paid = `models that cost money: ${allow_paid ? 'allowed' : 'not allowed (--allow-paid)'}`;
  return `${[...lines, `dollars for a million tokens in / out; prices of ${prices.date}, ${prices.source}; ${paid}`].join('\n')}\n`;
}

function priceWords({ price, paid }: ModelLine): string {
  if (price === null) return 'price unknown';
  return paid ? `at most $${price.in_usd} / $${price.out_usd}` : '$0';
}

function contextWords({ context_made, context_asked, output_asked }: ModelLine): string {
  const made = context_made === null ? 'context unknown' : `context ${context_made.toLocaleString('en-US')}`;
  const less = context_made !== null && context_made < context_asked ? ', less than is asked for' : '';
  return `${made}, asked ${context_asked.toLocaleString('en-US')}${less}; reply ${output_asked.toLocaleString('en-US')}`;
}
