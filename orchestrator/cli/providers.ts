import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { anthropicProvider } from '../adapters/provider/anthropic/index.ts';
import { ollamaProvider } from '../adapters/provider/ollama/index.ts';
import { openaiProvider } from '../adapters/provider/openai/index.ts';
import { Failure } from '../domain/failure.ts';
import { type ModelPrice, type PriceList, priceListSchema } from '../domain/prices.ts';
import type { ModelStage } from '../domain/stage.ts';
import type { Provider } from '../ports/provider.ts';
import type { Resolve } from './model-settings.ts';
import { isOwnMachine } from './own-machine.ts';
import type { ReadSettings } from './settings.ts';
import { factoryRoot } from './setup/root.ts';

type Kind = 'ollama' | 'anthropic' | 'openai';

/** `anthropic:MODEL` and `openai:MODEL`; any other name is a model of Ollama. */
export function splitName(name: string): { readonly kind: Kind; readonly model: string } {
  const [, kind, model] = /^(anthropic|openai):(.+)$/s.exec(name) ?? [];
  return kind === undefined || model === undefined ? { kind: 'ollama', model: name } : { kind: kind as Kind, model };
}

/**
 * Who answers for each name: one provider a kind, made when it is first named. Nothing is asked here. A provider that cannot be asked (no key)
 * says so when it is.
 */
export function providersOf(settings: ReadSettings, env: NodeJS.ProcessEnv): Resolve {
  const prices = pricesOf(settings);
  const make: Readonly<Record<Kind, () => Provider>> = {
    ollama: () => ollamaProvider({ host: settings.ollamaHost }),
    anthropic: () => {
      const key = env.ANTHROPIC_API_KEY?.trim() ?? '';
      const provider = (given: string) => anthropicProvider({ baseUrl: settings.anthropicBaseUrl, key: given, prices: prices.anthropic });
      return key === ''
        ? without(provider('none'), keyMissing('ANTHROPIC_API_KEY', env))
        : checked(provider(key), settings.anthropicBaseUrl, key);
    },
    openai: () => {
      const key = env.OPENAI_API_KEY?.trim() || null;
      const [baseUrl, local] = [settings.openaiBaseUrl, isOwnMachine(settings.openaiBaseUrl)];
      const provider = openaiProvider({ baseUrl, key, prices: prices.openai, local });
      return key === null && !local ? without(provider, keyMissing('OPENAI_API_KEY', env)) : checked(provider, baseUrl, key);
    },
  };
  const made = new Map<Kind, Provider>();
  return (name) => {
    const { kind, model } = splitName(name);
    const provider = made.get(kind) ?? make[kind]();
    made.set(kind, provider);
    return { provider, model };
  };
}

/** The same, each provider through something that may answer in its place. */
export function throughEach(resolve: Resolve, through: (live: Provider) => Provider): Resolve {
  const made = new Map<Provider, Provider>();
  return (name) => {
    const { provider, model } = resolve(name);
    const answering = made.get(provider) ?? through(provider);
    made.set(provider, answering);
    return { provider: answering, model };
  };
}

/** Whether asking this model may cost something: only a price that is known to be nothing is free. */
export function isPaid({ provider, model }: ReturnType<Resolve>): boolean {
  const price = provider.price?.(model) ?? null;
  return price === null || price.inUsd > 0 || price.outUsd > 0;
}

/** Throws `paid_not_allowed` where one of these stages could ask a model that costs money and nobody has said that it may. Asks nobody. */
export function assertPaidAllowed(
  resolve: Resolve,
  settings: Pick<ReadSettings, 'allow_paid' | 'chainOf'>,
  stages: readonly ModelStage[],
): void {
  if (settings.allow_paid) return;
  const paid = stages.flatMap((stage) => settings.chainOf[stage].filter((name) => isPaid(resolve(name))).map((name) => ({ stage, name })));
  if (paid.length === 0) return;
  const names = [...new Set(paid.map(({ name }) => name))];
  const each = names.map((name) => `${name} (${paid.flatMap((one) => (one.name === name ? [one.stage] : [])).join(', ')})`);
  throw new Failure('paid_not_allowed', `${each.join('; ')}`);
}

/** The prices that come with the factory, with those of the settings over them. Throws config_invalid. */
export function pricesOf({ prices: own }: Pick<ReadSettings, 'prices'>): PriceList {
  const path = join(factoryRoot(), 'orchestrator/prices.yaml');
  const list = priceListSchema.safeParse(parse(readFileSync(path, 'utf8')));
  if (!list.success) throw new Failure('config_invalid', `${path}: ${z.prettifyError(list.error)}`);
  const of = (kind: Kind): Record<string, ModelPrice> =>
    Object.fromEntries(
      Object.entries(own).flatMap(([name, price]) => (splitName(name).kind === kind ? [[splitName(name).model, price]] : [])),
    );
  const { anthropic, openai, ...from } = list.data;
  return { ...from, anthropic: { ...anthropic, ...of('anthropic') }, openai: { ...openai, ...of('openai') } };
}

function keyMissing(variable: string, env: NodeJS.ProcessEnv): Failure {
  const how = env[variable] === undefined ? 'is not set' : 'is empty';
  return new Failure('model_forbidden', `${variable} ${how}: without a key nothing can be asked there`);
}

/** A key must not travel where anybody on the way can read it. */
function checked(provider: Provider, baseUrl: string, key: string | null): Provider {
  if (key === null || baseUrl.startsWith('https:') || isOwnMachine(baseUrl)) return provider;
  return without(provider, new Failure('config_invalid', `${baseUrl} is not encrypted: a key is not sent there`));
}

/** The same provider, which is never asked. */
function without(provider: Provider, why: Failure): Provider {
  const refuse = () => Promise.reject(new Failure(why.code, why.detail));
  return { ...provider, contextTokens: async () => null, ready: refuse, complete: refuse };
}
