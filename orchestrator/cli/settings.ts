import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { Failure } from '../domain/failure.ts';
import { MODEL_STAGES, type ModelStage } from '../domain/stage.ts';
import { BUILD_CHECKS, REWORK_BUDGET } from '../pipeline/line.ts';

const modelName = z.string().regex(/^[^\s=\p{C}]{1,200}$/u, 'is no name of a model: 1 to 200 characters without white space or "="');
const stageNumbers = z.partialRecord(z.enum(MODEL_STAGES), modelName);

/** `factory.yaml` of the operator; never read from a target. A flag wins over FACTORY_*, that over the file, that over the default. */
const settingsSchema = z.strictObject({
  /** Model by stage. */
  models: stageNumbers.default({}),
  ollama_host: z.string().max(300).optional(),
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
}

export interface ReadSettings extends Settings {
  readonly modelOf: Readonly<Record<ModelStage, string>>;
  readonly ollamaHost: string;
}

/** Numbers that a flag or the environment may give, by key: the flag's name, its value, and the variable. */
const NUMBERS: Readonly<Record<string, readonly [flag: string, of: (flags: Flags) => string | undefined, variable: string]>> = {
  reworks: ['--reworks', (flags) => flags.reworks, 'FACTORY_REWORKS'],
  checks: ['--checks', (flags) => flags.checks, 'FACTORY_CHECKS'],
  turns: ['--turns', (flags) => flags.turns, 'FACTORY_TURNS'],
  context_tokens: ['--context-tokens', (flags) => flags.contextTokens, 'FACTORY_CONTEXT_TOKENS'],
  output_tokens: ['--output-tokens', (flags) => flags.outputTokens, 'FACTORY_OUTPUT_TOKENS'],
  model_timeout_s: ['--model-timeout', (flags) => flags.modelTimeout, 'FACTORY_MODEL_TIMEOUT'],
  time_limit_s: ['--time-limit', (flags) => flags.timeLimit, 'FACTORY_TIME_LIMIT'],
};

/** All settings, checked. Throws config_invalid naming the key and where it came from, usage for a `--model` that is no `[STAGE=]NAME`. */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv, workingFolder: string): ReadSettings {
  const path = flags.config ?? `${workingFolder}/factory.yaml`;
  const file = fileSettings(path, flags.config !== undefined);
  const numbers = givenNumbers(flags, env);
  const parsed = settingsSchema.safeParse({ ...file, ...Object.fromEntries(numbers.map(({ key, value }) => [key, value])) });
  if (!parsed.success) {
    const sourceOf = (key: string) => numbers.find((number) => number.key === key)?.source ?? path;
    throw new Failure('config_invalid', parsed.error.issues.map((issue) => issueWords(issue, sourceOf)).join('\n'));
  }
  const settings = parsed.data;
  return {
    ...settings,
    modelOf: { ...DEFAULT_MODELS, ...settings.models, ...modelsOfEnvironment(env), ...modelFlags(flags.model ?? []) },
    ollamaHost: withScheme(flags.ollamaHost ?? env.OLLAMA_HOST ?? settings.ollama_host ?? '127.0.0.1:11434'),
  };
}

function issueWords(issue: z.core.$ZodIssue, sourceOf: (key: string) => string): string {
  const [key = ''] = issue.code === 'unrecognized_keys' ? issue.keys : issue.path;
  return `${[...issue.path, ...(issue.code === 'unrecognized_keys' ? [key] : [])].join('.')} (from ${sourceOf(String(key))}): ${issue.message}`;
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

function modelsOfEnvironment(env: NodeJS.ProcessEnv): Partial<Record<ModelStage, string>> {
  const named = (variable: string) => (env[variable] ? [modelOf(env[variable], variable, 'config_invalid')] : []);
  const all = named('FACTORY_MODEL');
  return Object.fromEntries(MODEL_STAGES.flatMap((stage) => [...all, ...named(`FACTORY_MODEL_${stage}`)].map((name) => [stage, name])));
}

/** `NAME` for every stage, `STAGE=NAME` for one; the later wins, the stage's own before the general one. */
function modelFlags(flags: readonly string[]): Partial<Record<ModelStage, string>> {
  const models: Partial<Record<ModelStage, string>> = {};
  const own = flags.filter((flag) => flag.includes('='));
  for (const flag of flags.filter((text) => !own.includes(text)))
    for (const stage of MODEL_STAGES) models[stage] = modelOf(flag, `--model ${flag}`, 'usage');
  for (const flag of own) {
    const [stage = '', ...name] = flag.split('=');
    if (!(MODEL_STAGES as readonly string[]).includes(stage))
      throw new Failure('usage', `--model ${flag}: ${JSON.stringify(stage)} is none of ${MODEL_STAGES.join(', ')}`);
    models[stage as ModelStage] = modelOf(name.join('='), `--model ${flag}`, 'usage');
  }
  return models;
}

function modelOf(name: string, source: string, code: 'usage' | 'config_invalid'): string {
  const parsed = modelName.safeParse(name);
  if (!parsed.success) throw new Failure(code, `${source}: ${JSON.stringify(name)} ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** OLLAMA_HOST may come without a scheme, and 0.0.0.0 is where a server listens, not where it is reached. */
function withScheme(host: string): string {
  const url = /^https?:\/\//.test(host) ? host : `http://${host}`;
  return url.replace('//0.0.0.0', '//127.0.0.1').replace(/\/$/, '');
}
