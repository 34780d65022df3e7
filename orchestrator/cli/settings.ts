import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { budgetsSchema } from '../domain/budget.ts';
import { Failure } from '../domain/failure.ts';
import { modelPriceSchema } from '../domain/prices.ts';
import { profileSchema } from '../domain/profiles.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import { TRIES } from '../pipeline/asking.ts';
import { BUILD_CHECKS, REWORK_BUDGET } from '../pipeline/line.ts';

const modelName = z.string().regex(/^[^\s=,\p{C}]{1,200}$/u, 'is no name of a model: 1 to 200 characters without white space, "=" or ","');
/** Names in the order in which they are asked: one, a list, or one text with commas. */
const chain = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',') : value),
  z
    .array(modelName)
    .min(1)
    .max(8)
    .refine((names) => new Set(names).size === names.length, 'names a model twice'),
);

/** `factory.yaml` of the operator; never read from a target. A flag wins over FACTORY_*, that over the file, that over the default. */
const settingsSchema = z.strictObject({
  /** Models by stage, in the order in which they are asked. */
  models: z.partialRecord(z.enum(MODEL_STAGES), chain).default({}),
  /** True: REVIEW may be asked of the model that BUILD is asked of. */
  same_reviewer: z.boolean().default(false),
  /** How often one model is asked for one answer, where asking again may help. */
  tries: z.int().min(1).max(10).default(TRIES),
  /** What a run, and each stage of it, may use. */
  budgets: budgetsSchema.default({ run: {}, stage: {} }),
  /** What is known of models by their names. */
  profiles: z.array(profileSchema).max(100).default([]),
  ollama_host: z.string().max(300).optional(),
  /** The image of the server that --pull starts. Without a tag it is the latest: an engine would pull every one. */
  ollama_image: z
    .string()
    .regex(/^[a-z0-9][\w.:@/-]{0,250}$/i, 'is no name of an image')
    .transform((name) => (/[:@][^/]*$/.test(name) ? name : `${name}:latest`))
    .default('ollama/ollama:latest'),
  /** For the image and all models that --pull fetches, together. */
  pull_timeout_s: z.int().min(1).max(86_400).default(7_200),
  /** Where `openai:` models are asked, `/v1` included: OpenAI, or any server that speaks its protocol. */
  openai_base_url: z.string().max(300).optional(),
  /** Prices by `anthropic:MODEL` or `openai:MODEL`, over those that come with the factory. */
  prices: z
    .record(z.string().regex(/^(anthropic|openai):\S{1,200}$/, 'is no anthropic:MODEL or openai:MODEL'), modelPriceSchema)
    .default({}),
  /** True: models that cost money may be asked. A key that is found is no leave. */
  allow_paid: z.boolean().default(false),
  reworks: z.int().min(0).max(20).default(REWORK_BUDGET),
  checks: z.int().min(0).max(20).default(BUILD_CHECKS),
  turns: z.int().min(1).max(100).default(16),
  temperature: z.number().min(0).max(2).default(0),
  context_tokens: z.int().min(2_048).max(2_000_000).default(32_768),
  output_tokens: z.int().min(256).max(200_000).default(8_192),
  model_timeout_s: z.int().min(1).max(86_400).default(1_800),
  time_limit_s: z.int().min(1).max(604_800).default(3_600),
  /** Packages that a Spec may ask for: such as come with those of the target's lock, though it does not name them. */
  allowed_dependencies: z.array(z.string().min(1).max(100)).max(50).default([]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** One coder for what has to be right in detail, a smaller and different model for what has to be read. */
export const DEFAULT_MODELS: Readonly<Record<ModelStage, string>> = {
  PLAN: 'qwen2.5-coder:7b',
  SCOUT: 'qwen2.5:3b',
  BUILD: 'qwen2.5-coder:7b',
  TEST: 'qwen2.5-coder:7b',
  REVIEW: 'qwen2.5:3b',
};

/** Where Ollama answers when nobody says otherwise. */
export const DEFAULT_OLLAMA = 'http://127.0.0.1:11434';

/** Flags as the command line gives them: strings, unchecked. */
export interface Flags {
  readonly config?: string | undefined;
  readonly model?: readonly string[] | undefined;
  readonly ollamaHost?: string | undefined;
  readonly reworks?: string | undefined;
  readonly checks?: string | undefined;
  readonly turns?: string | undefined;
  readonly contextTokens?: string | undefined;
  readonly outputTokens?: string | undefined;
  readonly modelTimeout?: string | undefined;
  readonly timeLimit?: string | undefined;
  readonly maxUsd?: string | undefined;
  readonly maxTokens?: string | undefined;
  readonly sameReviewer?: boolean | undefined;
  readonly allowPaid?: boolean | undefined;
}

export interface ReadSettings extends Settings {
  /** Each stage's models in the order in which they are asked, and the first of them. */
  readonly chainOf: Readonly<Record<ModelStage, readonly string[]>>;
  readonly modelOf: Readonly<Record<ModelStage, string>>;
  /** Numbers that a flag or the environment gave, and those that the file gave: the former win over a profile, the latter over a built-in one. */
  readonly given: ReadonlySet<string>;
  readonly inFile: ReadonlySet<string>;
  readonly ollamaHost: string;
  readonly openaiBaseUrl: string;
  readonly anthropicBaseUrl: string;
}

/** What a flag or the environment may give, by key in the file: the flag's name, its value, and the variable. */
const NUMBERS: Readonly<Record<string, readonly [flag: string, of: (flags: Flags) => string | undefined, variable: string]>> = {
  reworks: ['--reworks', (flags) => flags.reworks, 'FACTORY_REWORKS'],
  checks: ['--checks', (flags) => flags.checks, 'FACTORY_CHECKS'],
  turns: ['--turns', (flags) => flags.turns, 'FACTORY_TURNS'],
  context_tokens: ['--context-tokens', (flags) => flags.contextTokens, 'FACTORY_CONTEXT_TOKENS'],
  output_tokens: ['--output-tokens', (flags) => flags.outputTokens, 'FACTORY_OUTPUT_TOKENS'],
  model_timeout_s: ['--model-timeout', (flags) => flags.modelTimeout, 'FACTORY_MODEL_TIMEOUT'],
  time_limit_s: ['--time-limit', (flags) => flags.timeLimit, 'FACTORY_TIME_LIMIT'],
  pull_timeout_s: ['', () => undefined, 'FACTORY_PULL_TIMEOUT'],
  ollama_image: ['', () => undefined, 'FACTORY_OLLAMA_IMAGE'],
  'budgets.run.usd': ['--max-usd', (flags) => flags.maxUsd, 'FACTORY_MAX_USD'],
  'budgets.run.tokens': ['--max-tokens', (flags) => flags.maxTokens, 'FACTORY_MAX_TOKENS'],
};

/** All settings, checked. Throws config_invalid naming the key and where it came from, usage for a `--model` that is no `[STAGE=]NAME`. */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv, workingFolder: string): ReadSettings {
  const path = flags.config ?? `${workingFolder}/factory.yaml`;
  const file = fileSettings(path, flags.config !== undefined);
  const numbers = givenNumbers(flags, env);
  const whole = numbers.reduce((settings, { key, value }) => withAt(settings, key.split('.'), value), file);
  const parsed = settingsSchema.safeParse(whole);
  if (!parsed.success) {
    const sourceOf = (key: string) => numbers.find((number) => number.key === key)?.source ?? path;
    throw new Failure('config_invalid', parsed.error.issues.map((issue) => issueWords(issue, sourceOf)).join('\n'));
  }
  const settings = parsed.data;
  const chainOf = { ...DEFAULT_CHAINS, ...settings.models, ...modelsOfEnvironment(env), ...modelFlags(flags.model ?? []) };
  const given = new Set(numbers.map(({ key }) => key));
  return {
    ...settings,
    same_reviewer: flags.sameReviewer ?? settings.same_reviewer,
    allow_paid: flags.allowPaid ?? settings.allow_paid,
    // The run's clock has two names; the command line's word is the last.
    time_limit_s: given.has('time_limit_s') ? settings.time_limit_s : (settings.budgets.run.seconds ?? settings.time_limit_s),
    chainOf,
    modelOf: byStage((stage) => chainOf[stage][0] ?? DEFAULT_MODELS[stage]),
    given,
    inFile: new Set(Object.keys(file)),
    ollamaHost: withScheme(flags.ollamaHost ?? env.OLLAMA_HOST ?? settings.ollama_host ?? DEFAULT_OLLAMA),
    openaiBaseUrl: baseUrl(env.OPENAI_BASE_URL || settings.openai_base_url || 'https://api.openai.com/v1', 'openai_base_url'),
    anthropicBaseUrl: baseUrl(env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com', 'ANTHROPIC_BASE_URL'),
  };
}

const byStage = <T>(of: (stage: ModelStage) => T): Record<ModelStage, T> => ({
  PLAN: of('PLAN'),
  SCOUT: of('SCOUT'),
  BUILD: of('BUILD'),
  TEST: of('TEST'),
  REVIEW: of('REVIEW'),
});

const DEFAULT_CHAINS = byStage((stage): readonly string[] => [DEFAULT_MODELS[stage]]);

/** The same with a value at a place in it; what stands there and is no mapping is left, for the schema to refuse. */
function withAt(settings: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  if (rest.length === 0) return { ...settings, [key]: value };
  const inner = settings[key] ?? {};
  if (typeof inner !== 'object' || Array.isArray(inner)) return settings;
  return { ...settings, [key]: withAt(inner as Record<string, unknown>, rest, value) };
}

function issueWords(issue: z.core.$ZodIssue, sourceOf: (key: string) => string): string {
  const key = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.');
  return `${key} (from ${sourceOf(key)}): ${issue.message}`;
}

function fileSettings(path: string, asked: boolean): Record<string, unknown> {
  if (!existsSync(path)) {
    if (asked) throw new Failure('config_invalid', `${path} does not exist`);
    return {};
  }
  try {
    const value: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('it is not a mapping');
    return value as Record<string, unknown>;
  } catch (error) {
    throw new Failure('config_invalid', `${path}: ${(error as Error).message}`);
  }
}

/** The numbers that flags and environment give; what is no number stays text, for the schema to refuse. */
function givenNumbers(flags: Flags, env: NodeJS.ProcessEnv): { key: string; value: number | string; source: string }[] {
  return Object.entries(NUMBERS).flatMap(([key, [flag, of, variable]]) => {
    const [text, source] = of(flags) === undefined ? [env[variable], variable] : [of(flags), flag];
    if (text === undefined || text === '') return [];
    return [{ key, value: /^-?[0-9]*\.?[0-9]+(e[0-9]+)?$/i.test(text) ? Number(text) : text, source }];
  });
}

function modelsOfEnvironment(env: NodeJS.ProcessEnv): Partial<Record<ModelStage, readonly string[]>> {
  const named = (variable: string) => (env[variable] ? [namesOf(env[variable], variable, 'config_invalid')] : []);
  const all = named('FACTORY_MODEL');
  return Object.fromEntries(MODEL_STAGES.flatMap((stage) => [...all, ...named(`FACTORY_MODEL_${stage}`)].map((names) => [stage, names])));
}

/** `NAME` for every stage, `STAGE=NAME` for one, each with more names after commas; the later wins, the stage's own before the general one. */
function modelFlags(flags: readonly string[]): Partial<Record<ModelStage, readonly string[]>> {
  const models: Partial<Record<ModelStage, readonly string[]>> = {};
  const own = flags.filter((flag) => flag.includes('='));
  for (const flag of flags.filter((text) => !own.includes(text)))
    for (const stage of MODEL_STAGES) models[stage] = namesOf(flag, `--model ${flag}`, 'usage');
  for (const flag of own) {
    const [stage = '', ...name] = flag.split('=');
    if (!(MODEL_STAGES as readonly string[]).includes(stage))
      throw new Failure('usage', `--model ${flag}: ${JSON.stringify(stage)} is none of ${MODEL_STAGES.join(', ')}`);
    models[stage as ModelStage] = namesOf(name.join('='), `--model ${flag}`, 'usage');
  }
  return models;
}

function namesOf(names: string, source: string, code: 'usage' | 'config_invalid'): readonly string[] {
  const parsed = chain.safeParse(names);
  if (!parsed.success) throw new Failure(code, `${source}: ${JSON.stringify(names)} ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** OLLAMA_HOST may come without a scheme, and 0.0.0.0 is where a server listens, not where it is reached. */
function withScheme(host: string): string {
  const url = /^https?:\/\//.test(host) ? host : `http://${host}`;
  return url.replace('//0.0.0.0', '//127.0.0.1').replace(/\/$/, '');
}

/** Throws config_invalid for what is no address of a server, and for one with a login in it. */
function baseUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Failure('config_invalid', `${source}: ${JSON.stringify(text)} is no http:// or https:// address`);
  if (url.username !== '' || url.password !== '') throw new Failure('config_invalid', `${source}: an address must not have a login in it`);
  return text.replace(/\/+$/, '');
}
